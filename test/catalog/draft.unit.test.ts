import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { chooseOrganization, planEvent } from '../../functions/catalog/domain/draft.ts';
import { isTimeZone } from '../../functions/shared/kernel/time-zone.ts';
import { eventDraft } from '../../functions/catalog/schemas.ts';
import { DAY, HOUR, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { draftBody } from './drafts.ts';

const NOW = Date.UTC(2027, 0, 15, 12);
const STARTS = NOW + 30 * DAY;
const [standing] = draftBody({}, NOW).ticketTypes;
if (standing === undefined) throw new Error('The sample draft has ticket types');

/** Paths at which the schema finds a fault. */
function faultPaths(body: unknown): readonly string[] {
  const parsed = z.safeParse(eventDraft, body);
  return parsed.success ? [] : [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].toSorted();
}

describe('the body of a new event', () => {
  it('is taken when all is well', () => {
    expect(faultPaths(draftBody({}, NOW))).toEqual([]);
  });

  it('is told every fault at once: those of single fields, those between fields, those in ticket types', () => {
    expect(
      faultPaths({
        ...draftBody({}, NOW),
        title: '',
        timeZone: 'Mars/Olympus',
        endsAt: toTimestamp(STARTS - HOUR),
        ticketTypes: [
          { ...standing, price: { amount: -1, currency: 'EUR' } },
          { ...standing, quantity: 0.5 },
          {
            ...standing,
            name: 'Pit',
            price: { amount: 100, currency: 'USD' },
            saleStartsAt: toTimestamp(STARTS),
            saleEndsAt: toTimestamp(STARTS - 1),
          },
        ],
      }),
    ).toEqual([
      'endsAt',
      'ticketTypes.0.price.amount',
      'ticketTypes.1.name',
      'ticketTypes.1.quantity',
      'ticketTypes.2.price.currency',
      'ticketTypes.2.saleEndsAt',
      'timeZone',
      'title',
    ]);
  });

  it.each([
    ['an unknown field', { ...draftBody({}, NOW), status: 'PUBLISHED' }, ['']],
    [
      'an unknown field of a ticket type',
      { ...draftBody({}, NOW), ticketTypes: [{ ...standing, free: true }] },
      ['ticketTypes.0'],
    ],
    ['no ticket types', draftBody({ ticketTypes: [] }, NOW), ['ticketTypes']],
    ['a date without a zone', draftBody({ startsAt: '2027-02-14T19:00:00' }, NOW), ['startsAt']],
    ['a day that does not exist', draftBody({ startsAt: '2027-02-30T19:00:00Z' }, NOW), ['startsAt']],
    ['a fixed offset as zone', draftBody({ timeZone: '+02:00' }, NOW), ['timeZone']],
    [
      'a quantity of a billion',
      draftBody({ ticketTypes: [{ ...standing, quantity: 1e9 }] }, NOW),
      ['ticketTypes.0.quantity'],
    ],
    [
      'a negative quantity',
      draftBody({ ticketTypes: [{ ...standing, quantity: -1 }] }, NOW),
      ['ticketTypes.0.quantity'],
    ],
    [
      'a fraction of a cent',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 0.1, currency: 'EUR' } }] }, NOW),
      ['ticketTypes.0.price.amount'],
    ],
    [
      'nine digits',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 100_000_000, currency: 'EUR' } }] }, NOW),
      ['ticketTypes.0.price.amount'],
    ],
    [
      'an unknown currency',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 1, currency: 'XXX' } }] }, NOW),
      ['ticketTypes.0.price.currency'],
    ],
    [
      'a currency in lower case',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 1, currency: 'eur' } }] }, NOW),
      ['ticketTypes.0.price.currency'],
    ],
    [
      'dinars that end in 5',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 10_005, currency: 'KWD' } }] }, NOW),
      ['ticketTypes.0.price.amount'],
    ],
    ['a line break in a title', draftBody({ title: 'A\r\nBcc: all@example.com' }, NOW), ['title']],
    ['half a surrogate pair', draftBody({ title: 'A\ud83d' }, NOW), ['title']],
    ['only spaces for a name', draftBody({ ticketTypes: [{ ...standing, name: '   ' }] }, NOW), ['ticketTypes.0.name']],
    ['location and venue', draftBody({ location: 'Quay 7' }, NOW), ['location']],
    [
      'a sale that ends after the event',
      draftBody({ ticketTypes: [{ ...standing, saleEndsAt: toTimestamp(STARTS + 4 * HOUR) }] }, NOW),
      ['ticketTypes.0.saleEndsAt'],
    ],
    [
      'a sale that begins with the event',
      draftBody({ ticketTypes: [{ ...standing, saleStartsAt: toTimestamp(STARTS) }] }, NOW),
      ['ticketTypes.0.saleStartsAt'],
    ],
    [
      'wrong types throughout',
      { title: 1, description: null, category: true, startsAt: 5, timeZone: {}, ticketTypes: 'all' },
      ['category', 'description', 'startsAt', 'ticketTypes', 'timeZone', 'title'],
    ],
  ])('refuses %s', (_case, body, paths) => {
    expect(faultPaths(body)).toEqual(paths);
  });

  it.each([
    [
      'yen, which have no decimals',
      draftBody({ ticketTypes: [{ ...standing, price: { amount: 4_501, currency: 'JPY' } }] }, NOW),
    ],
    ['a free ticket', draftBody({ ticketTypes: [{ ...standing, price: { amount: 0, currency: 'EUR' } }] }, NOW)],
    ['an offset, kept as its instant', draftBody({ startsAt: '2027-02-14T19:00:00+05:30' }, NOW)],
    ['a location by name alone', draftBody({ location: 'Quay 7', venue: undefined }, NOW)],
    ['emoji and right-to-left script', draftBody({ title: '🎺 ليلة الميناء' }, NOW)],
  ])('takes %s', (_case, body) => {
    expect(faultPaths(JSON.parse(JSON.stringify(body)))).toEqual([]);
  });
});

describe('numbers that the table cannot keep', () => {
  it('a hair away from a whole number, or from a hundredth, is that number', () => {
    const body = { ...draftBody(), ageLimit: 5e-324, cancellationPolicy: { windowHours: 5e-324, feePercent: 5e-324 } };
    expect(z.parse(eventDraft, body)).toMatchObject({
      ageLimit: 0,
      cancellationPolicy: { windowHours: 0, feePercent: 0 },
    });
  });
});

describe('time zones', () => {
  it.each(['Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'America/Argentina/Ushuaia', 'UTC'])(
    '%s is one',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );
  it.each(['', 'Berlin', '+02:00', 'GMT+2', '../etc/passwd', 'Europe/Berlin '])('"%s" is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('a draft', () => {
  const context = {
    eventId: '01J00000000000000000000009',
    organizationId: 'org',
    createdBy: 'me',
    requestHash: 'h',
    now: NOW,
  };

  it('keeps the instant in UTC and the zone beside it', () => {
    const planned = planEvent(draftBody({ startsAt: '2027-02-14T19:00:00+01:00' }, NOW), context);
    expect(planned).toMatchObject({
      ok: true,
      value: { startsAt: Date.UTC(2027, 1, 14, 18), timeZone: 'Europe/Berlin', status: 'DRAFT' },
    });
  });

  it('is refused when it lies in the past, to the millisecond', () => {
    const at = (startsAt: number): unknown =>
      planEvent(draftBody({ startsAt: toTimestamp(startsAt), endsAt: undefined }, NOW), context);
    expect(at(NOW)).toMatchObject({ ok: false, error: { code: 'EVENT_IN_PAST' } });
    expect(at(NOW + 1)).toMatchObject({ ok: true });
  });

  it('is refused when a sale would be over already', () => {
    const body = draftBody(
      { ticketTypes: [standing, { ...standing, name: 'Early', saleEndsAt: toTimestamp(NOW) }] },
      NOW,
    );
    expect(planEvent(body, context)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_INPUT', errors: [{ path: 'ticketTypes.1.saleEndsAt' }] },
    });
  });

  it('that lies in the past is told along with its sales that are over', () => {
    const past = { startsAt: toTimestamp(NOW), endsAt: undefined };
    const body = draftBody({ ...past, ticketTypes: [{ ...standing, saleEndsAt: toTimestamp(NOW - 1) }] }, NOW);
    expect(planEvent(body, context)).toMatchObject({
      ok: false,
      error: { code: 'EVENT_IN_PAST', errors: [{ path: 'startsAt' }, { path: 'ticketTypes.0.saleEndsAt' }] },
    });
  });

  it('gives its ticket types the same ids whenever it is planned again', () => {
    const ids = [1, 2]
      .map(() => planEvent(draftBody({}, NOW), context))
      .map((planned) => planned.ok && planned.value.ticketTypes.map(({ ticketTypeId }) => ticketTypeId));
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0] || []).size).toBe(2);
  });
});

describe('the organisation of a new event', () => {
  it.each([
    ['the only one when none is named', ['a'], undefined, { ok: true, value: 'a' }],
    ['the one that is named', ['a', 'b'], 'b', { ok: true, value: 'b' }],
    ['none when it is somebody else’s', ['a'], 'b', { ok: false, error: { code: 'ORGANIZATION_NOT_FOUND' } }],
    [
      'none when the caller has several and names none',
      ['a', 'b'],
      undefined,
      { ok: false, error: { code: 'INVALID_INPUT' } },
    ],
    ['none when the caller organises nothing', [], undefined, { ok: false, error: { code: 'ORGANIZATION_NOT_FOUND' } }],
  ])('is %s', (_case, organized, wanted, expected) => {
    expect(chooseOrganization(organized, wanted)).toMatchObject(expected);
  });
});
