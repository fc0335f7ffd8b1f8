import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readKey, readKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { endSessionsOf, regrantSessionsOf } from '../../functions/users/app/sessions-of.ts';
import { userProfileUpdated } from '../../functions/users/contract.ts';
import { findAccount, findLiveSessions } from '../../functions/users/reads.ts';
import { changeAccess, putPassword, regrantSession } from '../../functions/users/writes.ts';
import { refreshTokens } from '../../functions/users/app/refresh-session.ts';
import { hashPassword } from '../../functions/users/passwords.ts';
import { interrupted } from '../support/interrupted.ts';
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
    const userId = await givenAccount(db.table, { email: 'promoted@example.com', roles: ['customer', 'admin'] });
    const live = await signIn(db.table, KEYS, { userId });
    const ended = await signIn(db.table, KEYS, { userId });
    await endSessionsOf(db.table, live.userId, Date.now(), { except: live.sessionId });
    await regrantSessionsOf(db.table, live.userId, Date.now());
    expect(await loadSession(db.table, live, Date.now())).toMatchObject({ roles: ['customer', 'admin'] });
    expect(await isLive(ended)).toBe(false);
  });

  it('never get rights back that a change took while they were refreshed, or regranted by somebody late', async () => {
    const userId = await givenAccount(db.table, { email: 'demoted@example.com', roles: ['customer', 'admin'] });
    const session = await signIn(db.table, KEYS, { userId, roles: ['customer', 'admin'] });
    const before = await findAccount(db.table, userId);
    if (before === undefined) throw new Error('The account is gone');
    const demote = async (): Promise<void> => {
      const cause = { ...occasion(), event: userProfileUpdated.name };
      const demoted = changeAccess(before, { roles: ['customer'] }, cause, () => 'MOVED_ON');
      expect((await commit(db.table, [demoted.write])).ok).toBe(true);
      await regrantSessionsOf(db.table, userId, Date.now());
    };
    const slow = interrupted(db, demote);
    expect((await refreshTokens(slow, KEYS, session.refreshToken, occasion())).ok).toBe(true);
    slow.client.destroy();
    expect((await loadSession(db.table, session, Date.now())).roles).toEqual(['customer']);
    const late = await commit(db.table, [regrantSession(session, before, () => 'NEWER')]);
    expect(late).toMatchObject({ ok: false, error: 'NEWER' });
    expect((await loadSession(db.table, session, Date.now())).roles).toEqual(['customer']);
  });

  it('do not begin by a password that is not of the account that was read beside it', async () => {
    const email = 'torn@example.com';
    const userId = await givenAccount(db.table, { email });
    const account = await findAccount(db.table, userId);
    if (account === undefined) throw new Error('The account is gone');
    // What a batch may find of a reset: the account after it, the password before it.
    const resetAt = Date.now() + 1;
    const cause = { ...occasion(resetAt), event: userProfileUpdated.name };
    await commit(db.table, [changeAccess(account, { passwordChangedAt: resetAt }, cause, () => 'MOVED_ON').write]);
    await expect(logInAs(db.table, email)).rejects.toThrow(StoreBusyError);
    const hash = await hashPassword('Another-password-1!', await readKey(USERS_ENV.PASSWORD_PEPPER_PARAMETER));
    await commit(db.table, [putPassword(userId, hash, resetAt)]);
    expect(await logInAs(db.table, email)).toMatchObject({ ok: false, error: { code: 'INVALID_CREDENTIALS' } });
    expect(await logInAs(db.table, email, { password: 'Another-password-1!' })).toMatchObject({ ok: true });
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
