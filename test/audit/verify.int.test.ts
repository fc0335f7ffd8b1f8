import { execFile } from 'node:child_process';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { touchedPartition } from '../../functions/audit/keys.ts';
import { markTouched } from '../../functions/audit/writes.ts';
import { foldTimeline } from '../../functions/outbox/domain/relay.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { chainHash } from '../../functions/shared/table/aggregate.ts';
import { pairKey, timelineKey } from '../../functions/shared/table/timeline.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { digestOf, verifyTable, type Verification, type VerifyOptions } from '../../scripts/audit/verify.ts';
import { NOW, PAID_ID, soundWorld } from '../scripts-demo/world.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';

type Row = Record<string, unknown>;
const ORDER = `ORDER#${PAID_ID}`;
const LATER = NOW + 10 * MINUTE;

let db: TestTable;
const rows = new Map<string, Row>();

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());
beforeEach(async () => {
  for (const row of await db.items()) await remove(String(row['pk']), String(row['sk']));
  rows.clear();
  for (const row of soundWorld().rows) await put(row);
});

async function put(row: Row): Promise<void> {
  rows.set(`${String(row['pk'])} ${String(row['sk'])}`, row);
  await db.table.client.send(new PutCommand({ TableName: db.table.name, Item: row }));
}

async function remove(pk: string, sk: string): Promise<void> {
  await db.table.client.send(new DeleteCommand({ TableName: db.table.name, Key: { pk, sk } }));
}

const at = (sk: string, pk = ORDER): Row => {
  const row = rows.get(`${pk} ${sk}`);
  if (row === undefined) throw new Error(`There is no ${pk} ${sk}`);
  return row;
};
const step = (version: number): Row => at(timelineKey(ORDER, version).sk);
const verify = (options: VerifyOptions = {}): Promise<Verification> =>
  verifyTable(db.table, { now: () => LATER, wait: async () => undefined, ...options });
const named = async (options?: VerifyOptions): Promise<readonly string[]> =>
  (await verify(options)).differences.map(({ name, id }) => `${name} ${id}`);

/** Computes the whole chain of the order anew after `change`, as somebody would who may write the table. */
async function rewrite(change: (version: number, entry: Row) => Row): Promise<void> {
  const last = Number(at('ORDER')['ver']);
  const folded: Parameters<typeof foldTimeline>[1][number][] = [];
  let previous = '';
  let row: Row = {};
  for (let version = 1; version <= last; version += 1) {
    const entry = change(version, step(version));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a timeline entry as the world has it
    folded.push(entry as (typeof folded)[number]);
    row = { ...foldTimeline({ pk: ORDER, sk: 'ORDER' }, folded) };
    previous = chainHash(previous, row);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    folded[folded.length - 1] = { ...entry, ch: previous } as (typeof folded)[number];
    await put({ ...entry, ch: previous });
    row = { ...row, ch: previous };
  }
  await put(row);
}

describe('the verifier of chains', () => {
  it('finds nothing in a sound world, and counts what it read', async () => {
    const { rows: count, aggregates, steps, differences } = await verify();
    expect(differences).toEqual([]);
    expect(count).toBe(rows.size);
    expect(aggregates).toBeGreaterThan(5);
    expect(steps).toBeGreaterThan(8);
  });

  it.each<[string, string, () => Promise<void>]>([
    ['a step that is missing', 'VERSION_MISSING', () => remove(ORDER, timelineKey(ORDER, 2).sk)],
    ['a first step that is missing', 'VERSION_MISSING', () => remove(ORDER, timelineKey(ORDER, 1).sk)],
    [
      'a tail that was cut off',
      'VERSION_MISSING',
      () => remove(ORDER, timelineKey(ORDER, Number(at('ORDER')['ver'])).sk),
    ],
    ['a step that was altered', 'CHAIN_BROKEN', () => put({ ...step(3), by: 'somebody-else' })],
    ['a value of a step that was altered', 'CHAIN_BROKEN', () => put({ ...step(2), set: { state: 'PENDING' } })],
    [
      'two steps in each other’s place',
      'CHAIN_BROKEN',
      async () => {
        const [second, third] = [step(2), step(3)];
        await put({ ...third, sk: second['sk'], ver: 2 });
        await put({ ...second, sk: third['sk'], ver: 3 });
      },
    ],
    [
      'a step at another place',
      'STEP_MISPLACED',
      async () => {
        await put({ ...step(2), sk: 'TL#000009' });
        await remove(ORDER, timelineKey(ORDER, 2).sk);
      },
    ],
    ['a step too many', 'TIMELINE_AHEAD', () => put({ ...step(2), ver: 99, sk: 'TL#000099' })],
    ['a row that was altered', 'FOLD_DIFFERS', () => put({ ...at('ORDER'), orderNumber: 'ON-0000-0000' })],
    ['a row and its tail set back', 'TIMELINE_AHEAD', () => put({ ...at('ORDER'), ver: 2 })],
    ['a row that is gone', 'ROW_MISSING', () => remove(ORDER, 'ORDER')],
  ])('finds %s', async (_what, name, plant) => {
    await plant();
    expect(await named()).toContain(`${name} ${ORDER}`);
  });

  it('knows steps that are kept in pairs, also where they are kept alone as well', async () => {
    const bare = ({ pk: _pk, sk: _sk, ...rest }: Row): Row => rest;
    const pair = (...versions: readonly number[]): Row => ({
      ...pairKey(ORDER, versions[0] ?? 0),
      steps: versions.map((version) => bare(step(version))),
    });
    const { steps, differences } = await verify();
    await put(pair(3, 4));
    expect(await verify()).toMatchObject({ steps, differences });
    await remove(ORDER, timelineKey(ORDER, 3).sk);
    await remove(ORDER, timelineKey(ORDER, 4).sk);
    expect(await verify()).toMatchObject({ steps, differences: [] });
    const [third, fourth] = [step(3), step(4)];
    await put({ ...pair(3, 4), steps: [bare(third), { ...bare(fourth), by: 'somebody-else' }] });
    expect(await named()).toContain(`CHAIN_BROKEN ${ORDER}`);
    await put({ ...pair(3, 4), ...pairKey(ORDER, 2) });
    await remove(ORDER, pairKey(ORDER, 3).sk);
    expect(await named()).toContain(`STEP_MISPLACED ${ORDER}`);
  });

  it('a chain that was computed anew as a whole verifies, and only what was kept elsewhere shows it', async () => {
    const { heads } = await verify();
    await rewrite((version, entry) => (version === 2 ? { ...entry, by: 'somebody-else' } : entry));
    const again = await verify();
    expect(again.differences).toEqual([]);
    expect(digestOf(again.heads)).not.toBe(digestOf(heads));
    expect(await named({ against: heads })).toEqual([`CHAIN_REWRITTEN ${ORDER}`]);
  });

  it('an aggregate that is gone with all its steps shows against what was kept', async () => {
    const { heads } = await verify();
    for (const row of await db.items()) if (row['pk'] === ORDER) await remove(ORDER, String(row['sk']));
    expect(await named()).toEqual([]);
    expect(await named({ against: heads })).toEqual([`AGGREGATE_GONE ${ORDER}`]);
  });

  describe('by the marks of the audit by time, without anything that was kept elsewhere', () => {
    const key = { pk: ORDER, sk: 'ORDER' };
    /** Marks the order's latest version, as the relay does with the first step of a span. */
    async function mark(version: number): Promise<void> {
      const after = { pk: ORDER, ver: version, at: NOW };
      for (const { key: at, item } of markTouched([{ before: undefined, after }])) await put({ ...at, ...item });
    }
    const entries = (last: number): Parameters<typeof foldTimeline>[1] =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- timeline entries as the world has them
      Array.from({ length: last }, (_step, index) => step(index + 1)) as Parameters<typeof foldTimeline>[1][number][];

    it('a row that was set back with its tail, to a shorter chain that is whole, is found', async () => {
      const last = Number(at('ORDER')['ver']);
      await mark(last);
      expect(await named()).toEqual([]);
      const before = { ...foldTimeline(key, entries(last - 1)) };
      await remove(ORDER, timelineKey(ORDER, last).sk);
      await put(before);
      expect(await named()).toEqual([`TAIL_CUT ${ORDER}`]);
      // And only so: the chain by itself is whole.
      await remove(
        touchedPartition(NOW),
        String([...rows.values()].find(({ things }) => things !== undefined)?.['sk']),
      );
      expect(await named()).toEqual([]);
    });

    it('an aggregate that is gone with all its steps is found', async () => {
      await mark(1);
      for (const row of await db.items()) if (row['pk'] === ORDER) await remove(ORDER, String(row['sk']));
      expect(await named()).toEqual([`AGGREGATE_GONE ${ORDER}`]);
    });

    it('what has changed while the table was read is no difference', async () => {
      const last = Number(at('ORDER')['ver']);
      const [row, tail] = [at('ORDER'), step(last)];
      const before = { ...foldTimeline(key, entries(last - 1)) };
      await mark(last);
      await remove(ORDER, String(tail['sk']));
      await put(before);
      // The order's partition is read before its last step, the mark after it.
      let seen = false;
      const client = testClient();
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const answer = await next(args);
          if (!seen && context['commandName'] === 'ScanCommand') {
            seen = true;
            await put(row);
            await put(tail);
          }
          return answer;
        },
        { step: 'initialize' },
      );
      const found = await verifyTable(tableOn(client, db.table.name), {
        now: () => LATER,
        wait: async () => undefined,
      });
      client.destroy();
      expect(seen).toBe(true);
      expect(found.differences).toEqual([]);
    });
  });

  it('what may not be relayed yet is looked at again before it counts', async () => {
    const last = step(Number(at('ORDER')['ver']));
    await remove(ORDER, String(last['sk']));
    const now = (): number => Number(at('ORDER')['at']) + 1_000;
    expect(await named({ now, wait: () => put(last) })).toEqual([]);
    await remove(ORDER, String(last['sk']));
    expect(await named({ now })).toEqual([`VERSION_MISSING ${ORDER}`]);
  });

  it('its command says how it is used', async () => {
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ['scripts/audit-verify.ts', '--help'], (error, told) =>
        error === null ? resolve(told) : reject(error),
      );
    });
    for (const flag of ['--table', '--keep', '--against', 'Exit code']) expect(stdout).toContain(flag);
  });
});
