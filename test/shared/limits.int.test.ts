import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { limiterOn } from '../../functions/shared/runtime/limits.ts';
import { STAGES } from '../../lib/stages.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, PASSWORD, USERS_ENV, usersParameters } from '../users/accounts.ts';

const FIVE = { most: 5, withinSeconds: 900 };
const LOWERED = {
  ...STAGES.local.limits,
  logInsPerAddress: FIVE,
  refreshesPerAddress: FIVE,
  registrationsPerAddress: FIVE,
  mailsPerAddress: FIVE,
  tokensPerAddress: FIVE,
  passwordsPerSession: FIVE,
};

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let registration: HttpHandler;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, { ...USERS_ENV, LIMITS: JSON.stringify(LOWERED) });
  ({ handler } = await import('../../functions/users/handlers/http-users.ts'));
  ({ handler: registration } = await import('../../functions/users/handlers/http-registration.ts'));
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

describe('a limit', () => {
  const limiter = (): ReturnType<typeof limiterOn> =>
    limiterOn(db.table, JSON.stringify(LOWERED), USERS_ENV.EMAIL_INDEX_KEY_PARAMETER);

  it('lets as many through as it says, however many come at once, and says when the next may', async () => {
    const now = Date.UTC(2026, 0, 1, 12, 5);
    const many = JSON.stringify({ ...LOWERED, logInsPerAddress: { most: 25, withinSeconds: 900 } });
    const limiter = (): ReturnType<typeof limiterOn> => limiterOn(db.table, many, USERS_ENV.EMAIL_INDEX_KEY_PARAMETER);
    const tries = await Promise.all(
      Array.from({ length: 40 }, () => limiter().count('logInsPerAddress', '198.51.100.7', now)),
    );
    expect(tries.filter(({ ok }) => ok)).toHaveLength(25);
    expect(tries.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'TOO_MANY_REQUESTS', retryAfter: 600 } });
    expect((await limiter().count('logInsPerAddress', '198.51.100.8', now)).ok).toBe(true);
    expect((await limiter().count('mailsPerAddress', '198.51.100.7', now)).ok).toBe(true);
    expect((await limiter().count('logInsPerAddress', '198.51.100.7', now + 600_000)).ok).toBe(true);
  });

  it('of few uses holds within any time, not only within its own windows', async () => {
    const [start, subject] = [Date.UTC(2026, 0, 1, 11, 59), 'guest@example.com'];
    const at = async (minutes: number): Promise<boolean> =>
      (await limiter().count('mailsPerMailbox', subject, start + minutes * 60_000)).ok;
    expect([await at(0), await at(0.5), await at(2), await at(3), await at(59)]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(await limiter().count('mailsPerMailbox', subject, start + 59 * 60_000)).toMatchObject({
      error: { retryAfter: 60 },
    });
    expect([await at(60), await at(60.4), await at(60.5)]).toEqual([true, false, true]);
    const atOnce = await Promise.all(
      Array.from({ length: 10 }, () => limiter().count('mailsPerMailbox', 'other@example.com', start)),
    );
    expect(atOnce.filter(({ ok }) => ok)).toHaveLength(3);
  });

  it('keeps no address that could be read from the table', async () => {
    await limiter().count('logInsPerAddress', '198.51.100.9', Date.now());
    expect(JSON.stringify(await db.items())).not.toContain('198.51.100');
  });

  it('of log-ins answers 429 with Retry-After at the front door', async () => {
    const body = { email: 'nobody@example.com', password: 'x' };
    const answers: (readonly [status: number, waits: boolean])[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const answer = await call(handler, { route: 'POST /api/auth/login', body: { ...body, email: `${attempt}` } });
      answers.push([answer.status, Number(answer.headers['retry-after']) > 0]);
    }
    expect(answers).toEqual([...Array.from({ length: 5 }, () => [401, false]), [429, true]]);
  });

  const token = 'A'.repeat(64);
  const person = { password: 'weak', firstName: 'A', lastName: 'B', dateOfBirth: '1990-05-17' };
  it.each<[string, (attempt: number) => unknown]>([
    ['POST /api/auth/register', (attempt) => ({ ...person, email: `limited-${attempt}@example.com` })],
    ['POST /api/auth/refresh', () => ({})],
    // By both ways of asking for a mail together, and by all ways of bringing a token together.
    ['POST /api/auth/resend-verification', (attempt) => ({ email: `limited-${attempt}@example.com` })],
    ['POST /api/auth/verify-email', () => ({ token })],
  ])('of %s answers 429 to one network address, and to no other', async (route, body) => {
    const served = route.endsWith('/refresh') ? handler : registration;
    const answers: TestAnswer[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1)
      answers.push(await call(served, { route, body: body(attempt), from: '198.51.100.20' }));
    expect(answers.map(({ status }) => status === 429)).toEqual([false, false, false, false, false, true]);
    expect(answers.at(-1)).toMatchObject({ json: { code: 'TOO_MANY_REQUESTS' } });
    expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call(served, { route, body: body(7), from: '198.51.100.21' })).status).not.toBe(429);
  });

  it.each([
    ['POST /api/auth/forgot-password', { email: 'limited-8@example.com' }],
    ['POST /api/auth/reset-password', { token, newPassword: 'Onsale-test-2026!' }],
    ['POST /api/auth/unlock', { token }],
    ['POST /api/auth/confirm-email', { token }],
  ])('of %s is shared with what leads to the same', async (route, body) => {
    expect((await call(registration, { route, body, from: '198.51.100.20' })).status).toBe(429);
  });

  it('of passwords in a session stops whoever has found one signed in', async () => {
    const userId = await givenAccount(db.table, { email: 'left-open@example.com' });
    const { accessToken } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId });
    const guess = (currentPassword: string): Promise<TestAnswer> =>
      call(registration, {
        route: 'POST /api/auth/change-password',
        body: { currentPassword, newPassword: 'Onsale-anew-2026!' },
        token: accessToken,
      });
    const guesses = await Promise.all(Array.from({ length: 7 }, (_guess, index) => guess(`Guess-number-${index}!`)));
    expect(guesses.filter(({ status }) => status === 422)).toHaveLength(5);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(2);
    expect((await guess(PASSWORD)).status, 'the right one too').toBe(429);
  });
});
