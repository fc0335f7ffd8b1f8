import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PoolDraft, SeatRow } from '../../functions/inventory/contract.ts';
import { prepareStock } from '../../functions/inventory/operations.ts';
import { findPool, findSeatMap, findTicketTypes } from '../../functions/inventory/reads.ts';
import { openSale } from '../../functions/inventory/sale-writes.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { ticketType } from './on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'test', by: 'system' };

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

/** A hall of `rows` rows of 20 seats, in a pool that adults and children share. */
function hall(rows: number): PoolDraft {
  const eventId = ulid();
  const seatRows = Array.from({ length: rows }, (_unused, row): SeatRow => ({
    label: String(row + 1),
    centre: 9.5,
    distance: 300 + 30 * row,
    pitch: 24,
    seats: Array.from({ length: 20 }, (_none, seat) => ({ id: `${row}-${seat + 1}`, number: String(seat + 1) })),
  }));
  const adult = ticketType(NOW, { eventId, name: 'Adult' });
  const child = ticketType(NOW, { eventId, name: 'Child', opensAt: NOW + HOUR });
  return { name: 'Stalls', stock: { kind: 'SEATS', rows: seatRows }, types: [adult, child] };
}

async function broken(): Promise<unknown> {
  const rows = await db.items();
  return auditInvariants({ rows, ledger: { paymentIntents: [], refunds: [] }, at: NOW, world: 'in-flight' })
    .differences;
}

describe('preparing the stock of a hall of 250 rows', () => {
  it('goes on where it was killed, also minutes later, and opens everything at once', async () => {
    const draft = hall(250);
    // Dies in the second of its three batches.
    const client = testClient({ maxAttempts: 1 });
    let transactions = 0;
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'TransactWriteItemsCommand' && (transactions += 1) === 2)
          throw new Error('killed');
        return next(args);
      },
      { step: 'initialize' },
    );
    await expect(prepareStock(tableOn(client, db.table.name), [draft], occasion)).rejects.toThrow('killed');
    client.destroy();
    expect(await broken()).toEqual([]);

    const prepared = await prepareStock(db.table, [draft], { ...occasion, now: NOW + 5 * 60_000 });
    const [{ pool, copies } = { pool: undefined, copies: [] }] = prepared;
    expect(pool).toMatchObject({ state: 'PREPARING', blocks: 250, prepared: 250, capacity: 5_000, ver: 3 });
    const ids = copies.map(({ ticketTypeId }) => ticketTypeId);
    expect((await findTicketTypes(db.table, ids)).size, 'nothing is on sale yet').toBe(0);

    const writes = openSale(prepared, occasion, () => 'OPEN ALREADY');
    expect(writes).toHaveLength(3);
    expect((await commit(db.table, writes)).ok).toBe(true);
    expect((await commit(db.table, writes)).ok, 'opened twice').toBe(false);
    const types = await findTicketTypes(db.table, ids);
    expect(ids.map((id) => types.get(id))).toMatchObject([
      { name: 'Adult', seated: true, blocks: 250 },
      { name: 'Child', window: 1, blocks: 250 },
    ]);
    expect(await broken()).toEqual([]);
    const map = await findSeatMap(db.table, pool?.poolId ?? '');
    expect(map.rows).toEqual(draft.stock.kind === 'SEATS' ? draft.stock.rows : []);
    expect(map.places.get('249-20')).toEqual({ block: 249, index: 19 });
  });

  it('is done once by two who try at once, and a changed draft gets other blocks', async () => {
    const draft = hall(150);
    const [one, other] = await Promise.all([
      prepareStock(db.table, [draft], occasion),
      prepareStock(db.table, [draft], occasion),
    ]);
    expect(one).toEqual(other);
    const changed = await prepareStock(db.table, [{ ...draft, ...hall(149), types: draft.types }], occasion);
    expect(changed[0]?.pool.poolId).not.toBe(one[0]?.pool.poolId);
    expect(await findPool(db.table, one[0]?.pool.poolId ?? '')).toMatchObject({ blocks: 150, prepared: 150 });
    expect(await broken()).toEqual([]);
  });
});
