import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import type { EventView } from '../../functions/catalog/views.ts';
import { DAY, HOUR, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import type { TestAnswer } from '../support/http.ts';
import { startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';
import { draftBody } from './drafts.ts';

const STARTS = Date.now() + 30 * DAY;
const at = (distance: number): string => toTimestamp(STARTS + distance);
const EUR = { amount: 1_000, currency: 'EUR' };
const TYPE = { name: 'Standing', price: EUR, quantity: 10 };
const types = (...each: readonly object[]): object => ({ ticketTypes: each.map((as) => ({ ...TYPE, ...as })) });
const many = (count: number, name: (index: number) => string): object =>
  types(...Array.from({ length: count }, (_unused, index) => ({ name: name(index) })));

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const problem = z.object({
  status: z.int(),
  code: z.string(),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});

/** Status, code and the paths of the faults, each once and in order. */
function told({ json }: TestAnswer): readonly [number, string, readonly string[]] {
  const { status, code, errors = [] } = z.parse(problem, json);
  return [status, code, [...new Set(errors.map(({ path }) => path))].toSorted()];
}

/** What is wrong with a draft, at which paths that is told; as a 400 unless said otherwise. */
type Case = readonly [what: string, as: object, paths: readonly string[], status?: 422];

const TIMES: readonly Case[] = [
  ['a zone on another planet', { timeZone: 'Mars/Olympus' }, ['timeZone']],
  ['an offset for a zone', { timeZone: '+02:00' }, ['timeZone']],
  ['a zone in lower case', { timeZone: 'europe/berlin' }, ['timeZone']],
  ['a zone in capitals', { timeZone: 'EUROPE/BERLIN' }, ['timeZone']],
  ['a path for a zone', { timeZone: 'Europe/../../etc/passwd' }, ['timeZone']],
  ['a zone of a thousand letters', { timeZone: 'E'.repeat(1_000) }, ['timeZone']],
  ['an end before the start', { endsAt: at(-HOUR), startsAt: at(0) }, ['endsAt']],
  ['an end at the start', { endsAt: at(0), startsAt: at(0) }, ['endsAt']],
  ['the past', { startsAt: '2020-02-02T20:00:00Z', endsAt: undefined }, ['startsAt'], 422],
  [
    'the past, and a zone on another planet',
    { startsAt: '2020-02-02T20:00:00Z', endsAt: undefined, timeZone: 'Mars/Olympus' },
    ['startsAt', 'timeZone'],
  ],
  [
    'a past start on clocks, without a title',
    { startsAt: undefined, endsAt: undefined, startsAtLocal: '2020-02-02T20:00', title: '' },
    ['startsAt', 'title'],
  ],
  ['the year 1', { startsAt: '0001-01-01T00:00:00Z', endsAt: undefined }, ['startsAt'], 422],
  ['the year 9999', { startsAt: '9999-12-31T23:59:59Z', endsAt: undefined }, ['startsAt']],
  ['an end in the year 9999', { endsAt: '9999-12-31T23:59:59Z' }, ['endsAt']],
  [
    'the year 9999 on clocks',
    { startsAt: undefined, endsAt: undefined, startsAtLocal: '9999-12-31T20:00' },
    ['startsAtLocal'],
  ],
  ['a year of five digits', { startsAt: '+10000-01-01T00:00:00Z' }, ['startsAt']],
  ['a day that there is not', { startsAt: '2090-02-30T20:00:00Z', endsAt: undefined }, ['startsAt']],
  ['a time without an offset', { startsAt: '2090-02-03T20:00:00', endsAt: undefined }, ['startsAt']],
  ['seconds since the epoch', { startsAt: STARTS, endsAt: undefined }, ['startsAt']],
  ['a start told twice', { startsAtLocal: '2090-07-01T20:00', endsAt: undefined }, ['startsAtLocal']],
  ['no start', { startsAt: undefined, endsAt: undefined }, ['startsAt']],
];

const MONEY: readonly Case[] = [
  ['a negative price', types({ price: { ...EUR, amount: -1 } }), ['ticketTypes.0.price.amount']],
  ['a fraction of a cent', types({ price: { ...EUR, amount: 10.5 } }), ['ticketTypes.0.price.amount']],
  ['a price in words', types({ price: { ...EUR, amount: '10.00' } }), ['ticketTypes.0.price.amount']],
  ['more than cards take', types({ price: { ...EUR, amount: 100_000_000 } }), ['ticketTypes.0.price.amount']],
  ['a price beyond all numbers', types({ price: { ...EUR, amount: 1e300 } }), ['ticketTypes.0.price.amount']],
  ['a price without a currency', types({ price: { amount: 1 } }), ['ticketTypes.0.price.currency']],
  ['an unknown currency', types({ price: { ...EUR, currency: 'XTS' } }), ['ticketTypes.0.price.currency']],
  ['a currency by its sign', types({ price: { ...EUR, currency: '€' } }), ['ticketTypes.0.price.currency']],
  ['a currency in lower case', types({ price: { ...EUR, currency: 'eur' } }), ['ticketTypes.0.price.currency']],
  ['half a yen', types({ price: { amount: 0.5, currency: 'JPY' } }), ['ticketTypes.0.price.amount']],
  [
    'fils that cards cannot settle',
    types({ price: { amount: 1_005, currency: 'KWD' } }),
    ['ticketTypes.0.price.amount'],
  ],
  [
    'two currencies',
    types({}, { name: 'Seated', price: { ...EUR, currency: 'USD' } }),
    ['ticketTypes.1.price.currency'],
  ],
  ['a fee below nothing', { cancellationPolicy: { windowHours: 1, feeAmount: -1 } }, ['cancellationPolicy.feeAmount']],
  [
    'a fee of more than all',
    { cancellationPolicy: { windowHours: 1, feePercent: 101 } },
    ['cancellationPolicy.feePercent'],
  ],
];

const TYPES: readonly Case[] = [
  ['no ticket types', types(), ['ticketTypes']],
  ['one type too many', many(21, (index) => `T${index}`), ['ticketTypes']],
  ['thousands of types', many(3_000, (index) => `T${index}`), ['ticketTypes']],
  ['thousands of types of one name', many(3_000, () => 'Standing'), ['ticketTypes']],
  ['two of one name', types({}, {}), ['ticketTypes.1.name']],
  ['two of one name in other letters', types({}, { name: 'ＳＴＡＮＤＩＮＧ ' }), ['ticketTypes.1.name']],
  ['two of one name with other spaces', types({ name: 'Front row' }, { name: 'front  row' }), ['ticketTypes.1.name']],
  ['none to sell', types({ quantity: 0 }), ['ticketTypes.0.quantity']],
  ['fewer than none', types({ quantity: -5 }), ['ticketTypes.0.quantity']],
  ['half a ticket', types({ quantity: 0.5 }), ['ticketTypes.0.quantity']],
  ['a billion tickets', types({ quantity: 1e9 }), ['ticketTypes.0.quantity']],
  ['tickets in words', types({ quantity: 'many' }), ['ticketTypes.0.quantity']],
  ['nobody may buy one', types({ maxPerPerson: 0 }), ['ticketTypes.0.maxPerPerson']],
  [
    'a sale that ends before it starts',
    types({ saleStartsAt: at(-DAY), saleEndsAt: at(-2 * DAY) }),
    ['ticketTypes.0.saleEndsAt'],
  ],
  ['a sale after the event', types({ saleEndsAt: at(30 * DAY) }), ['ticketTypes.0.saleEndsAt']],
  ['a sale that starts with the event', types({ saleStartsAt: at(0) }), ['ticketTypes.0.saleStartsAt']],
  ['a sale in the year 9999', types({ saleStartsAt: '9999-12-31T23:59:59Z' }), ['ticketTypes.0.saleStartsAt']],
  [
    'a sale that is over, of half a ticket',
    types({ saleEndsAt: toTimestamp(Date.now() - HOUR), quantity: 0.5 }),
    ['ticketTypes.0.quantity', 'ticketTypes.0.saleEndsAt'],
  ],
  ['a sale that is over', types({ saleEndsAt: toTimestamp(Date.now() - HOUR) }), ['ticketTypes.0.saleEndsAt']],
  [
    'phases of one offer that overlap',
    types({ saleEndsAt: at(-5 * DAY) }, { saleStartsAt: at(-6 * DAY) }),
    ['ticketTypes.1.saleStartsAt'],
  ],
  ['a capacity that there is not', types({ pool: 'Hall' }), ['ticketTypes.0.pool']],
  [
    'more than the shared capacity',
    { ...types({ pool: 'Hall' }), pools: [{ name: 'Hall', quantity: 5 }] },
    ['ticketTypes.0.quantity'],
  ],
  ['a member that there is not', types({ free: true }), ['ticketTypes.0']],
];

const TEXTS: readonly Case[] = [
  ['a header in a title', { title: 'A\r\nBcc: all@example.com' }, ['title']],
  ['a null character', { title: 'A\u0000B' }, ['title']],
  ['a line that Unicode breaks', { title: 'A\u2028B' }, ['title']],
  ['letters that turn the line around', { title: 'Free\u202Egnp.exe' }, ['title']],
  ['half of a letter', { title: 'A\ud83d' }, ['title']],
  ['a title of nothing to see', { title: '\u200b\u2060\ufe0f' }, ['title']],
  ['spaces for a title', { title: ' \t ' }, ['title']],
  ['a title of 201 letters', { title: 'x'.repeat(201) }, ['title']],
  ['a description of 10,001 letters', { description: 'x'.repeat(10_001) }, ['description']],
  ['a bell in the description', { description: 'ding\u0007' }, ['description']],
  ['21 tags', { tags: Array.from({ length: 21 }, (_unused, index) => `t${index}`) }, ['tags']],
  ['a tag of 41 letters', { tags: ['x'.repeat(41)] }, ['tags.0']],
  ['a category that there is not', { category: 'sorcery' }, ['category']],
  ['half a place', { venue: { name: 'Quay', latitude: 50 } }, ['venue.latitude']],
  ['a place off the globe', { venue: { name: 'Quay', latitude: 91, longitude: 0 } }, ['venue.latitude']],
  ['an age below nothing', { ageLimit: -1 }, ['ageLimit']],
  ['a picture by an address', { imageKey: 'https://evil.example/x.png?y' }, ['imageKey']],
  [
    'wrong kinds of everything',
    { title: 1, description: [], category: {}, timeZone: false, ticketTypes: 'all' },
    ['category', 'description', 'ticketTypes', 'timeZone', 'title'],
  ],
];

describe.each<[string, readonly Case[]]>([
  ['times', TIMES],
  ['money', MONEY],
  ['ticket types', TYPES],
  ['texts', TEXTS],
])('a new event is refused for its %s:', (_what, cases) => {
  it.each(cases.map(([what, as, paths, status]) => ({ what, as, paths, status })))(
    '$what',
    async ({ as, paths, status }) => {
      const before = (await world.db.items()).length;
      const body = { ...draftBody({ startsAt: at(0), endsAt: at(3 * HOUR) }), ...as };
      const answer = await world.send('POST /api/events', { body });
      expect(told(answer)).toEqual([status ?? 400, status === 422 ? 'EVENT_IN_PAST' : 'INVALID_INPUT', paths]);
      expect(answer.text.length, 'a short answer').toBeLessThan(8_000);
      expect((await world.db.items()).length, 'nothing is stored').toBe(before);
    },
  );
});

describe('what is well but unusual is taken:', () => {
  it.each<readonly [string, object, object]>([
    ['yen without decimals', types({ price: { amount: 4_501, currency: 'JPY' } }), {}],
    ['dinars of three decimals', types({ price: { amount: 4_510, currency: 'KWD' } }), {}],
    ['right-to-left script and emoji', { title: 'ليلة الميناء 👩‍👩‍👧 🎺' }, { title: 'ليلة الميناء 👩‍👩‍👧 🎺' }],
    [
      'scripts as the text that they are',
      { title: '<script>alert(1)</script>{{x}}' },
      { title: '<script>alert(1)</script>{{x}}' },
    ],
    ['formulas of tables', { title: '=HYPERLINK("x")' }, { title: '=HYPERLINK("x")' }],
    ['a link of the zone database', { timeZone: 'Asia/Calcutta' }, { timeZone: 'Asia/Calcutta' }],
    ['a zone of its own kind', { timeZone: 'America/Port-au-Prince' }, { timeZone: 'America/Port-au-Prince' }],
    ['twenty types', many(20, (index) => `T${index}`), {}],
  ])('%s', async (_case, as, shown) => {
    const body = { ...draftBody({ startsAt: at(0), endsAt: at(3 * HOUR) }), ...as };
    const answer = await world.send('POST /api/events', { body });
    expect([answer.status, answer.json['event']]).toMatchObject([201, shown]);
  });
});

describe('an event that there is', () => {
  let event: EventView;
  beforeAll(async () => {
    event = await world.published();
  });

  const ofEvent = (): object => ({ params: { eventId: event.id }, headers: { 'if-match': '*' } });
  const ofType = (): object => ({ params: { ticketTypeId: typeOf(event) }, headers: { 'if-match': '*' } });

  it.each<readonly [string, string, () => object, object, readonly string[]]>([
    [
      'the year 9999',
      'POST /api/events/{eventId}/reschedule',
      ofEvent,
      { startsAt: '9999-12-31T23:59:59Z' },
      ['startsAt'],
    ],
    [
      'the year 9999 on clocks',
      'POST /api/events/{eventId}/reschedule',
      ofEvent,
      { startsAtLocal: '9999-12-31T23:59' },
      ['startsAtLocal'],
    ],
    [
      'the year 9999 for a copy',
      'POST /api/events/{eventId}/duplicate',
      ofEvent,
      { startsAt: '9999-12-31T23:59:59Z' },
      ['startsAt'],
    ],
    ['a title of nothing to see', 'PATCH /api/events/{eventId}', ofEvent, { title: '\u200b' }, ['title']],
    ['a category that there is not', 'PATCH /api/events/{eventId}', ofEvent, { category: 'sorcery' }, ['category']],
    [
      'a type by a name that there is',
      'POST /api/events/{eventId}/ticket-types',
      ofEvent,
      { ...TYPE, name: ' SEATED' },
      ['name'],
    ],
    [
      'a negative price',
      'POST /api/events/{eventId}/ticket-types',
      ofEvent,
      { ...TYPE, name: 'X', price: { ...EUR, amount: -1 } },
      ['price.amount'],
    ],
    ['another name that there is', 'PATCH /api/ticket-types/{ticketTypeId}', ofType, { name: 'seated' }, ['name']],
    [
      'a sale in the year 9999',
      'PATCH /api/ticket-types/{ticketTypeId}',
      ofType,
      { saleEndsAt: '9999-12-31T23:59:59Z' },
      ['saleEndsAt'],
    ],
    [
      'half a yen',
      'PATCH /api/ticket-types/{ticketTypeId}',
      ofType,
      { price: { amount: 0.5, currency: 'JPY' } },
      ['price.amount'],
    ],
    [
      'codes that would be guessed',
      'PUT /api/ticket-types/{ticketTypeId}/access-codes',
      ofType,
      { codes: ['12345'] },
      ['codes.0'],
    ],
    ['no reason', 'POST /api/events/{eventId}/cancel', ofEvent, { reason: '\u2060' }, ['reason']],
  ])('is not changed to %s', async (_case, route, of, body, paths) => {
    const answer = await world.send(route, { ...of(), body });
    expect(told(answer)).toEqual([400, 'INVALID_INPUT', paths]);
    expect((await world.rowOf(event.id))['ver']).toBe(event.version);
  });
});
