import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { refreshAvailability, roughlyAvailable } from '../../functions/inventory/availability.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { availabilityKey, blockKey, poolKey } from '../../functions/inventory/keys.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { putOnSale } from './on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'test', by: 'system' };

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
  useTestEnvironment(db);
});
afterAll(() => db.drop());

async function hold(type: TicketTypeCopy, quantity: number): Promise<string> {
  const orderId = ulid();
  const types = new Map([[type.ticketTypeId, type]]);
  const wishes = [{ ticketTypeId: type.ticketTypeId, quantity }];
  const held = await placeHold(db.table, { orderId, customerId: ulid(), wishes, types, retriable: false }, occasion);
  if (!held.ok) throw new Error(held.error.code);
  return orderId;
}

async function release(orderId: string): Promise<void> {
  const order = await findOrder(db.table, orderId);
  if (order === undefined) throw new Error('The hold is gone');
  await releaseHold(db.table, order, occasion);
}

const shown = async (type: TicketTypeCopy): Promise<number | undefined> =>
  (await roughlyAvailable(db.table, [type])).get(type.ticketTypeId);
const refresh = ({ poolId }: TicketTypeCopy): Promise<void> =>
  refreshAvailability(db.table, [blockKey(poolId, 0)], occasion);
const poolOf = async ({ poolId }: TicketTypeCopy): Promise<Readonly<Record<string, unknown>>> =>
  (await getItem(db.table, poolKey(poolId), 'strong')) ?? {};

describe('what is shown as available', () => {
  it('is one item for a pool once it has been counted, and its blocks before that', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 40, blocks: 4 });
    expect(await shown(type)).toBe(40);
    await hold(type, 3);
    expect(await shown(type), 'never counted').toBe(37);
    await refresh(type);
    await hold(type, 2);
    expect(await shown(type), 'as counted last').toBe(37);
    await refresh(type);
    expect(await shown(type)).toBe(35);
    expect(await getItem(db.table, availabilityKey(type.poolId), 'strong')).toMatchObject({ free: 35, count: 2 });
  });

  it('is counted by the function behind the stream, each pool of a batch once', async () => {
    const { handler } = await import('../../functions/pricing/handlers/stream-reprice.ts');
    const type = await putOnSale(db.table, NOW, { capacity: 40, blocks: 4 });
    await hold(type, 3);
    const record = (pk: string, sk: string): unknown => ({ dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } });
    const keys = [0, 1, 0, 3].map((block) => record(`POOL#${type.poolId}#B${block}`, 'BLOCK'));
    const event = { Records: [...keys, record(`POOL#${type.poolId}`, 'POOL'), record('ORDER#x', 'ORDER')] };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of event and context as it looks at
    await handler(event as never, { awsRequestId: 'request' } as never);
    expect(await getItem(db.table, availabilityKey(type.poolId), 'strong')).toMatchObject({ free: 37, count: 1 });
  });
});

describe('that a pool is sold out', () => {
  it('is told once, by however many counts at once, and again only after tickets have come back', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 4, blocks: 2 });
    const first = await hold(type, 2);
    await refresh(type);
    expect(await poolOf(type), 'some are left').toMatchObject({ ver: 1 });
    await hold(type, 2);
    await Promise.all(Array.from({ length: 6 }, () => refresh(type).catch(() => undefined)));
    await refresh(type);
    expect(await poolOf(type)).toMatchObject({ ver: 2, ev: 'inventory.SoldOut.v1', soldOut: true });

    await release(first);
    await Promise.all([refresh(type), refresh(type)]);
    const back = await poolOf(type);
    expect(back).toMatchObject({ ver: 3, ev: 'inventory.StockReturned.v1' });
    expect(back).not.toHaveProperty('soldOut');
    await hold(type, 2);
    await refresh(type);
    expect(await poolOf(type)).toMatchObject({ ver: 4, ev: 'inventory.SoldOut.v1' });
  });
});
