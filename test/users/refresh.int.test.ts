import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { loadSession } from '../../functions/shared/runtime/session.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import { refreshTokens } from '../../functions/users/app/refresh-session.ts';
import type { MintedSession } from '../../functions/users/app/mint-session.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { userProfileUpdated } from '../../functions/users/contract.ts';
import { findAccount } from '../../functions/users/reads.ts';
import { changeAccess } from '../../functions/users/writes.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { Attributes } from '../../functions/shared/table/writes.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, occasion, PASSWORD, USERS_ENV, usersParameters } from './accounts.ts';

const REFRESH = 'POST /api/auth/refresh';
const SESSIONS = 'GET /api/auth/sessions';
const KEYS = USERS_ENV.SESSION_KEYS_PARAMETER;

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, USERS_ENV);
  ({ handler } = await import('../../functions/users/handlers/http-users.ts'));
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const refresh = (refreshToken: string): Promise<TestAnswer> =>
  call(handler, { route: REFRESH, body: {}, cookies: [`__Host-onsale-refresh=${refreshToken}`] });

const refreshAt = async (refreshToken: string, now: number): Promise<MintedSession | undefined> => {
  const refreshed = await refreshTokens(db.table, KEYS, refreshToken, occasion(now));
  return refreshed.ok ? refreshed.value : undefined;
};

const cookieOf = ({ cookies }: TestAnswer, name: string): string =>
  cookies.find((cookie) => cookie.startsWith(name)) ?? '';
const tokenIn = (answer: TestAnswer): string => /=([^;]*);/.exec(cookieOf(answer, '__Host-onsale-refresh'))?.[1] ?? '';

const isLive = (session: MintedSession, now = Date.now()): Promise<boolean> =>
  loadSession(db.table, session, now).then(
    () => true,
    () => false,
  );

describe('a refresh', () => {
  it('gives new tokens of the same session, in cookies that only our own pages send', async () => {
    const session = await signIn(db.table, KEYS);
    const answer = await refresh(session.refreshToken);
    expect(answer).toMatchObject({ status: 200, json: { csrfToken: session.csrfToken, expiresIn: 3_600 } });
    const cookie = cookieOf(answer, '__Host-onsale-refresh');
    expect(cookie.split('; ').slice(1).toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
    expect(tokenIn(answer)).not.toBe(session.refreshToken);
    const token = String(answer.json['accessToken']);
    expect((await call(handler, { route: SESSIONS, token })).status).toBe(200);
    expect(JSON.stringify(await db.items())).not.toContain(tokenIn(answer));
  });

  it('by two tabs at once gives both the same next token, and neither is taken for a thief', async () => {
    const session = await signIn(db.table, KEYS);
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(session.refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(tokenIn)).size).toBe(1);
    const [answer] = answers;
    expect(answer && (await refresh(tokenIn(answer))).status).toBe(200);
  });

  it('with a token that was replaced more than ten seconds ago ends the session, for the thief and its owner', async () => {
    const session = await signIn(db.table, KEYS);
    const now = Date.now();
    const next = await refreshAt(session.refreshToken, now);
    expect(next).toBeDefined();
    expect(await refreshAt(session.refreshToken, now + 10_000)).toMatchObject({ refreshToken: next?.refreshToken });
    expect(await refreshAt(session.refreshToken, now + 10_001)).toBeUndefined();
    expect(await isLive(session)).toBe(false);
    expect(await refreshAt(next?.refreshToken ?? '', now + 10_002)).toBeUndefined();
  });

  it('ends what has outlived a ban, gives rights that were missed, and writes down that a token was copied', async () => {
    const userId = await givenAccount(db.table, { email: 'outlived@example.com' });
    const [banned, copied] = [await signIn(db.table, KEYS, { userId }), await signIn(db.table, KEYS, { userId })];
    const change = async (changes: Attributes): Promise<void> => {
      const account = await findAccount(db.table, userId);
      if (account === undefined) throw new Error('The account is gone');
      const cause = { ...occasion(), event: userProfileUpdated.name };
      expect((await commit(db.table, [changeAccess(account, changes, cause, () => 'MOVED_ON').write])).ok).toBe(true);
    };
    await change({ roles: ['customer', 'support'] });
    const next = await refresh(copied.refreshToken);
    expect(await loadSession(db.table, copied, Date.now())).toMatchObject({ roles: ['customer', 'support'] });
    expect((await refresh(tokenIn(next))).status).toBe(200);
    expect((await refresh(copied.refreshToken)).status).toBe(401);
    expect((await findAccount(db.table, userId))?.ev).toBe('users.RefreshTokenReused.v1');
    // Whoever banned the person died before the sessions were ended.
    await change({ bannedAt: Date.now() });
    expect(await isLive(banned)).toBe(true);
    expect((await refresh(banned.refreshToken)).status).toBe(401);
    expect(await isLive(banned)).toBe(false);
  });

  it('with a token of two generations ago ends the session even within ten seconds', async () => {
    const session = await signIn(db.table, KEYS);
    const next = await refresh(session.refreshToken);
    expect((await refresh(tokenIn(next))).status).toBe(200);
    expect((await refresh(session.refreshToken)).status).toBe(401);
    expect(await isLive(session)).toBe(false);
  });

  it('with a forged token ends nothing: knowing a session by name is no theft', async () => {
    const session = await signIn(db.table, KEYS);
    await refresh(session.refreshToken);
    const [userId, sessionId] = session.refreshToken.split('.');
    for (const forged of [
      `${userId}.${sessionId}.0.${'A'.repeat(43)}`,
      `${userId}.${sessionId}.1.${'A'.repeat(43)}`,
      `${userId}.${sessionId}.7.${'A'.repeat(43)}`,
      `${userId}.${sessionId}.0.`,
      session.accessToken,
      'x',
      '',
    ]) {
      expect((await refresh(forged)).status, forged).toBe(401);
    }
    expect(await isLive(session)).toBe(true);
  });

  it('is no access token, and an access token is no refresh token', async () => {
    const session = await signIn(db.table, KEYS);
    expect((await call(handler, { route: SESSIONS, token: session.refreshToken })).status).toBe(401);
    expect((await refresh(session.accessToken)).status).toBe(401);
    expect((await call(handler, { route: REFRESH, body: {}, token: session.accessToken })).status).toBe(401);
  });

  it('brings nothing back that was ended', async () => {
    const session = await signIn(db.table, KEYS);
    const [, refreshed] = await Promise.all([
      call(handler, { route: 'POST /api/auth/logout', token: session.accessToken }),
      refresh(session.refreshToken),
    ]);
    expect([200, 401]).toContain(refreshed.status);
    expect(await isLive(session)).toBe(false);
    expect((await refresh(session.refreshToken)).status).toBe(401);
    expect((await refresh(tokenIn(refreshed))).status).toBe(401);
  });
});

describe('the life of a session', () => {
  const lives = async (rememberMe: boolean, everyMs: number, forMs: number): Promise<boolean> => {
    const began = Date.now();
    let session = await signIn(db.table, KEYS, { now: began, rememberMe });
    for (let now = began + everyMs; now < began + forMs; now += everyMs) {
      const next = await refreshAt(session.refreshToken, now);
      if (next === undefined) return false;
      session = next;
    }
    return isLive(session, began + forMs);
  };

  it.each([
    [false, 'is 12 hours idle', 12 * HOUR, 12 * HOUR - MINUTE, true],
    [false, 'is 12 hours idle', 13 * HOUR, 13 * HOUR, false],
    [false, 'is 24 hours in all', 6 * HOUR, DAY - MINUTE, true],
    [false, 'is 24 hours in all', 6 * HOUR, DAY + MINUTE, false],
    [true, 'is 30 days idle', 30 * DAY, 30 * DAY - MINUTE, true],
    [true, 'is 30 days idle', 31 * DAY, 31 * DAY, false],
    [true, 'is 90 days in all', 20 * DAY, 90 * DAY - MINUTE, true],
    [true, 'is 90 days in all', 20 * DAY, 90 * DAY + MINUTE, false],
  ])('remembered: %s, %s', async (rememberMe, _what, everyMs, forMs, expected) => {
    expect(await lives(rememberMe, everyMs, forMs)).toBe(expected);
  });

  it('lets the browser forget the refresh cookie unless the person is to be remembered', async () => {
    await givenAccount(db.table, { email: 'remember@example.com' });
    const body = { email: 'remember@example.com', password: PASSWORD };
    const route = 'POST /api/auth/login';
    const usual = await call(handler, { route, body });
    expect(cookieOf(usual, '__Host-onsale-refresh')).not.toContain('Max-Age');
    const remembered = await call(handler, { route, body: { ...body, rememberMe: true } });
    expect(cookieOf(remembered, '__Host-onsale-refresh')).toContain('; Max-Age=2592000; ');
  });
});

describe('the sessions of a person', () => {
  it('are listed to them alone, by what their programs called themselves, and ended one by one or all at once', async () => {
    const userId = await givenAccount(db.table, { email: 'lister@example.com' });
    const here = await signIn(db.table, KEYS, { userId, deviceName: 'Firefox on Linux' });
    const there = await signIn(db.table, KEYS, { userId, rememberMe: true });
    const stranger = await signIn(db.table, KEYS);
    const listed = await call(handler, { route: SESSIONS, token: here.accessToken });
    const byId = { [here.sessionId]: ['Firefox on Linux', true, false], [there.sessionId]: [null, false, true] };
    const items = listed.json['items'];
    if (!Array.isArray(items)) throw new Error('No list');
    expect(
      Object.fromEntries(items.map((item) => [item['id'], [item['deviceName'], item['current'], item['rememberMe']]])),
    ).toEqual(byId);
    const end = (token: string, sessionId: string): Promise<TestAnswer> =>
      call(handler, { route: 'DELETE /api/auth/sessions/{sessionId}', params: { sessionId }, token });
    expect(await end(stranger.accessToken, there.sessionId)).toMatchObject({
      status: 404,
      json: { code: 'SESSION_NOT_FOUND' },
    });
    expect(await isLive(there)).toBe(true);
    expect((await end(here.accessToken, there.sessionId)).status).toBe(204);
    expect(await isLive(there)).toBe(false);
    expect((await end(here.accessToken, there.sessionId)).status).toBe(404);
    const all = await call(handler, { route: 'POST /api/auth/logout-all', token: here.accessToken });
    expect(all.status).toBe(204);
    expect(all.cookies.map((cookie) => cookie.split(';')[0])).toEqual([
      '__Host-onsale-session=',
      '__Host-onsale-refresh=',
    ]);
    expect(await isLive(here)).toBe(false);
    expect(await isLive(stranger)).toBe(true);
  });
});

describe('a log-in in a browser that is signed in', () => {
  const SESSION = '__Host-onsale-session';
  const REFRESHING = '__Host-onsale-refresh';
  const logIn = (email: string, cookies: readonly string[], password = PASSWORD): Promise<TestAnswer> =>
    call(handler, { route: 'POST /api/auth/login', body: { email, password }, cookies });
  const jarOf = (answer: TestAnswer): readonly string[] =>
    answer.cookies.map((cookie) => cookie.split(';')[0] ?? '').filter((cookie) => !/-device=/.test(cookie));
  const works = async (answer: TestAnswer): Promise<boolean> =>
    (await call(handler, { route: SESSIONS, token: String(answer.json['accessToken']) })).status === 200;

  it('ends the session before it, also somebody else’s, whichever of its cookies is left, and no other (V7.2.4)', async () => {
    for (const email of ['first-user@example.com', 'second-user@example.com']) await givenAccount(db.table, { email });
    const elsewhere = await logIn('first-user@example.com', []);
    const first = await logIn('first-user@example.com', []);
    const second = await logIn('first-user@example.com', jarOf(first));
    expect(await Promise.all([first, second, elsewhere].map(works))).toEqual([false, true, true]);
    expect((await refresh(tokenIn(first))).status).toBe(401);
    // The access token has gone with its hour: the other cookie is enough, refreshed or not.
    const refreshed = await refresh(tokenIn(second));
    const third = await logIn('second-user@example.com', [`${REFRESHING}=${tokenIn(refreshed)}`]);
    expect(await Promise.all([second, third].map(works))).toEqual([false, true]);
    const access = jarOf(third).filter((cookie) => cookie.startsWith(SESSION));
    expect(access).toHaveLength(1);
    const fourth = await logIn('second-user@example.com', access);
    expect(await Promise.all([third, fourth, elsewhere].map(works))).toEqual([false, true, true]);
  });

  it('ends none where it fails, or where the cookie proves none', async () => {
    await givenAccount(db.table, { email: 'clumsy@example.com' });
    const first = await logIn('clumsy@example.com', []);
    expect((await logIn('clumsy@example.com', jarOf(first), 'Not-the-password-1!')).status).toBe(401);
    const forged = tokenIn(first).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const cookie of [`${REFRESHING}=${forged}`, `${REFRESHING}=x`, `${SESSION}=x.y.z`])
      expect((await logIn('clumsy@example.com', [cookie])).status).toBe(200);
    expect(await works(first)).toBe(true);
  });

  it('by two tabs at once leaves two sessions that were begun, and none from before', async () => {
    await givenAccount(db.table, { email: 'two-tabs@example.com' });
    const before = await logIn('two-tabs@example.com', []);
    const both = await Promise.all([1, 2].map(() => logIn('two-tabs@example.com', jarOf(before))));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await works(before)).toBe(false);
    expect(await Promise.all(both.map(works))).toEqual([true, true]);
  });
});
