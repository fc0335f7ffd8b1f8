import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadSession } from '../../functions/shared/runtime/session.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { givenAccount, logInAs, usersParameters } from './accounts.ts';

let db: TestTable;
let parameters: TestParameters;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

/** Whom limits are counted for in a new session. */
async function limitKeyOf(email: string): Promise<string | undefined> {
  const begun = await logInAs(db.table, email);
  if (!begun.ok) throw new Error(begun.error.detail);
  return (await loadSession(db.table, begun.value.session, Date.now())).limitKey;
}

describe('limits per person', () => {
  it('count accounts with several addresses of one mailbox as one person, also when they sign in at once', async () => {
    const aliases = ['Anna@gmail.com', 'an.na+one@gmail.com', 'anna+two@googlemail.com'];
    for (const email of aliases) await givenAccount(db.table, { email });
    await givenAccount(db.table, { email: 'bert@gmail.com' });
    const keys = await Promise.all(aliases.map(limitKeyOf));
    expect(keys[0]).toMatch(/^[0-9A-Z]{26}$/);
    expect(new Set(keys).size).toBe(1);
    expect(await limitKeyOf('bert@gmail.com')).not.toBe(keys[0]);
    expect(await limitKeyOf('Anna@gmail.com')).toBe(keys[0]);
    expect(JSON.stringify(await db.items())).not.toMatch(/gmail/i);
  });
});
