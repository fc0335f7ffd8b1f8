import fc from 'fast-check';
import { expect } from 'vitest';

import { commitReporting } from '../../functions/shared/table/commit.ts';
import { getItems, queryAll } from '../../functions/shared/table/read.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import type { Condition, Write } from '../../functions/shared/table/writes.ts';
import { Twin } from '../../scripts/twin/twin.ts';

const COUNTS = ['free', 'size', 'held'] as const;
const count = fc.integer({ min: -3, max: 4 });
const member = fc.constantFrom('A1', 'A2', 'A3');
const members = fc.uniqueArray(member, { minLength: 1 }).map((list) => new Set(list));
const counter = fc.constantFrom(...COUNTS);
const path = fc.constantFrom(...COUNTS, 'seats', 'state', 'pk');

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  path.map((name): Condition => ({ op: 'exists', path: name })),
  path.map((name): Condition => ({ op: 'absent', path: name })),
  fc
    .tuple(fc.constantFrom('=', '<>', '<', '<=', '>', '>='), counter, count)
    .map(([op, name, value]): Condition => ({ op, path: name, value })),
  fc.constantFrom('HELD', 'PAID').map((value): Condition => ({ op: '=', path: 'state', value })),
  fc
    .uniqueArray(fc.constantFrom('HELD', 'PAID', 'LOST'), { minLength: 1 })
    .map((values): Condition => ({ op: 'in', path: 'state', values })),
  member.map((value): Condition => ({ op: 'contains', path: 'seats', value })),
  member.map((value): Condition => ({ op: 'lacks', path: 'seats', value })),
  fc.constantFrom('free', 'held').map((name): Condition => ({ op: 'same', path: name, other: 'size' })),
  counter.map((other): Condition => ({ op: 'counts', path: 'seats', other })),
  fc.integer({ min: 1, max: 3 }).map((value): Condition => ({ op: 'members', path: 'seats', value })),
);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 2, arbitrary: leaf },
  fc
    .tuple(fc.constantFrom('and', 'or'), fc.array(leaf, { minLength: 1, maxLength: 3 }))
    .map(([op, of]): Condition => ({ op, of })),
);

/** Writes of every kind, on the item that they are given. */
const writeOf = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    item: fc.record(
      { free: count, size: count, seats: members, state: fc.constantFrom('HELD', 'PAID') },
      { requiredKeys: [] },
    ),
    when: fc.option(condition, { nil: undefined, freq: 1 }),
  }),
  fc
    .record({
      // One update may name an attribute once.
      set: fc.record({ size: count, state: fc.constantFrom('HELD', 'PAID') }, { requiredKeys: [] }),
      add: fc.record({ free: count }, { requiredKeys: [] }),
      members,
      sets: fc.constantFrom('include', 'exclude', 'none'),
      remove: fc.subarray(['held']),
      when: fc.option(condition, { nil: undefined, freq: 1 }),
    })
    .filter(
      ({ set, add, sets, remove }) =>
        sets !== 'none' || [set, add, remove].some((each) => Object.keys(each).length > 0),
    )
    .map(({ members: some, sets, ...update }) => ({
      kind: 'update' as const,
      ...update,
      ...(sets === 'none' ? {} : { [sets]: { seats: some } }),
    })),
  fc.record({ kind: fc.constant('delete' as const), when: fc.option(condition, { nil: undefined, freq: 1 }) }),
  fc.record({ kind: fc.constant('check' as const), when: condition }),
);
/** A commit: writes to different ones of three items. */
const transaction = fc
  .tuple(fc.subarray([0, 1, 2], { minLength: 1 }), fc.array(writeOf, { minLength: 3, maxLength: 3 }))
  .map(([items, writes]) => items.map((item) => ({ item, write: writes[item] })));

/**
 * Sends `runs` random sequences of writes to `table` and to a twin, and expects of both that they refuse, show and keep
 * the same.
 */
export async function compareSequences(
  table: Table,
  runs: number,
): Promise<{ readonly commits: number; readonly refused: number }> {
  let sequence = 0;
  const refused = { all: 0, some: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 8 }), async (commits) => {
      sequence += 1;
      const keys = [0, 1, 2].map((item) => ({ pk: `SEQUENCE#${sequence}`, sk: `ITEM#${item}` }));
      const twin = new Twin();
      for (const parts of commits) {
        const writes = parts.flatMap(({ item, write }): Write<undefined>[] => {
          const key = keys[item];
          if (key === undefined || write === undefined) return [];
          const placed = { key, otherwise: () => undefined };
          if (write.kind === 'check') return [{ ...write, ...placed }];
          const { when, ...rest } = write;
          return [{ ...rest, ...placed, ...(when === undefined ? {} : { when }) }];
        });
        // A check alone is no write.
        if (writes.every(({ kind }) => kind === 'check')) continue;
        const [real, twins] = [await commitReporting(table, writes), await commitReporting(twin.table, writes)];
        expect(twins).toEqual(real);
        refused.all += 1;
        if (real.length > 0) refused.some += 1;
        const [left, twinsLeft] = [await getItems(table, keys, 'strong'), await getItems(twin.table, keys, 'strong')];
        expect(new Set(twinsLeft)).toEqual(new Set(left));
      }
      const query = { pk: keys[0]?.pk ?? '', skPrefix: 'ITEM#', consistency: 'strong', newestFirst: true } as const;
      const [listed, twinsListed] = [await all(queryAll(table, query)), await all(queryAll(twin.table, query))];
      expect(twinsListed).toEqual(listed);
    }),
    { numRuns: runs, seed: 20_261_125 },
  );
  // Sequences that are all taken, or all refused, would prove little.
  expect(refused.some / refused.all).toBeGreaterThan(0.2);
  expect(refused.some / refused.all).toBeLessThan(0.8);
  return { commits: refused.all, refused: refused.some };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
