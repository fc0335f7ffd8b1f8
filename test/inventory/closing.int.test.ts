import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Sale, SeatRow } from '../../functions/inventory/contract.ts';
import { blockKey } from '../../functions/inventory/keys.ts';
import { alignBlocks, prepareStock } from '../../functions/inventory/operations.ts';
import { findStockOnSale, findTicketTypes } from '../../functions/inventory/reads.ts';
import { moveSale, openSale, stopSale, withdrawSale } from '../../functions/inventory/sale-writes.ts';
import { giveBackToBlock, takeFromBlock } from '../../functions/inventory/writes.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { getItems } from '../../functions/shared/table/read.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { ticketType } from './on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'test', by: 'system' };
const ROOM = 99;
const moved = (): 'MOVED' => 'MOVED';
const obstacles = { moved, taken: () => 'TAKEN' as const };

let db: TestTable;

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

const rows = (count: number): readonly SeatRow[] =>
  Array.from({ length: count }, (_unused, row) => ({
    label: String(row + 1),
    centre: 1,
    distance: 300 + 30 * row,
    pitch: 24,
    seats: [1, 2, 3].map((number) => ({ id: `${row + 1}-${number}`, number: String(number) })),
  }));

/** Puts a house of `count` rows on sale, with one type. */
async function house(count: number): Promise<string> {
  const { poolId: _pool, blocks: _blocks, capacity: _capacity, ...sale } = ticketType(NOW);
  const type: Sale = sale;
  const drafts = [{ name: 'seats:Stalls', stock: { kind: 'SEATS' as const, rows: rows(count) }, types: [type] }];
  const prepared = await prepareStock(db.table, drafts, occasion);
  await commit(db.table, openSale(prepared, occasion, moved));
  return type.ticketTypeId;
}

async function windowsOf(ticketTypeId: string): Promise<ReadonlySet<unknown>> {
  const copy = (await findTicketTypes(db.table, [ticketTypeId], 'strong')).get(ticketTypeId);
  const keys = Array.from({ length: copy?.blocks ?? 0 }, (_unused, block) => blockKey(copy?.poolId ?? '', block));
  return new Set((await getItems(db.table, keys, 'strong')).map(({ closesAt }) => closesAt));
}

it('withdraws rows of seats only while every seat is free', async () => {
  const ticketTypeId = await house(3);
  const stock = await findStockOnSale(db.table, [ticketTypeId]);
  const poolId = stock.pools[0]?.poolId ?? '';
  const from = { poolId, take: { block: 1, quantity: 3, seats: ['2-1', '2-2', '2-3'] } };
  const terms = { now: NOW, windows: [0] };
  // The whole row: its set of seats is gone, not empty.
  expect(await commit(db.table, [takeFromBlock(from, terms, () => 'SHORT')])).toMatchObject({ ok: true });
  expect(await commit(db.table, withdrawSale(stock, occasion, obstacles))).toEqual({ ok: false, error: 'TAKEN' });
  await commit(db.table, [giveBackToBlock(from, NOW)]);
  expect(await commit(db.table, withdrawSale(stock, occasion, obstacles))).toMatchObject({ ok: true });
  expect(await commit(db.table, [takeFromBlock(from, terms, () => 'SHORT')])).toEqual({ ok: false, error: 'SHORT' });
});

it('moves the windows of a house that fits no transaction, also when it dies in between', async () => {
  const ticketTypeId = await house(230);
  const { pools, copies } = await findStockOnSale(db.table, [ticketTypeId]);
  const closesAt = NOW + 9 * HOUR;
  const next = copies.map((copy) => ({ ...copy, closesAt }));
  const { writes, later } = moveSale({ pools, copies }, next, occasion, ROOM, moved);
  expect([writes.length, later]).toEqual([2, pools.map(({ poolId }) => poolId)]);
  expect(await commit(db.table, writes)).toMatchObject({ ok: true });
  // Dead here: the blocks still have the former window.
  expect(await windowsOf(ticketTypeId)).toEqual(new Set([NOW + HOUR]));
  await alignBlocks(db.table, [ticketTypeId], later);
  expect(await windowsOf(ticketTypeId)).toEqual(new Set([closesAt]));
});

it('leaves a stopped sale stopped, whatever move of its windows is still under way', async () => {
  const ticketTypeId = await house(230);
  const before = await findStockOnSale(db.table, [ticketTypeId]);
  const next = before.copies.map((copy) => ({ ...copy, closesAt: NOW + 9 * HOUR }));
  const move = moveSale(before, next, occasion, ROOM, moved);
  expect(await commit(db.table, move.writes)).toMatchObject({ ok: true });
  expect(await commit(db.table, move.writes), 'of two on one version one wins').toEqual({ ok: false, error: 'MOVED' });
  const stop = stopSale(await findStockOnSale(db.table, [ticketTypeId]), occasion, ROOM, moved);
  expect(await commit(db.table, stop.writes)).toMatchObject({ ok: true });
  await Promise.all([
    alignBlocks(db.table, [ticketTypeId], move.later),
    alignBlocks(db.table, [ticketTypeId], stop.later),
  ]);
  expect(await windowsOf(ticketTypeId)).toEqual(new Set([0]));
});

it('closes the blocks of a small house in the transaction itself', async () => {
  const ticketTypeId = await house(20);
  const { writes, later } = stopSale(await findStockOnSale(db.table, [ticketTypeId]), occasion, ROOM, moved);
  expect([writes.length, later]).toEqual([22, []]);
  expect(await commit(db.table, writes)).toMatchObject({ ok: true });
  expect(await windowsOf(ticketTypeId)).toEqual(new Set([0]));
});
