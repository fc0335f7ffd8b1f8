import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { putItems } from '../../functions/shared/table/batch.ts';
import { keepSteps, readSteps, type StepQuery, type TimelineStep } from '../../functions/shared/table/timeline.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';

let db: TestTable;
let made = 0;

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

function step(ver: number): TimelineStep {
  return { ver, ev: 'e', at: ver, cid: 'c', by: 'system', ch: `hash ${ver}`, set: { note: ver }, removed: [] };
}

/** An aggregate of which steps are kept alone or in pairs, as the number says; some twice, brought again in another cut. */
async function keep(deliveries: readonly (readonly number[])[]): Promise<string> {
  made += 1;
  const pk = `ORDER#${made}`;
  await putItems(
    db.table,
    deliveries.map(([first = 1, second]) =>
      keepSteps(pk, step(first), second === undefined ? undefined : step(second)),
    ),
  );
  const row = { kind: 'put', item: { ver: 9 }, otherwise: mustHold('unconditional') } as const;
  await putItems(db.table, [
    { ...row, key: { pk, sk: 'AAA' } },
    { ...row, key: { pk, sk: 'ZZZ' } },
  ]);
  return pk;
}

async function versions(pk: string, query?: StepQuery): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { ver } of readSteps(db.table, pk, query)) found.push(ver);
  return found;
}

describe('the steps of a timeline', () => {
  it('are told as they were kept, alone and in pairs', async () => {
    const pk = await keep([[1], [2, 3], [4]]);
    const told: unknown[] = [];
    for await (const each of readSteps(db.table, pk)) told.push(each);
    expect(told).toMatchObject(
      [1, 2, 3, 4].map((ver) => ({ ver, ch: `hash ${ver}`, set: { note: ver }, removed: [] })),
    );
  });

  it('are each told once and in order, from and up to any version, however often and in whatever pairs they came', async () => {
    const last = 7;
    const cut = fc.array(fc.boolean(), { minLength: last, maxLength: last }).map((pairs) => {
      const items: number[][] = [];
      for (let ver = 1; ver <= last; ver += 1) {
        if (pairs[ver - 1] === true && ver < last) items.push([ver, (ver += 1)]);
        else items.push([ver]);
      }
      return items;
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(cut, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: last + 1 }),
        fc.integer({ min: 1, max: 3 }),
        async (deliveries, edge, pageSize) => {
          const unique = new Map(deliveries.flat().map((item) => [item.join('-'), item]));
          const pk = await keep([...unique.values()]);
          const all = Array.from({ length: last }, (_, index) => index + 1);
          expect(await versions(pk)).toEqual(all);
          expect(await versions(pk, { from: edge, pageSize })).toEqual(all.filter((ver) => ver >= edge));
          expect(await versions(pk, { newestFirst: true, pageSize })).toEqual(all.toReversed());
          expect(await versions(pk, { newestFirst: true, before: edge })).toEqual(
            all.filter((ver) => ver < edge).toReversed(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
