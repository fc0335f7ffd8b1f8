import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EventDraft } from '../../functions/catalog/schemas.ts';
import { DAY, HOUR, MINUTE, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

const YEAR = new Date().getUTCFullYear() + 1;

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

describe('taking an event back', () => {
  it('makes it a draft of which nothing can be bought, and lets it be published anew', async () => {
    const event = await world.published();
    const types = await world.copiesOf(event);
    const back = await world.onEvent(event.id, '/unpublish');
    expect([back.status, back.json['status'], back.json['publishedAt']]).toEqual([200, 'DRAFT', null]);
    expect(await world.rowOf(event.id)).toMatchObject({ ev: 'catalog.EventUnpublished.v1' });
    expect(await world.rowOf(event.id), 'it is in no list').not.toHaveProperty('gsi1pk');
    expect((await world.copiesOf(event)).size).toBe(0);
    expect(await world.hold(typeOf(event), types), 'who has read it before gets nothing').toBe('SALE_NOT_OPEN');
    expect(codeOf(await world.onEvent(event.id, '/unpublish'))).toEqual([409, 'EVENT_NOT_PUBLISHED']);

    expect((await world.onEvent(event.id, '/publish')).status).toBe(200);
    expect(await world.hold(typeOf(event), await world.copiesOf(event))).toMatch(/^01/);
  });

  it('is refused while a ticket is held, and done once it is given back', async () => {
    const event = await world.published();
    const orderId = await world.hold(typeOf(event), await world.copiesOf(event));
    expect(codeOf(await world.onEvent(event.id, '/unpublish'))).toEqual([409, 'EVENT_HAS_SALES']);
    expect(await world.rowOf(event.id)).toMatchObject({ status: 'PUBLISHED' });
    const other = await world.hold(typeOf(event), await world.copiesOf(event));
    expect(other, 'the refusal stopped nothing').toMatch(/^01/);
    for (const id of [orderId, other]) await world.release(id);
    expect((await world.onEvent(event.id, '/unpublish')).status).toBe(200);
  });

  it('and a hold at the same moment: exactly one of them comes about', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const event = await world.published();
      const types = await world.copiesOf(event);
      const [back, ...holds] = await Promise.all([
        world.onEvent(event.id, '/unpublish'),
        ...Array.from({ length: round % 4 }, () => world.hold(typeOf(event), types)),
      ]);
      const held = holds.filter((outcome) => outcome.startsWith('01')).length;
      outcomes.add(`${back.status} with ${held > 0 ? 'holds' : 'none'}`);
      expect(back.status === 200 ? held : Math.sign(held)).toBe(back.status === 200 ? 0 : 1);
      expect((await world.rowOf(event.id)).status).toBe(back.status === 200 ? 'DRAFT' : 'PUBLISHED');
    }
    expect(outcomes).toContain('200 with none');
    expect([...outcomes].every((outcome) => outcome !== '200 with holds' && outcome !== '409 with none')).toBe(true);
  });
});

describe('moving an event', () => {
  const withWindows = (now: number): Partial<EventDraft> => ({
    ticketTypes: [
      { name: 'Open', price: { amount: 1_000, currency: 'EUR' }, quantity: 20 },
      {
        name: 'Later',
        price: { amount: 1_000, currency: 'EUR' },
        quantity: 20,
        saleStartsAt: toTimestamp(now + 5 * DAY),
        saleEndsAt: toTimestamp(now + 28 * DAY),
      },
    ],
  });

  it('moves its sale windows, in the blocks too, and what tickets tell of it', async () => {
    const event = await world.published(withWindows(Date.now()));
    const former = Date.parse(event.startsAt);
    const startsAt = former + 10 * DAY;
    const moved = await world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(startsAt) });
    expect([moved.status, moved.json]).toMatchObject([
      200,
      {
        startsAt: toTimestamp(startsAt),
        endsAt: toTimestamp(startsAt + 3 * HOUR),
        rescheduledFrom: event.startsAt,
        status: 'PUBLISHED',
      },
    ]);
    expect(await world.rowOf(event.id)).toMatchObject({
      ev: 'catalog.EventRescheduled.v1',
      gsi1sk: `${toTimestamp(startsAt)}#${event.id}`,
    });
    const [open, later] = [...(await world.copiesOf(event)).values()].toSorted((one, other) =>
      other.name.localeCompare(one.name),
    );
    expect(open).toMatchObject({ eventStartsAt: startsAt, closesAt: startsAt, eventEndsAt: startsAt + 3 * HOUR });
    const [, second] = event.ticketTypes;
    expect(later).toMatchObject({
      opensAt: Date.parse(second?.saleStartsAt ?? '') + 10 * DAY,
      closesAt: Date.parse(second?.saleEndsAt ?? '') + 10 * DAY,
    });
    // Between the former start and the new one only a block that knows of the move sells.
    expect(await world.hold(typeOf(event), await world.copiesOf(event), former + HOUR)).toMatch(/^01/);
    expect(await world.hold(typeOf(event), await world.copiesOf(event), startsAt)).toBe('SALE_NOT_OPEN');

    // Who holds tickets may give them back in full for a fortnight; the copies say the same.
    const until = Date.parse(String(moved.json['optOutUntil']));
    expect(Math.abs(until - Date.now() - 14 * DAY)).toBeLessThan(HOUR);
    expect(open).toMatchObject({ optOutUntil: until, optOutHeldBefore: until - 14 * DAY + 10 * MINUTE });

    const again = await world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(startsAt) });
    expect(again.json['version'], 'again, it is as it is').toBe(moved.json['version']);
    const back = await world.onEvent(event.id, '/reschedule', { startsAt: event.startsAt });
    expect(back.json).toMatchObject({ startsAt: event.startsAt, rescheduledFrom: event.startsAt });
  });

  it('opens the window that its organizer says, which no later move shortens but by a start that comes before its end', async () => {
    const event = await world.published();
    const start = Date.parse(event.startsAt);
    const windowAfter = async (body: object): Promise<number> => {
      const moved = await world.onEvent(event.id, '/reschedule', body);
      const until = Date.parse(String(moved.json['optOutUntil']));
      for (const copy of (await world.copiesOf(event)).values()) expect(copy.optOutUntil).toBe(until);
      return until;
    };
    const first = await windowAfter({ startsAt: toTimestamp(start + DAY), optOutDays: 20 });
    expect(Math.abs(first - Date.now() - 20 * DAY)).toBeLessThan(HOUR);
    expect(await windowAfter({ startsAt: toTimestamp(start + 2 * DAY), optOutDays: 1 })).toBe(first);
    expect(await windowAfter({ endsAt: toTimestamp(start + 3 * DAY) }), 'another end').toBe(first);
    // Longer without another time, told once, from the last move on; no shorter.
    const longer = { startsAt: toTimestamp(start + 2 * DAY), optOutDays: 25 };
    const second = await windowAfter(longer);
    expect(Math.abs(second - Date.now() - 25 * DAY)).toBeLessThan(HOUR);
    const { ver } = await world.rowOf(event.id);
    expect(await windowAfter(longer)).toBe(second);
    expect(await windowAfter({ ...longer, optOutDays: 1 })).toBe(second);
    expect((await world.rowOf(event.id)).ver, 'nothing changed').toBe(ver);
    const soon = Date.now() + 2 * DAY;
    expect(await windowAfter({ startsAt: toTimestamp(soon), endsAt: toTimestamp(soon + HOUR) })).toBe(soon);
    for (const optOutDays of [0, 91, 1.5, '7'])
      expect(codeOf(await world.onEvent(event.id, '/reschedule', { startsAt: event.startsAt, optOutDays }))).toEqual([
        400,
        'INVALID_INPUT',
      ]);
  });

  const sold = (saleStartsAt: number | undefined, saleEndsAt: number): EventDraft['ticketTypes'][number] => ({
    name: 'Late',
    price: { amount: 1_000, currency: 'EUR' },
    quantity: 20,
    ...(saleStartsAt === undefined ? {} : { saleStartsAt: toTimestamp(saleStartsAt) }),
    saleEndsAt: toTimestamp(saleEndsAt),
  });

  it('to a sooner end ends its sales by then, and lets it be edited afterwards', async () => {
    const startsAt = Date.now() + 30 * DAY;
    const endsAt = startsAt + 2 * HOUR;
    const event = await world.published({
      startsAt: toTimestamp(startsAt),
      endsAt: toTimestamp(startsAt + 3 * HOUR),
      ticketTypes: [sold(undefined, startsAt + 2.5 * HOUR)],
    });
    const moved = await world.onEvent(event.id, '/reschedule', { endsAt: toTimestamp(endsAt) });
    expect([moved.status, moved.json]).toMatchObject([
      200,
      { endsAt: toTimestamp(endsAt), ticketTypes: [{ saleEndsAt: toTimestamp(endsAt) }] },
    ]);
    expect(moved.json['rescheduledFrom'], 'its start is where it was').toBeNull();
    const types = await world.copiesOf(event);
    expect(await world.hold(typeOf(event), types, endsAt), 'nothing is sold after the end').toBe('SALE_NOT_OPEN');
    expect(await world.hold(typeOf(event), types, endsAt - 1)).toMatch(/^01/);
    const edited = await world.send('PATCH /api/events/{eventId}', {
      params: { eventId: event.id },
      body: { title: 'Shorter' },
      headers: { 'if-match': `"v${String(moved.json['version'])}"` },
    });
    expect(edited.status).toBe(200);
  });

  it('is refused where a sale to come would have no time left, and changes nothing', async () => {
    const now = Date.now();
    const event = await world.published({ ticketTypes: [sold(now + 5 * DAY, now + 28 * DAY)] });
    const soon = await world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(now + HOUR) });
    expect(codeOf(soon)).toEqual([400, 'INVALID_INPUT']);
    expect(soon.json['errors']).toMatchObject([{ path: 'ticketTypes.0.saleEndsAt' }]);
    expect((await world.rowOf(event.id))['ver']).toBe(event.version);
  });

  it('takes local times, and none that clocks skip or show twice', async () => {
    const event = await world.published();
    const summer = { startsAtLocal: `${YEAR}-07-01T20:00`, timeZone: 'Europe/Berlin' };
    const moved = await world.onEvent(event.id, '/reschedule', summer);
    expect(moved.json).toMatchObject({ startsAt: `${YEAR}-07-01T18:00:00.000Z` });
    const lastSunday = (month: number): string => {
      const last = new Date(Date.UTC(YEAR, month, 0));
      last.setUTCDate(last.getUTCDate() - last.getUTCDay());
      return last.toISOString().slice(0, 10);
    };
    for (const local of [`${lastSunday(3)}T02:30`, `${lastSunday(10)}T02:30`]) {
      const refused = await world.onEvent(event.id, '/reschedule', { startsAtLocal: local });
      expect(codeOf(refused), local).toEqual([400, 'INVALID_INPUT']);
      expect(refused.text).toContain('startsAtLocal');
    }
    const meant = { startsAtLocal: `${lastSunday(10)}T02:30`, startsAtOccurrence: 'later' };
    expect((await world.onEvent(event.id, '/reschedule', meant)).json['startsAt']).toBe(
      `${lastSunday(10)}T01:30:00.000Z`,
    );
  });

  it('refuses the past, an end before the start, drafts and what has changed meanwhile', async () => {
    const event = await world.published();
    expect(codeOf(await world.onEvent(event.id, '/reschedule', { startsAt: '2020-01-01T00:00:00Z' }))).toEqual([
      422,
      'EVENT_IN_PAST',
    ]);
    const reversed = { startsAt: '2090-01-02T00:00:00Z', endsAt: '2090-01-01T00:00:00Z' };
    expect(codeOf(await world.onEvent(event.id, '/reschedule', reversed))).toEqual([400, 'INVALID_INPUT']);
    const stale = await world.onEvent(
      event.id,
      '/reschedule',
      { startsAt: '2090-01-01T00:00:00Z' },
      { 'if-match': '"v1"' },
    );
    expect(codeOf(stale)).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await world.rowOf(event.id))['ver']).toBe(event.version);
    const unpublished = await world.draft();
    expect(codeOf(await world.onEvent(unpublished.id, '/reschedule', { startsAt: '2090-01-01T00:00:00Z' }))).toEqual([
      409,
      'EVENT_NOT_PUBLISHED',
    ]);
  });

  it('of two moves at once, leaves the one that the row tells of in every block', async () => {
    const event = await world.published();
    const days = [10, 20, 30];
    await Promise.all(
      days.map((day) =>
        world.onEvent(event.id, '/reschedule', { startsAt: toTimestamp(Date.parse(event.startsAt) + day * DAY) }),
      ),
    );
    const { startsAt } = await world.rowOf(event.id);
    const copies = [...(await world.copiesOf(event)).values()];
    expect(copies.map(({ closesAt }) => closesAt)).toEqual([startsAt, startsAt]);
    const pools = new Set(copies.map(({ poolId }) => poolId));
    const blocks = (await world.db.items()).filter(
      ({ pk, sk }) => sk === 'BLOCK' && pools.has(String(pk).slice(5, 31)),
    );
    expect(blocks.map(({ closesAt }) => closesAt)).toEqual([startsAt, startsAt]);
  });
});
