import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSeries } from '../../functions/catalog/series-routes.ts';
import { eventView, type EventView, type TicketTypeView } from '../../functions/catalog/views.ts';
import { codeOf, startCatalog, type CatalogWorld } from './catalog-world.ts';

const CODE = 'Harbour Club';

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const price = { amount: 1_000, currency: 'EUR' as const };

const withHidden = (): Promise<EventView> =>
  world.published({
    ticketTypes: [
      { name: 'Standing', price, quantity: 20 },
      { name: 'Club', price: { ...price, amount: 400 }, quantity: 20, hidden: true },
      { name: 'Crew', price, quantity: 20, hidden: true },
    ],
  });

function named({ ticketTypes }: EventView, name: string): TicketTypeView {
  const type = ticketTypes.find((each) => each.name === name);
  if (type === undefined) throw new Error(`There is no ${name}`);
  return type;
}

const setCodes = (ticketTypeId: string, codes: readonly string[]): ReturnType<CatalogWorld['send']> =>
  world.send('PUT /api/ticket-types/{ticketTypeId}/access-codes', { params: { ticketTypeId }, body: { codes } });

/** What somebody who is not signed in reads, with a code or without. */
function read(route: string, sent: object, code?: string): ReturnType<CatalogWorld['send']> {
  return world.anonymously(route, { ...sent, ...(code === undefined ? {} : { headers: { 'x-access-code': code } }) });
}

const namesIn = (json: Record<string, unknown>): unknown =>
  (Array.isArray(json['ticketTypes']) ? json['ticketTypes'] : []).map((type: TicketTypeView) => type.name);

describe('a hidden ticket type', () => {
  it('is shown and sold to who sends its code, however written, and does not exist for anybody else', async () => {
    const event = await withHidden();
    const club = named(event, 'Club').id;
    expect((await setCodes(club, [CODE, CODE.toUpperCase(), 'second code'])).json).toMatchObject({
      accessCodeCount: 2,
    });
    const page = { params: { eventId: event.id } };
    const ofType = { params: { ticketTypeId: club } };
    const types = await world.copiesOf(event);
    for (const code of [undefined, 'harbour clubs', '']) {
      const shown = await read('GET /api/events/{eventId}', page, code);
      expect([namesIn(shown.json), shown.json['priceRange']], code).toMatchObject([
        ['Standing'],
        { min: { amount: 1_000 } },
      ]);
      expect(codeOf(await read('GET /api/ticket-types/{ticketTypeId}', ofType, code))).toEqual([
        404,
        'TICKET_TYPE_NOT_FOUND',
      ]);
      expect(await world.hold(club, types, Date.now(), code)).toBe('TICKET_TYPE_NOT_FOUND');
    }
    for (const code of [CODE, ' harbour club ', 'ＨＡＲＢＯＵＲ ＣＬＵＢ', 'second code']) {
      const shown = await read('GET /api/events/{eventId}', page, code);
      expect(namesIn(shown.json), code).toEqual(['Standing', 'Club']);
      expect(shown.headers['cache-control'], 'kept nowhere').toBe('no-store');
      expect((await read('GET /api/ticket-types/{ticketTypeId}', ofType, code)).json['name']).toBe('Club');
      expect(await world.hold(club, types, Date.now(), code)).toMatch(/^01/);
    }
    expect(await world.hold(named(event, 'Crew').id, types, Date.now(), CODE), 'each type has codes of its own').toBe(
      'TICKET_TYPE_NOT_FOUND',
    );
    const types2 = await read('GET /api/tickets/types', { query: { eventId: event.id } }, CODE);
    expect(JSON.stringify(types2.json)).toContain('Club');
  });

  it('keeps no code that anybody could read, on either side', async () => {
    const event = await withHidden();
    await setCodes(named(event, 'Club').id, ['unforgettable-word']);
    const rows = JSON.stringify(await world.db.items(), (_key, value: unknown) =>
      value instanceof Set ? [...value] : value,
    );
    expect(rows).toContain(named(event, 'Club').id);
    expect(rows.toLowerCase()).not.toContain('unforgettable');
    const own = await world.send('GET /api/events/{eventId}', { params: { eventId: event.id } });
    expect(namesIn(own.json), 'organizers see all').toEqual(['Standing', 'Club', 'Crew']);
  });

  it('is closed to a code that was replaced, from the next hold on, and keeps its codes through edits', async () => {
    const event = await withHidden();
    const club = named(event, 'Club').id;
    await setCodes(club, [CODE]);
    const edited = await world.send('PATCH /api/ticket-types/{ticketTypeId}', {
      params: { ticketTypeId: club },
      body: { price: { ...price, amount: 500 } },
      headers: { 'if-match': '*' },
    });
    expect(edited.json).toMatchObject({ accessCodeCount: 1, price: { amount: 500 } });
    expect(await world.hold(club, await world.copiesOf(event), Date.now(), CODE)).toMatch(/^01/);
    await setCodes(club, ['another code']);
    expect(await world.hold(club, await world.copiesOf(event), Date.now(), CODE)).toBe('TICKET_TYPE_NOT_FOUND');
    await setCodes(club, []);
    expect(await world.hold(club, await world.copiesOf(event), Date.now(), 'another code')).toBe(
      'TICKET_TYPE_NOT_FOUND',
    );
  });

  it('alone has codes, of at least six characters', async () => {
    const event = await withHidden();
    expect(codeOf(await setCodes(named(event, 'Standing').id, [CODE]))).toEqual([400, 'INVALID_INPUT']);
    const short = await setCodes(named(event, 'Club').id, ['short', 'also\u0000bad', CODE]);
    expect([short.status, short.text.includes('codes.0'), short.text.includes('codes.1')]).toEqual([400, true, true]);
  });
});

describe('codes of events that are made like another', () => {
  const hiddenIn = (as: object = {}): object => ({ name: 'Club', price, quantity: 20, hidden: true, ...as });
  const opens = async (eventId: string, code: string): Promise<boolean> => {
    const shown = await read('GET /api/events/{eventId}', { params: { eventId } }, code);
    const names = namesIn(shown.json);
    return Array.isArray(names) && names.includes('Club');
  };
  const publish = async (eventId: string): Promise<EventView> => {
    const published = await world.onEvent(eventId, '/publish');
    if (published.status !== 200) throw new Error(published.text);
    return eventView.parse(published.json);
  };

  it('are those of the event that was copied, also of a copy of the copy, until they are replaced', async () => {
    const event = await withHidden();
    await setCodes(named(event, 'Club').id, [CODE]);
    const first = String((await world.onEvent(event.id, '/duplicate')).json['eventId']);
    const second = String((await world.onEvent(first, '/duplicate')).json['eventId']);
    const copies = [await publish(first), await publish(second)];
    for (const copy of copies) {
      expect([await opens(copy.id, CODE), await opens(copy.id, 'another code')]).toEqual([true, false]);
      const club = named(copy, 'Club').id;
      expect(await world.hold(club, await world.copiesOf(copy), Date.now(), CODE)).toMatch(/^01/);
      expect(await world.hold(named(copy, 'Crew').id, await world.copiesOf(copy), Date.now(), CODE)).toBe(
        'TICKET_TYPE_NOT_FOUND',
      );
    }
    const [copy] = copies;
    if (copy === undefined) throw new Error('There is no copy');
    await setCodes(named(copy, 'Club').id, ['another code']);
    expect([await opens(copy.id, CODE), await opens(copy.id, 'another code')]).toEqual([false, true]);
    expect(await opens(second, CODE), 'the others keep theirs').toBe(true);
    expect(await opens(event.id, CODE)).toBe(true);
  });

  it('are set for all dates of a series at once, but for those that are closed or have no such type', async () => {
    const made = await world.send('POST /api/series', {
      body: {
        title: 'Harbour Fridays',
        description: '',
        category: 'concert',
        timeZone: 'Europe/Berlin',
        startsAtLocal: '2090-07-07T20:00',
        rrule: 'FREQ=WEEKLY;COUNT=4',
        ticketTypes: [{ name: 'Standing', price, quantity: 5 }, hiddenIn()],
      },
    });
    const { seriesId, series } = createSeries.responses[201].parse(made.json);
    const [first = '', second = '', third = '', fourth = ''] = series.dates.map(({ eventId }) => eventId);
    await publish(first);
    await publish(second);
    await world.onEvent(second, '/cancel', { reason: 'Flood' });
    const open = await world.send('GET /api/events/{eventId}', { params: { eventId: third } });
    await world.send('PATCH /api/ticket-types/{ticketTypeId}', {
      params: { ticketTypeId: named(eventView.parse(open.json), 'Club').id },
      body: { hidden: false },
      headers: { 'if-match': '*' },
    });
    const set = (body: object): ReturnType<CatalogWorld['send']> =>
      world.send('PUT /api/series/{seriesId}/access-codes', { params: { seriesId }, body });
    const answer = {
      changed: [first, fourth],
      left: [
        { eventId: second, reason: 'CLOSED' },
        { eventId: third, reason: 'NOT_HIDDEN' },
      ],
    };
    for (const _again of [1, 2])
      expect(await set({ ticketType: 'Club', codes: [CODE] })).toMatchObject({ status: 200, json: answer });
    expect([await opens(first, CODE), await opens(first, 'wrong code')]).toEqual([true, false]);
    await publish(fourth);
    expect(await opens(fourth, CODE)).toBe(true);
    const unknown = await set({ ticketType: 'Royal box', codes: [CODE] });
    expect(unknown.json).toMatchObject({
      changed: [],
      left: [{ reason: 'NO_SUCH_TYPE' }, { reason: 'CLOSED' }, {}, {}],
    });
    expect(codeOf(await set({ ticketType: 'Club', codes: ['short'] }))).toEqual([400, 'INVALID_INPUT']);
  });
});
