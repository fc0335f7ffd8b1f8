import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { getItem, getItems, queryAll, queryPage } from '../../functions/shared/table/read.ts';
import { absent, atLeast, type Write } from '../../functions/shared/table/writes.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { injectFaults, type InjectedFaults } from './faults.ts';

let db: TestTable;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await db.drop();
});

/** The same table behind a client that meets `faults`; the SDK itself tries once. */
function faulty(faults: InjectedFaults): Table {
  const client = testClient({ maxAttempts: 1 });
  clients.push(client);
  injectFaults(client, faults);
  return tableOn(client, db.table.name);
}

const key = (id: string): { pk: string; sk: string } => ({ pk: id, sk: 'ROW' });
const otherwise = (): string => 'CONDITION_FAILED';
const count = (id: string, by: number): Write<string> => ({ kind: 'update', key: key(id), add: { n: by }, otherwise });

describe('a store that stays busy', () => {
  const [first, second] = [ulid(), ulid()];

  it.each([
    ['getItem', (table: Table) => getItem(table, key(first), 'strong')],
    ['getItems', (table: Table) => getItems(table, [key(first), key(second)], 'strong')],
    ['queryPage', (table: Table) => queryPage(table, { pk: first }, 1)],
    ['one write', (table: Table) => commit(table, [count(first, 1)])],
    ['a transaction', (table: Table) => commit(table, [count(first, 1), count(second, 1)])],
  ])('%s says so, and never that a condition failed or nothing is there', async (_what, ask) => {
    await expect(ask(faulty({ throttles: 1 }))).rejects.toThrow(StoreBusyError);
  });

  it('a transaction in conflict for ever is busy, and changes nothing', async () => {
    await expect(commit(faulty({ conflicts: 1 }), [count(first, 1), count(second, 1)])).rejects.toThrow(StoreBusyError);
    expect(await getItem(db.table, key(first), 'strong')).toBeUndefined();
  });

  it('half of the time it is worked around', async () => {
    const table = faulty({ throttles: 0.4, conflicts: 0.3, seed: 2 });
    const id = ulid();
    for (let round = 0; round < 10; round += 1)
      expect(await commit(table, [count(id, 1), count(`${id}b`, 1)])).toMatchObject({ ok: true });
    expect((await getItem(db.table, key(id), 'strong'))?.['n']).toBe(10);
  });
});

describe('an answer that is lost', () => {
  it('is no second effect: the transaction keeps its token over the attempts of a call', async () => {
    const table = faulty({ lostAnswers: 0.3, seed: 4 });
    const id = ulid();
    for (let round = 0; round < 20; round += 1) await commit(table, [count(id, 1), count(`${id}b`, 1)]);
    expect((await getItem(db.table, key(id), 'strong'))?.['n']).toBe(20);
  });

  it('does not make a condition fail on its own effect', async () => {
    const table = faulty({ lostAnswers: 0.3, seed: 5 });
    for (let round = 0; round < 10; round += 1) {
      const id = ulid();
      const create: Write<string> = { kind: 'put', key: key(id), item: { n: 1 }, when: absent('pk'), otherwise };
      expect(await commit(table, [create, count(`${id}b`, 1)])).toMatchObject({ ok: true });
    }
  });
});

describe('a condition that fails', () => {
  it('tells the item that stood in the way, alone or in a transaction, and which write of it', async () => {
    const id = ulid();
    await commit(db.table, [count(id, 3)]);
    const take = (by: number): Write<unknown> => ({
      ...count(id, -by),
      when: atLeast('n', by),
      otherwise: (found) => found?.['n'],
    });
    expect(await commit(db.table, [take(4)])).toEqual({ ok: false, error: 3 });
    expect(await commit(db.table, [count(`${id}b`, 1), take(4)])).toEqual({ ok: false, error: 3 });
    expect(await getItem(db.table, key(`${id}b`), 'strong')).toBeUndefined();
  });
});

describe('a partition of more than one page', () => {
  it('is read to its end, whatever the page size', async () => {
    const pk = ulid();
    for (let index = 0; index < 23; index += 1) {
      await commit(db.table, [{ kind: 'put', key: { pk, sk: String(index).padStart(3, '0') }, item: {}, otherwise }]);
    }
    const seen: string[] = [];
    for await (const { sk } of queryAll(db.table, { pk, pageSize: 5 })) seen.push(sk);
    expect(seen).toHaveLength(23);
    expect(seen).toEqual(seen.toSorted());
  });
});
