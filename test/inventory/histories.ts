import fc from 'fast-check';
import { expect, vi } from 'vitest';

import { randomFrom } from '../shared/faults.ts';
import type { Behaviour } from '../../scripts/twin/twin.ts';
import { underMutant, type Mutant } from '../mutants/mutable.ts';
import { LedgerWorld, type Act, type Wave } from './ledger-world.ts';

const SEED = 20_261_125;

const which = fc.nat({ max: 30 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant('hold' as const),
      person: fc.nat({ max: 4 }),
      quantity: fc.integer({ min: 1, max: 5 }),
      twice: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('release' as const), which }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('order' as const), which }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('pay' as const), which }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('decline' as const), which }) },
  { weight: 2, arbitrary: fc.constant({ act: 'sweep' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('resize' as const), capacity: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('block' as const), quantity: fc.nat({ max: 6 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('spread' as const), holdsPerSecond: fc.integer({ min: 1, max: 40 }) }),
  },
);
const wave: fc.Arbitrary<Wave> = fc.record({
  quiet: fc.constantFrom(0, 0, 0, 1, 5, 9, 11),
  acts: fc.array(act, { minLength: 1, maxLength: 5 }),
});
const history = fc.record({
  seed: fc.nat(),
  sizes: fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 4 }),
  waves: fc.array(wave, { minLength: 1, maxLength: 8 }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Waiting is what takes time in contention, and chance what makes runs differ: neither is left to the machine. */
export function withoutWaiting(): void {
  vi.stubGlobal('setTimeout', (then: () => void) => {
    queueMicrotask(then);
  });
  vi.spyOn(Math, 'random').mockImplementation(randomFrom(SEED));
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
}

/** Undoes {@link withoutWaiting}. */
export function waitingAgain(): void {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

async function live({ seed, sizes, waves }: History, forgotten?: Behaviour['forgotten']): Promise<LedgerWorld> {
  const world = new LedgerWorld(seed, forgotten);
  await world.open(sizes);
  for (const each of waves) {
    await world.run(each);
    if (world.faults.length > 0) return world;
  }
  await world.settle();
  return world;
}

/** Lives `runs` histories, and expects of each that no rule was broken, and of all that enough came about. */
export async function liveSoundly(runs: number, seed = SEED): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const world = await live(given);
      for (const [name, count] of world.outcomes) outcomes.set(name, (outcomes.get(name) ?? 0) + count);
      expect(world.faults).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
  // Histories in which little comes about would prove little.
  const seldom = EXPECTED.filter((name) => (outcomes.get(name) ?? 0) < runs / 100);
  expect(seldom, JSON.stringify(Object.fromEntries(outcomes))).toEqual([]);
  return outcomes;
}

/** In which of `runs` histories a program that has forgotten a condition first goes wrong; undefined in none. */
export async function foundOutAfter(forgotten: Behaviour['forgotten'], runs: number): Promise<number | undefined> {
  const found = await fc.check(
    fc.asyncProperty(history, async (given) => (await live(given, forgotten)).faults.length === 0),
    { numRuns: runs, seed: SEED, endOnFailure: true },
  );
  return found.failed ? found.numRuns : undefined;
}

/** In which of `runs` histories a ledger under a mutant first goes wrong; undefined in none. */
export function foundOutUnder(mutant: Mutant, runs: number): Promise<number | undefined> {
  return underMutant(mutant, () => foundOutAfter(undefined, runs));
}

/** What must come about often enough. */
const EXPECTED = [
  'hold held',
  'hold SOLD_OUT',
  'hold NOT_ENOUGH_TICKETS',
  'hold LIMIT_EXCEEDED',
  'hold SALE_NOT_OPEN',
  'release done',
  'order done',
  'pay PAID',
  'pay PAYMENT_RETURN_DUE',
  'decline released',
  'sweep done',
  'resize done',
  'resize TOO_LOW',
  'block done',
  'spread done',
];

/** Conditions on which the ledger stands: each forgotten, some history must go wrong. */
export const CONDITIONS = [
  { sk: 'BLOCK', path: 'free', what: 'as many free as are taken' },
  { sk: 'BLOCK', path: 'closesAt', what: 'the sale has not ended' },
  { sk: 'LIMIT', path: 'held', what: 'within the limit of a person' },
  { sk: 'ORDER', path: 'pk', what: 'a reservation is new' },
  { sk: 'ORDER', path: 'ver', what: 'an order is as it was read' },
  { sk: 'ORDER', path: 'expiresAt', what: 'the hold stands, or has lapsed' },
  { sk: 'POOL', path: 'ver', what: 'a pool is as it was read' },
] as const;
