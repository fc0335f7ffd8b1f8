import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { personLimitKey } from '../../functions/inventory/keys.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { HOLD_MS } from '../../functions/reservations/contract.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { StoreBusyError } from '../../functions/shared/table/commit.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { injectFaults } from '../shared/faults.ts';
import { freeOf, putOnSale } from '../inventory/on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'test', by: 'system' };

async function rowOf(orderId: string): Promise<Order> {
  const row = await findOrder(db.table, orderId);
  if (row === undefined) throw new Error('The reservation is gone');
  return row;
}

let db: TestTable;

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

type Held = Awaited<ReturnType<typeof placeHold>>;

/** Places one hold, as the route would with or without an Idempotency-Key. */
async function hold(
  table: Table,
  items: readonly (readonly [TicketTypeCopy, number])[],
  as: { customerId?: string; key?: string; now?: number } = {},
): Promise<Held> {
  const { customerId = ulid(), key, now = NOW } = as;
  const wishes = items.map(([{ ticketTypeId }, quantity]) => ({ ticketTypeId, quantity }));
  const types = await findTicketTypes(
    table,
    wishes.map(({ ticketTypeId }) => ticketTypeId),
  );
  const orderId = key === undefined ? ulid() : derivedId('reservation', customerId, key);
  return placeHold(table, { orderId, customerId, wishes, types, retriable: key !== undefined }, { ...occasion, now });
}

async function broken(): Promise<unknown> {
  return auditInvariants({
    rows: await db.items(),
    ledger: { paymentIntents: [], refunds: [] },
    at: NOW,
    world: 'in-flight',
  }).differences;
}

/** The outcome in one word, a busy store included. */
async function outcomeOf(held: Promise<Held>): Promise<string> {
  try {
    const result = await held;
    return result.ok ? 'HELD' : result.error.code;
  } catch (error) {
    if (error instanceof StoreBusyError) return 'BUSY';
    throw error;
  }
}

function countBy(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describe('100 buyers for 10 tickets, a fifth of the writes in conflict, a tenth throttled, some answers lost', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 4],
    [4, 16],
  ])('round %i over %i blocks: 10 sold, 90 told so, nobody while stock was left', async (seed, blocks) => {
    const client = testClient({ maxAttempts: 3 });
    const struck = injectFaults(client, { conflicts: 0.2, throttles: 0.1, lostAnswers: 0.03, seed });
    const flaky = tableOn(client, db.table.name);
    const type = await putOnSale(db.table, NOW, { capacity: 10, blocks });

    // A busy answer is 503 with Retry-After: the buyer tries again.
    const buy = async (customerId: string): Promise<string> => {
      for (;;) {
        const outcome = await outcomeOf(hold(flaky, [[type, 1]], { customerId, key: 'one' }));
        if (outcome === 'SOLD_OUT' && (await freeOf(db.table, type)) > 0) return 'SOLD_OUT while stock was left';
        if (outcome !== 'BUSY') return outcome;
      }
    };
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => buy(ulid())));

    expect(countBy(outcomes)).toEqual({ HELD: 10, SOLD_OUT: 90 });
    expect(struck.conflicts).toBeGreaterThan(20);
    expect(struck.throttles).toBeGreaterThan(10);
    expect(await broken()).toEqual([]);
    client.destroy();
  });
});

describe('the tail of a sale over many blocks', () => {
  it('parties of two to four take everything: nothing is stranded', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 61, blocks: 16 });
    const outcomes: { size: number; outcome: string }[] = [];
    let left = 61;
    for (let buyer = 0; left > 0 && buyer < 100; buyer += 1) {
      const size = Math.min(left, 2 + (buyer % 3));
      const outcome = await outcomeOf(hold(db.table, [[type, size]]));
      outcomes.push({ size, outcome });
      if (outcome === 'HELD') left -= size;
    }
    expect(outcomes.filter(({ outcome }) => outcome !== 'HELD')).toEqual([]);
    expect(await freeOf(db.table, type)).toBe(0);
    expect(await broken()).toEqual([]);
  });

  it('racing parties sell it to the last ticket, and the rest is told what is left', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 40, blocks: 16 });
    const sizes = Array.from({ length: 40 }, (_unused, buyer) => 2 + (buyer % 3));
    const outcomes = await Promise.all(
      sizes.map(async (size) => {
        for (;;) {
          const outcome = await outcomeOf(hold(db.table, [[type, size]]));
          if (outcome !== 'BUSY') return outcome;
        }
      }),
    );
    const left = await freeOf(db.table, type);
    // Whoever was refused wanted more than what is left.
    expect(left).toBeLessThan(4);
    expect(sizes.filter((size, buyer) => outcomes[buyer] !== 'HELD' && size <= left)).toEqual([]);
    expect(await broken()).toEqual([]);
  });

  it('tells how many are left to a party that is too large, and keeps them for a smaller one', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 3, blocks: 3 });
    expect(await hold(db.table, [[type, 4]])).toMatchObject({
      ok: false,
      error: { code: 'NOT_ENOUGH_TICKETS', extra: { available: 3 } },
    });
    expect(await hold(db.table, [[type, 3]])).toMatchObject({
      ok: true,
      value: { reservation: { lines: [{ quantity: 3, takes: [{ quantity: 1 }, { quantity: 1 }, { quantity: 1 }] }] } },
    });
    expect(await hold(db.table, [[type, 1]])).toMatchObject({ ok: false, error: { code: 'SOLD_OUT' } });
  });

  it('gathers each of ten types that are all scattered over their blocks, in one reservation of 60', async () => {
    const types: TicketTypeCopy[] = [];
    for (let index = 0; index < 10; index += 1) types.push(await putOnSale(db.table, NOW, { capacity: 6, blocks: 6 }));
    const held = await hold(
      db.table,
      types.map((type) => [type, 6] as const),
    );
    expect(held.ok && held.value.reservation.lines.map(({ takes }) => takes.length)).toEqual(
      Array.from({ length: 10 }, () => 6),
    );
    for (const type of types) expect(await freeOf(db.table, type)).toBe(0);
    expect(await broken()).toEqual([]);
  });
});

describe('a refused hold', () => {
  it('takes nothing from any of its types', async () => {
    const [plenty, none] = [
      await putOnSale(db.table, NOW, { capacity: 9 }),
      await putOnSale(db.table, NOW, { capacity: 1 }),
    ];
    expect(
      await outcomeOf(
        hold(db.table, [
          [plenty, 5],
          [none, 2],
        ]),
      ),
    ).toBe('NOT_ENOUGH_TICKETS');
    expect(await freeOf(db.table, plenty)).toBe(9);
    expect(await broken()).toEqual([]);
  });

  it.each([
    [-1, 'SALE_NOT_OPEN'],
    [0, 'HELD'],
    [999, 'HELD'],
    [1_000, 'SALE_NOT_OPEN'],
  ])('%i ms after the sale opens: %s, by the block itself and not only by the copy', async (offset, expected) => {
    const type = await putOnSale(db.table, NOW, { opensAt: NOW, closesAt: NOW + 1_000 });
    expect(await outcomeOf(hold(db.table, [[type, 1]], { now: NOW + offset }))).toBe(expected);
    // A copy that lags behind the blocks cannot open a sale.
    const stale = { ...type, opensAt: NOW - 9_000, closesAt: NOW + 9_000 };
    const wishes = [{ ticketTypeId: type.ticketTypeId, quantity: 1 }];
    const placed = placeHold(
      db.table,
      { orderId: ulid(), customerId: ulid(), wishes, types: new Map([[type.ticketTypeId, stale]]), retriable: false },
      { ...occasion, now: NOW + offset },
    );
    expect(await outcomeOf(placed)).toBe(expected);
  });
});

describe("one person's limit", () => {
  it('holds over several holds, and comes back with a release', async () => {
    const type = await putOnSale(db.table, NOW, { maxPerPerson: 4 });
    const customerId = ulid();
    const first = await hold(db.table, [[type, 3]], { customerId });
    expect(await hold(db.table, [[type, 2]], { customerId })).toMatchObject({
      ok: false,
      error: { code: 'LIMIT_EXCEEDED', extra: { limit: 4, held: 3 } },
    });
    expect(await outcomeOf(hold(db.table, [[type, 1]], { customerId }))).toBe('HELD');
    if (first.ok) await releaseHold(db.table, await rowOf(first.value.reservation.orderId), occasion);
    expect(await outcomeOf(hold(db.table, [[type, 3]], { customerId }))).toBe('HELD');
    expect(await broken()).toEqual([]);
  });

  it('holds against twenty tabs at once, with conflicts', async () => {
    const client = testClient();
    injectFaults(client, { conflicts: 0.2, seed: 5 });
    const type = await putOnSale(db.table, NOW, { capacity: 40, maxPerPerson: 4, blocks: 4 });
    const customerId = ulid();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => outcomeOf(hold(tableOn(client, db.table.name), [[type, 1]], { customerId }))),
    );
    const counts = countBy(outcomes);
    expect(counts['HELD']).toBeLessThanOrEqual(4);
    expect((counts['HELD'] ?? 0) + (counts['LIMIT_EXCEEDED'] ?? 0) + (counts['BUSY'] ?? 0)).toBe(20);
    expect((await getItem(db.table, personLimitKey(type.ticketTypeId, customerId), 'strong'))?.['held']).toBe(
      counts['HELD'],
    );
    client.destroy();
  });
});

describe('an Idempotency-Key', () => {
  it('answers the same request with the same hold, and takes stock once', async () => {
    const type = await putOnSale(db.table, NOW);
    const as = { customerId: ulid(), key: 'k' };
    const first = await hold(db.table, [[type, 2]], as);
    const again = await hold(db.table, [[type, 2]], { ...as, now: NOW + 5_000 });
    if (!first.ok || !again.ok) throw new Error('refused');
    expect(again.value.reservation).toMatchObject({
      orderId: first.value.reservation.orderId,
      expiresAt: NOW + HOLD_MS,
    });
    expect(await freeOf(db.table, type)).toBe(8);
  });

  it('refuses another request under the same key, whether that could be held or not', async () => {
    const type = await putOnSale(db.table, NOW);
    const as = { customerId: ulid(), key: 'k' };
    await hold(db.table, [[type, 2]], as);
    expect(await outcomeOf(hold(db.table, [[type, 3]], as))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await outcomeOf(hold(db.table, [[type, 61]], as))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await freeOf(db.table, type)).toBe(8);
  });

  it('makes one hold of ten requests at once, the last ticket included', async () => {
    const client = testClient();
    injectFaults(client, { conflicts: 0.2, lostAnswers: 0.2, seed: 6 });
    const type = await putOnSale(db.table, NOW, { capacity: 1 });
    const as = { customerId: ulid(), key: 'k' };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => outcomeOf(hold(tableOn(client, db.table.name), [[type, 1]], as))),
    );
    expect(outcomes.filter((outcome) => outcome !== 'HELD' && outcome !== 'BUSY')).toEqual([]);
    expect(await outcomeOf(hold(db.table, [[type, 1]], as))).toBe('HELD');
    expect(await broken()).toEqual([]);
    client.destroy();
  });

  it('is answered as before when the sale has closed or sold out since', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 1, closesAt: NOW + 1_000 });
    const as = { customerId: ulid(), key: 'k' };
    expect(await outcomeOf(hold(db.table, [[type, 1]], as))).toBe('HELD');
    expect(await outcomeOf(hold(db.table, [[type, 1]], as))).toBe('HELD');
    expect(await outcomeOf(hold(db.table, [[type, 1]], { ...as, now: NOW + 2_000 }))).toBe('HELD');
    expect(await outcomeOf(hold(db.table, [[type, 1]], { ...as, key: 'other', now: NOW + 2_000 }))).toBe(
      'SALE_NOT_OPEN',
    );
  });

  it('of another customer is another key', async () => {
    const type = await putOnSale(db.table, NOW);
    await hold(db.table, [[type, 1]], { key: 'k' });
    await hold(db.table, [[type, 1]], { key: 'k' });
    expect(await freeOf(db.table, type)).toBe(8);
  });
});

describe('a release', () => {
  it('restores exactly what was taken, from several blocks, however often and from however many tabs', async () => {
    const type = await putOnSale(db.table, NOW, { capacity: 6, blocks: 3, maxPerPerson: 6 });
    const customerId = ulid();
    const before = await db.items();
    const held = await hold(db.table, [[type, 5]], { customerId });
    if (!held.ok) throw new Error('refused');
    const { orderId } = held.value.reservation;
    const row = await rowOf(orderId);
    const released = await Promise.all([1, 2, 3].map(() => releaseHold(db.table, row, occasion)));
    expect(released.every(({ ok }) => ok)).toBe(true);
    expect((await releaseHold(db.table, row, occasion)).ok).toBe(true);

    const blocks = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
      rows
        .filter(({ pk }) => String(pk).startsWith(`POOL#${type.poolId}#`))
        .toSorted((left, right) => (String(left['pk']) < String(right['pk']) ? -1 : 1));
    expect(blocks(await db.items())).toEqual(blocks(before));
    expect(await findOrder(db.table, orderId)).toMatchObject({ state: 'CANCELLED', ver: 2 });
    expect(await broken()).toEqual([]);
  });
});
