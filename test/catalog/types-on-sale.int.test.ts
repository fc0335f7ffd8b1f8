import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { tendedAt } from '../../functions/catalog/contract.ts';
import { editTicketType } from '../../functions/catalog/app/change-ticket-types.ts';
import { tendEvents } from '../../functions/catalog/operations.ts';
import { findEvent } from '../../functions/catalog/reads.ts';
import type { EventView, TicketTypeView } from '../../functions/catalog/views.ts';
import { blockKeys } from '../../functions/inventory/keys.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { DAY, HOUR, MINUTE, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { enlist, rememberRun } from '../../functions/shared/table/due-list.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { getItems } from '../../functions/shared/table/read.ts';
import { testClient } from '../support/dynamodb.ts';
import type { TestAnswer } from '../support/http.ts';
import { codeOf, startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

const PRICE = { amount: 1_000, currency: 'EUR' as const };

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

/** Changes a ticket type as it is now, whatever its version. */
const edit = (ticketTypeId: string, body: object): Promise<TestAnswer> =>
  world.send('PATCH /api/ticket-types/{ticketTypeId}', {
    params: { ticketTypeId },
    body,
    headers: { 'if-match': '*' },
  });

function named({ ticketTypes }: EventView, name: string): TicketTypeView {
  const type = ticketTypes.find((each) => each.name === name);
  if (type === undefined) throw new Error(`There is no ${name}`);
  return type;
}

/** The sale windows in all blocks of a type's pool, each told once. */
async function windowsOf(event: EventView, ticketTypeId: string): Promise<readonly object[]> {
  const copy = (await world.copiesOf(event)).get(ticketTypeId);
  const blocks = await getItems(world.db.table, blockKeys(copy?.poolId ?? '', copy?.blocks ?? 0), 'strong');
  const windows = blocks.map(({ pk: _pk, sk: _sk, free: _free, size: _size, ...rest }) => JSON.stringify(rest));
  return [...new Set(windows)].map((window): object => JSON.parse(window));
}

describe('a ticket type on sale', () => {
  it('changes name, description, limit and level at once, for purchases too', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const changed = await edit(id, { name: 'Front', description: 'Two steps\nfrom the stage.', maxPerPerson: 2 });
    expect([changed.status, changed.json]).toMatchObject([
      200,
      { name: 'Front', description: 'Two steps\nfrom the stage.', maxPerPerson: 2 },
    ]);
    expect(await world.rowOf(event.id)).toMatchObject({
      ev: 'catalog.TicketTypeChanged.v1',
      changedType: id,
      changed: ['description', 'maxPerPerson', 'name'],
    });
    expect((await world.copiesOf(event)).get(id)).toMatchObject({ name: 'Front', maxPerPerson: 2 });
    expect((await edit(id, { description: null, maxPerPerson: null })).json).toMatchObject({
      description: null,
      maxPerPerson: null,
    });
    expect((await world.copiesOf(event)).get(id)).not.toHaveProperty('maxPerPerson');
  });

  it('keeps the price of what is held when it gets dearer', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const before = await world.hold(id, await world.copiesOf(event));
    await edit(id, { price: { ...PRICE, amount: 9_900 } });
    const after = await world.hold(id, await world.copiesOf(event));
    expect((await findOrder(world.db.table, before))?.total).toBe(event.ticketTypes[0]?.price.amount);
    expect((await findOrder(world.db.table, after))?.total).toBe(9_900);
  });

  it('is sold at other times from then on, also to who has read it before', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const read = await world.copiesOf(event);
    const opens = Date.now() + 2 * DAY;
    const closes = opens + DAY;
    const window = { saleStartsAt: toTimestamp(opens), saleEndsAt: toTimestamp(closes) };
    const moved = await edit(id, window);
    expect([moved.status, moved.json]).toMatchObject([200, { ...window, status: 'NOT_YET_ON_SALE' }]);
    expect(await windowsOf(event, id)).toEqual([{ opensAt: opens, closesAt: closes }]);
    const types = await world.copiesOf(event);
    for (const [copies, at, outcome] of [
      [read, Date.now(), 'SALE_NOT_OPEN'],
      [types, opens - 1, 'SALE_NOT_OPEN'],
      [types, opens, '01'],
      [types, closes - 1, '01'],
      [types, closes, 'SALE_NOT_OPEN'],
      [read, closes, 'SALE_NOT_OPEN'],
    ] as const)
      expect(await world.hold(id, copies, at), `${at}`).toMatch(new RegExp(`^${outcome}`));
    const back = await edit(id, { saleStartsAt: null, saleEndsAt: null });
    expect(back.json).toMatchObject({ saleStartsAt: null, saleEndsAt: event.startsAt, status: 'ON_SALE' });
    expect(await world.hold(id, await world.copiesOf(event))).toMatch(/^01/);
  });

  it('refuses a window that is inverted, over or beyond the event, and changes nothing', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const at = (distance: number): string => toTimestamp(Date.now() + distance);
    for (const [body, path] of [
      [{ saleStartsAt: at(2 * DAY), saleEndsAt: at(DAY) }, 'saleEndsAt'],
      [{ saleEndsAt: at(-DAY) }, 'saleEndsAt'],
      [{ saleEndsAt: at(90 * DAY) }, 'saleEndsAt'],
      [{ saleStartsAt: at(90 * DAY) }, 'saleStartsAt'],
      [{ saleStartsAt: 'tomorrow' }, 'saleStartsAt'],
    ] as const) {
      const refused = await edit(id, body);
      expect([...codeOf(refused), refused.json['errors']], path).toMatchObject([400, 'INVALID_INPUT', [{ path }]]);
    }
    expect((await world.rowOf(event.id))['ver']).toBe(event.version);
    for (const body of [{ pool: 'Hall' }, { seatCategory: 'Stalls' }])
      expect(codeOf(await edit(id, body))).toEqual([422, 'EVENT_IS_PUBLISHED']);
  });

  it('has a window of its own beside others that share its capacity', async () => {
    const type = { price: PRICE, quantity: 40, pool: 'Hall' };
    const event = await world.published({
      pools: [{ name: 'Hall', quantity: 40 }],
      ticketTypes: [
        { ...type, name: 'Adult' },
        { ...type, name: 'Child' },
      ],
    });
    const [adult, child] = [named(event, 'Adult').id, named(event, 'Child').id];
    const opens = Date.now() + 3 * DAY;
    await edit(child, { saleStartsAt: toTimestamp(opens) });
    const [window] = await windowsOf(event, child);
    const startsAt = Date.parse(event.startsAt);
    expect(window).toMatchObject({ closesAt: startsAt, opensAt1: opens, closesAt1: startsAt });
    const types = await world.copiesOf(event);
    expect(await world.hold(adult, types)).toMatch(/^01/);
    expect(await world.hold(child, types)).toBe('SALE_NOT_OPEN');
    expect(await world.hold(child, types, opens)).toMatch(/^01/);
  });

  it('of two editors at once one wins, and every block has the window of who did', async () => {
    const event = await world.published();
    const id = typeOf(event);
    const ends = [5, 6, 7, 8].map((days) => Date.now() + days * DAY);
    const answers = await Promise.all(
      ends.map((end) =>
        world.send('PATCH /api/ticket-types/{ticketTypeId}', {
          params: { ticketTypeId: id },
          body: { saleEndsAt: toTimestamp(end) },
          headers: { 'if-match': `"v${event.version}"` },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 412, 412, 412]);
    const winner = ends[answers.findIndex(({ status }) => status === 200)];
    expect(await windowsOf(event, id)).toMatchObject([{ closesAt: winner }]);
    expect((await world.copiesOf(event)).get(id)?.closesAt).toBe(winner);
  });
});

describe('the sale of a house whose rows fit no transaction', () => {
  /** Moves the sale and dies in the second of its three batches. @returns when it is to open */
  async function killed(event: EventView): Promise<number> {
    const found = await findEvent(world.db.table, event.id);
    const type = found?.ticketTypes[0];
    if (found === undefined || type === undefined) throw new Error('The event is gone');
    const client = testClient({ maxAttempts: 1 });
    let transactions = 0;
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'TransactWriteItemsCommand' && (transactions += 1) === 3)
          throw new Error('killed');
        return next(args);
      },
      { step: 'initialize' },
    );
    const opens = Date.now() + 2 * DAY;
    const edited = editTicketType(
      tableOn(client, world.db.table.name),
      { event: found, type, version: 'any' },
      { saleStartsAt: toTimestamp(opens) },
      { now: Date.now(), correlationId: 'test', by: 'system' },
    );
    await expect(edited).rejects.toThrow('killed');
    client.destroy();
    return opens;
  }

  const house = async (): Promise<EventView> =>
    world.published({
      venueId: await world.hall(150),
      ticketTypes: [{ name: 'Stalls', price: PRICE, quantity: 450, seatCategory: 'Stalls' }],
    });

  it('is brought in line by the job after an edit that died', async () => {
    const event = await house();
    const id = typeOf(event);
    const closesAt = Date.parse(event.startsAt);
    const opens = await killed(event);
    const windows = await windowsOf(event, id);
    expect(windows, 'some rows have the former window, some the new one').toHaveLength(2);
    expect(windows).toContainEqual({ opensAt: opens, closesAt });
    const row = await world.rowOf(event.id);
    const [due = 0] = tendedAt(marked(row));
    expect(due - Number(row['at'])).toBe(MINUTE);
    await putItems(world.db.table, enlist('EVENTS', due, [event.id]));
    await rememberRun(world.db.table, 'EVENTS', due - HOUR);
    const now = due + MINUTE;
    expect(
      await tendEvents(
        world.db.table,
        { start: async () => undefined },
        { now, correlationId: 'test', by: 'schedule:expire-holds' },
      ),
    ).toMatchObject({
      eventFaults: 0,
    });
    expect(await windowsOf(event, id)).toEqual([{ opensAt: opens, closesAt }]);
  });

  it('is brought in line by the same edit sent again', async () => {
    const event = await house();
    const opens = await killed(event);
    expect((await edit(typeOf(event), { saleStartsAt: toTimestamp(opens) })).status).toBe(200);
    expect(await windowsOf(event, typeOf(event))).toEqual([{ opensAt: opens, closesAt: Date.parse(event.startsAt) }]);
  });
});
