import { afterAll, beforeAll, expect, it } from 'vitest';

import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { compareSequences } from './sequences.ts';

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

it('the twin does to every sequence of writes what DynamoDB Local does: what it refuses, shows and keeps', async () => {
  expect((await compareSequences(db.table, 300)).commits).toBeGreaterThan(300);
}, 120_000);
