import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { limiterOn } from '../../functions/shared/runtime/limits.ts';
import { STAGES } from '../../lib/stages.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { USERS_ENV, usersParameters } from '../users/accounts.ts';

const LOWERED = { ...STAGES.local.limits, logInsPerAddress: { most: 5, withinSeconds: 900 } };

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, { ...USERS_ENV, LIMITS: JSON.stringify(LOWERED) });
  ({ handler } = await import('../../functions/users/handlers/http-users.ts'));
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
});
