import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { endSessionsOf, regrantSessionsOf } from '../../functions/users/app/sessions-of.ts';
import { userProfileUpdated } from '../../functions/users/contract.ts';
import { findAccount, findLiveSessions } from '../../functions/users/reads.ts';
import { changeAccess } from '../../functions/users/writes.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, logInAs, occasion, USERS_ENV, usersParameters } from './accounts.ts';

const KEYS = USERS_ENV.SESSION_KEYS_PARAMETER;

let db: TestTable;
let parameters: TestParameters;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  await readKeyRing(KEYS);
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const isLive = (ref: { readonly userId: string; readonly sessionId: string }): Promise<boolean> =>
  loadSession(db.table, ref, Date.now()).then(
    () => true,
    () => false,
  );

describe('the sessions of a person', () => {
  it('are all ended at once, but for the one that may go on, and nobody else loses theirs', async () => {
    const anna = await signIn(db.table, KEYS);
    const onPhone = await signIn(db.table, KEYS, { userId: anna.userId });
    const onTablet = await signIn(db.table, KEYS, { userId: anna.userId });
    const stranger = await signIn(db.table, KEYS);
    expect(await endSessionsOf(db.table, anna.userId, Date.now(), { except: onPhone.sessionId })).toBe(2);
    expect(await Promise.all([anna, onPhone, onTablet, stranger].map(isLive))).toEqual([false, true, false, true]);
    expect((await findLiveSessions(db.table, anna.userId, Date.now())).map(({ sessionId }) => sessionId)).toEqual([
      onPhone.sessionId,
    ]);
  });

  it('get new rights while they live; an ended one stays ended', async () => {
    const live = await signIn(db.table, KEYS);
    const ended = await signIn(db.table, KEYS, { userId: live.userId });
    await endSessionsOf(db.table, live.userId, Date.now(), { except: live.sessionId });
    await regrantSessionsOf(db.table, live.userId, { roles: ['customer', 'admin'], memberships: [] }, Date.now());
    expect(await loadSession(db.table, live, Date.now())).toMatchObject({ roles: ['customer', 'admin'] });
    expect(await isLive(ended)).toBe(false);
  });

  it('never outlive a change of the account, however a log-in falls into it', async () => {
    const userId = await givenAccount(db.table, { email: 'racer@example.com' });
    const changed = async (): Promise<void> => {
      const account = await findAccount(db.table, userId);
      if (account === undefined) throw new Error('The account is gone');
      const cause = { ...occasion(), event: userProfileUpdated.name };
      const done = await commit(db.table, [changeAccess(account, {}, cause, () => 'MOVED_ON').write]);
      expect(done.ok).toBe(true);
      await endSessionsOf(db.table, userId, Date.now());
    };
    // bcrypt takes a while, so the change falls before, into and after the six log-ins.
    const logIns = Promise.all(Array.from({ length: 6 }, () => logInAs(db.table, 'racer@example.com')));
    await changed();
    const outcomes = await logIns;
    const { accessEpoch = 0 } = (await findAccount(db.table, userId)) ?? {};
    const begun = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const alive = await Promise.all(begun.map(({ session }) => isLive(session)));
    const deaf = begun.filter(({ account }, index) => alive[index] === true && account.accessEpoch !== accessEpoch);
    expect(deaf).toEqual([]);
    await changed();
    expect(await findLiveSessions(db.table, userId, Date.now())).toEqual([]);
  });
});
