import { afterAll, beforeAll, expect, it } from 'vitest';

import { CONDITIONS, foundOutAfter, liveSoundly, waitingAgain, withoutWaiting } from '../inventory/histories.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { compareSequences } from '../twin/sequences.ts';
import { record } from './record.ts';

const HISTORIES = 10_000;
/** Other histories than those of the suite. */
const SEED = 7;
const SEQUENCES = 20_000;

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

it(`${SEQUENCES} sequences of writes on DynamoDB Local and on its twin`, async () => {
  const figures = await compareSequences(db.table, SEQUENCES);
  expect(figures.commits).toBeGreaterThan(SEQUENCES);
  record(`twin against DynamoDB Local, ${SEQUENCES} sequences`, { ...figures });
}, 3_600_000);

it(`${HISTORIES} histories of the block ledger, and one forgotten condition after the other`, async () => {
  withoutWaiting();
  try {
    const outcomes = await liveSoundly(HISTORIES, SEED);
    const figures: Record<string, number> = {};
    for (const name of ['hold held', 'hold SOLD_OUT', 'hold LIMIT_EXCEEDED', 'pay PAID', 'sweep done', 'spread done'])
      figures[name] = outcomes.get(name) ?? 0;
    for (const { sk, path } of CONDITIONS) {
      const after = await foundOutAfter({ sk, path }, HISTORIES);
      expect(after).toBeDefined();
      figures[`${sk}.${path} forgotten, found in history`] = after ?? 0;
    }
    record(`block ledger, ${HISTORIES} histories`, figures);
  } finally {
    waitingAgain();
  }
}, 1_800_000);
