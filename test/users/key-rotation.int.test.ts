import { createHmac, randomBytes } from 'node:crypto';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { newRing, rotateRing, type KeyRing } from '../../scripts/setup/key-ring.ts';
import { mintSession, type MintedSession } from '../../functions/users/app/mint-session.ts';
import { REFRESH_COOKIE } from '../../functions/users/cookies.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { givenAccount, PASSWORD, USERS_ENV, usersParameters } from './accounts.ts';

const MINUTE = 60_000;

/** One warm function instance with its own memory, as Lambda keeps several of. */
interface Instance {
  logIn(): Promise<string>;
  whoAmI(token: string): Promise<TestAnswer>;
  refresh(token: string): Promise<TestAnswer>;
}

let db: TestTable;
let parameters: TestParameters;
let userId: string;
/** What SSM has; rotation writes it. */
let ring: KeyRing;
/** Look-ups of the ring since the test began. */
let lookUps = 0;

beforeAll(async () => {
  db = await startTestTable();
  const values = Object.defineProperty(usersParameters(), USERS_ENV.SESSION_KEYS_PARAMETER, {
    get: () => {
      lookUps += 1;
      return JSON.stringify(ring);
    },
  });
  parameters = await serveParameters(values);
  useTestEnvironment(db, USERS_ENV);
  userId = await givenAccount(db.table);
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  ring = newRing();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await parameters.close();
  await db.drop();
});

async function coldStart(): Promise<Instance> {
  vi.resetModules();
  const users: { handler: HttpHandler } = await import('../../functions/users/handlers/http-users.ts');
  const profile: { handler: HttpHandler } = await import('../../functions/users/handlers/http-profile.ts');
  return {
    logIn: async () => {
      const body = { email: 'anna@example.com', password: PASSWORD };
      const { status, json } = await call(users.handler, { route: 'POST /api/auth/login', body });
      expect(status).toBe(200);
      return String(json['accessToken']);
    },
    whoAmI: (token) => call(profile.handler, { route: 'GET /api/auth/me', token }),
    refresh: (token) => {
      const cookies = [`${REFRESH_COOKIE}=${token}`];
      return call(users.handler, { route: 'POST /api/auth/refresh', body: {}, cookies });
    },
  };
}

/** A session that was begun with the ring as it is. */
const begun = (): Promise<MintedSession> => {
  const as = { userId, roles: ['customer' as const], memberships: [], now: Date.now() };
  return mintSession(db.table, parseKeyRing(JSON.stringify(ring)), as);
};
/** A token under a key and an id of one's choice. */
const tokenOf = (key: Uint8Array, kid: string): Promise<string> =>
  new SignJWT({ sid: 'x' })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setSubject(userId)
    .setIssuer('onsale')
    .setAudience('onsale-api')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(key);
const refreshTokenIn = ({ cookies }: TestAnswer): string =>
  cookies.flatMap((cookie) => cookie.match(/^__Host-onsale-refresh=([^;]+)/)?.[1] ?? [])[0] ?? '';

const later = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);

it('a token of the newest key is taken at once by an instance that still keeps the ring from before', async () => {
  const warm = await coldStart();
  const before = await warm.logIn();
  ring = rotateRing(ring);
  const fresh = await coldStart();
  const after = await fresh.logIn();
  expect(decodeProtectedHeader(after).kid).toBe(ring.current);
  expect(decodeProtectedHeader(before).kid).not.toBe(ring.current);

  expect(await warm.whoAmI(after)).toMatchObject({ status: 200, json: { id: userId } });
  expect((await fresh.whoAmI(before)).status).toBe(200);
  expect((await warm.whoAmI(before)).status).toBe(200);
});

it('a second tab is no thief to an instance that still keeps the ring from before the first one’s next token', async () => {
  const warm = await coldStart();
  const { refreshToken } = await begun();
  await warm.logIn();
  ring = rotateRing(ring);
  const fresh = await coldStart();
  const [first, second] = [await fresh.refresh(refreshToken), await warm.refresh(refreshToken)];
  expect(first.status).toBe(200);
  expect(second.status).toBe(200);
  expect(refreshTokenIn(second)).toBe(refreshTokenIn(first));
  expect((await warm.refresh(refreshTokenIn(first))).status).toBe(200);
});

it('nor while nobody can say which key that token was made with', async () => {
  const warm = await coldStart();
  const { refreshToken } = await begun();
  await warm.logIn();
  // Somebody has just made it read the ring anew, which is from before the rotation.
  await warm.whoAmI(await tokenOf(randomBytes(32), 'made-up'));
  ring = rotateRing(ring);
  const next = await (await coldStart()).refresh(refreshToken);
  expect(await warm.refresh(refreshToken)).toMatchObject({ status: 503, json: { code: 'BUSY' } });
  expect((await warm.refresh(refreshTokenIn(next))).status).toBe(200);
});

it('a key that has left the ring opens nothing once the kept ring is a minute old', async () => {
  const warm = await coldStart();
  const old = await warm.logIn();
  ring = rotateRing(rotateRing(ring));
  expect((await (await coldStart()).whoAmI(old)).status).toBe(401);
  later(MINUTE);
  expect(await warm.whoAmI(old)).toMatchObject({ status: 401, json: { code: 'NOT_SIGNED_IN' } });
});

it('tokens with made-up key ids cost one look-up in ten seconds, however many come, and a good token is served', async () => {
  const warm = await coldStart();
  const good = await warm.logIn();
  const junk = (): Promise<string> => tokenOf(randomBytes(32), randomBytes(4).toString('hex'));
  const storm = async (): Promise<readonly number[]> => {
    const tokens = await Promise.all(Array.from({ length: 40 }, junk));
    const answers = await Promise.all([...tokens, good].map((token) => warm.whoAmI(token)));
    return answers.map(({ status }) => status);
  };
  const refusedButOne = [...Array<number>(40).fill(401), 200];
  lookUps = 0;
  expect(await storm()).toEqual(refusedButOne);
  expect(await storm()).toEqual(refusedButOne);
  expect(lookUps).toBe(1);
  later(10_000);
  expect(await storm()).toEqual(refusedButOne);
  expect(lookUps).toBe(2);
});

it.each([
  ['a path', '../../session-keys'],
  ['an id with a NUL', 'a\u0000b'],
  ['SQL', "x' UNION SELECT 'key"],
  ['a prototype', '__proto__'],
  ['nothing', ''],
  ['a list', ['k1']],
  ['an object', { toString: 'k1' }],
  ['a number', 1],
])('a key id that is %s is looked up nowhere or found nowhere', async (_what, kid) => {
  const warm = await coldStart();
  const [id = '', hex = ''] = Object.entries(ring.keys)[0] ?? [];
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [, payload = ''] = (await warm.logIn()).split('.');
  const signed = (header: object): string => {
    const input = `${encode(header)}.${payload}`;
    return `${input}.${createHmac('sha256', Buffer.from(hex, 'hex')).update(input).digest('base64url')}`;
  };
  expect((await warm.whoAmI(signed({ alg: 'HS256', kid: id }))).status).toBe(200);
  expect((await warm.whoAmI(signed({ alg: 'HS256', kid }))).status).toBe(401);
});
