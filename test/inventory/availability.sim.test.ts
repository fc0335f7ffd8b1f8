import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { refreshAvailability } from '../../functions/inventory/availability.ts';
import { blockKey } from '../../functions/inventory/keys.ts';
import { blockStock, spreadStock } from '../../functions/inventory/resizing.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { StoreBusyError } from '../../functions/shared/table/commit.ts';
import { randomFrom } from '../shared/faults.ts';
import { Twin, type Behaviour } from '../../scripts/twin/twin.ts';
import { waitingAgain, withoutWaiting } from './histories.ts';
import { isBlock, ledgerOf } from './ledger-rules.ts';
import { putOnSale } from './on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const occasion = { now: NOW, correlationId: 'model', by: 'system' };
const RUNS = 300;
const SEED = 20_261_125;

/** What was shown and told of the blocks, and how many tickets are free in them. */
interface Seen {
  readonly free: number;
  readonly shown: unknown;
  readonly soldOut: unknown;
  readonly events: readonly string[];
}

beforeAll(withoutWaiting);
afterAll(waitingAgain);

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('hold' as const), n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('release' as const), n: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('block' as const), n: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('spread' as const), n: fc.integer({ min: 1, max: 30 }) }) },
);
const history = fc.record({
  seed: fc.nat(),
  sizes: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
  waves: fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Lives a history, with each change counted some time later. @returns what was shown, and told, and what was so */
async function live({ seed, sizes, waves }: History, forgotten?: Behaviour['forgotten']): Promise<Seen> {
  const random = randomFrom(seed);
  const poolId = derivedId('pool', String(seed));
  const counts: Promise<void>[] = [];
  const events: string[] = [];
  /** The stream: each change of a block is counted some time after it, again where the count was not taken. */
  const deliver = async (): Promise<void> => {
    for (let wait = Math.floor(random() * 40); wait > 0; wait -= 1) await Promise.resolve();
    for (;;) {
      try {
        await refreshAvailability(twin.table, [blockKey(poolId, 0)], occasion);
        return;
      } catch (error) {
        if (!(error instanceof StoreBusyError)) throw error;
      }
    }
  };
  const twin = new Twin({
    turn: async () => {
      // Most requests are quick; some take as long as many others together.
      const steps = random() < 0.1 ? 300 : Math.floor(random() * 4);
      for (let step = steps; step > 0; step -= 1) await Promise.resolve();
    },
    fault: () => (random() < 0.1 ? 'CONFLICT' : undefined),
    ...(forgotten === undefined ? {} : { forgotten }),
    committed: (changes) => {
      if (changes.some(isBlock)) counts.push(deliver());
      const pool = changes.find(({ after }) => after?.['sk'] === 'POOL')?.after;
      if (pool !== undefined && /SoldOut|StockReturned/.test(String(pool['ev']))) events.push(String(pool['ev']));
    },
  });
  const type = await putOnSale(twin.table, NOW, { poolId, blocks: sizes.length }, sizes);
  const orders: string[] = [];
  for (const wave of waves) {
    await Promise.allSettled(
      wave.map(async ({ act: what, n }, index) => {
        if (what === 'block') return blockStock(twin.table, poolId, n, occasion);
        if (what === 'spread') return spreadStock(twin.table, poolId, n, occasion);
        if (what === 'release') {
          const order = await findOrder(twin.table, orders[n % Math.max(1, orders.length)] ?? '');
          return order === undefined ? undefined : releaseHold(twin.table, order, occasion);
        }
        const orderId = derivedId('order', String(seed), String(orders.length), String(index));
        orders.push(orderId);
        const types = new Map([[type.ticketTypeId, type]]);
        const wishes = [{ ticketTypeId: type.ticketTypeId, quantity: n }];
        const request = { orderId, customerId: 'person', wishes, types, retriable: false };
        return placeHold(twin.table, request, occasion);
      }),
    );
    // A commit of a count may be seen by none that follows: all that were begun must be through.
    for (let done = 0; done < counts.length; done = counts.length) await Promise.all(counts);
  }
  const { blocks, pool } = ledgerOf(twin.items());
  const free = blocks.reduce((sum, block) => sum + block.free, 0);
  const shown = twin.items().find(({ sk }) => sk === 'AVAILABILITY');
  return { free, shown: shown?.['free'], soldOut: pool?.['soldOut'] ?? false, events };
}

/** Whether what is shown is so, and each time that all was gone was told once, one after the other. */
function isRight({ free, shown, soldOut, events }: Seen): boolean {
  const told = events.every((event, index) => event.includes(index % 2 === 0 ? 'SoldOut' : 'StockReturned'));
  return told && (shown === undefined || (shown === free && soldOut === (free === 0)));
}

it('what is shown follows the blocks in any order of counts, and each time that they are sold out is told once', async () => {
  let [told, counted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const seen = await live(given);
      expect(isRight(seen), JSON.stringify(seen)).toBe(true);
      told += seen.events.length;
      counted += seen.shown === undefined ? 0 : 1;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect([counted > RUNS / 2, told > RUNS / 2]).toEqual([true, true]);
});

it('a program that has forgotten which count stood when it began is found out', async () => {
  const forgotten = { sk: 'AVAILABILITY', path: 'count' };
  const found = await fc.check(
    fc.asyncProperty(history, async (given) => isRight(await live(given, forgotten))),
    { numRuns: 10 * RUNS, seed: SEED, endOnFailure: true },
  );
  expect(found.failed).toBe(true);
});
