import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { countFailure, liftLocks, unlockAccount } from '../../functions/users/app/count-log-in.ts';
import { findAccount, findForLogIn } from '../../functions/users/reads.ts';
import { startTestTable, testClient, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { meterWrites } from '../support/write-units.ts';
import { givenAccount, logInAs, occasion, PASSWORD, sessionsOn, USERS_ENV, usersParameters } from './accounts.ts';

const LOGIN = 'POST /api/auth/login';
const DEVICE = '__Host-onsale-device';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let accounts = 0;

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

const nextEmail = (): string => `guessed-${(accounts += 1)}@example.com`;

const logIn = (email: string, password: string, device?: string): Promise<TestAnswer> =>
  call(handler, {
    route: LOGIN,
    body: { email, password },
    ...(device === undefined ? {} : { cookies: [`${DEVICE}=${device}`] }),
  });

const deviceOf = ({ cookies }: TestAnswer): string =>
  /=([\w-]{22});/.exec(cookies.find((cookie) => cookie.startsWith(DEVICE)) ?? '')?.[1] ?? '';

/** What the changes of an account were, oldest first. */
async function eventsOf(userId: string): Promise<readonly unknown[]> {
  const account = await findAccount(db.table, userId);
  return [account?.ev, account?.ver];
}

describe('guessing a password', () => {
  it('is worth three, however many guess at once, and the right one among them is worth no more', async () => {
    const email = nextEmail();
    const userId = await givenAccount(db.table, { email });
    // Past the handler, whose time a slow machine would be over before one process has hashed so many.
    const guesses = await Promise.all(
      Array.from({ length: 50 }, (_guess, index) => logInAs(db.table, email, { password: `Guess-number-${index}!` })),
    );
    const codes = guesses.map((guess) => (guess.ok ? 'SIGNED_IN' : guess.error.code));
    expect(Object.entries(Object.groupBy(codes, (code) => code)).map(([code, all]) => [code, all.length])).toEqual(
      expect.arrayContaining([
        ['INVALID_CREDENTIALS', 2],
        ['ACCOUNT_LOCKED', 48],
      ]),
    );
    expect(await logIn(email, PASSWORD)).toMatchObject({ status: 423, json: { code: 'ACCOUNT_LOCKED' } });
    expect(await eventsOf(userId)).toEqual(['users.AccountLocked.v1', 2]);
    // Fifty times bcrypt at cost 12 in one process.
  }, 180_000);

  it('says until when it is locked, and no more of an address without an account', async () => {
    const [email, nobody] = [nextEmail(), nextEmail()];
    await givenAccount(db.table, { email });
    const shape = async (address: string): Promise<readonly unknown[]> => {
      const answers: unknown[] = [];
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        const { status, json, headers } = await logIn(address, 'Not-the-password-1!');
        answers.push([status, Object.keys(json).toSorted(), json['detail'], headers['retry-after'] !== undefined]);
      }
      return answers;
    };
    const known = await shape(email);
    expect(known.map((answer) => (Array.isArray(answer) ? answer[0] : undefined))).toEqual([401, 401, 423, 423]);
    expect(await shape(nobody)).toEqual(known);
  });

  it('is counted by the same requests to the table, whether the address has an account or not', async () => {
    const client = testClient();
    const asked: string[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        asked.push(String(context['commandName']));
        return next(args);
      },
      { step: 'initialize' },
    );
    const table = tableOn(client, db.table.name);
    const [email, nobody] = [nextEmail(), nextEmail()];
    await givenAccount(db.table, { email });
    const requests = async (address: string): Promise<readonly (readonly string[])[]> => {
      const all: string[][] = [];
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        asked.length = 0;
        await logInAs(table, address, { password: 'Not-the-password-1!' });
        all.push([...asked]);
      }
      return all;
    };
    const known = await requests(email);
    expect(known[2], 'the third, which locks').toContain('TransactWriteItemsCommand');
    expect(await requests(nobody)).toEqual(known);
  });

  it('elsewhere does not lock the owner out of a device that has logged in before (I24)', async () => {
    const email = nextEmail();
    await givenAccount(db.table, { email });
    const first = await logIn(email, PASSWORD);
    const device = deviceOf(first);
    expect(device).toHaveLength(22);
    await Promise.all(Array.from({ length: 5 }, () => logIn(email, 'Not-the-password-1!')));
    expect((await logIn(email, PASSWORD)).status).toBe(423);
    expect((await logIn(email, PASSWORD, device)).status).toBe(200);
    // A cookie that somebody has made up is no known device.
    expect((await logIn(email, PASSWORD, 'A'.repeat(22))).status).toBe(423);
  });

  it('from a known device locks that device', async () => {
    const email = nextEmail();
    await givenAccount(db.table, { email });
    const device = deviceOf(await logIn(email, PASSWORD));
    for (let attempt = 1; attempt <= 3; attempt += 1) await logIn(email, 'Not-the-password-1!', device);
    expect((await logIn(email, PASSWORD, device)).status).toBe(423);
    expect((await logIn(email, PASSWORD)).status).toBe(200);
  });

  it('is not told whether it hit where the account is barred from logging in by a lock', async () => {
    const email = nextEmail();
    await givenAccount(db.table, { email, status: 'UNVERIFIED' });
    for (let attempt = 1; attempt <= 3; attempt += 1) await logIn(email, 'Not-the-password-1!');
    expect((await logIn(email, PASSWORD)).json['code']).toBe('ACCOUNT_LOCKED');
  });
});

describe('a lock', () => {
  const origin = { deviceId: 'attacker', placeId: 'elsewhere' };

  async function lockedAccount(): Promise<{
    readonly userId: string;
    readonly email: string;
    readonly lockId: string;
  }> {
    const email = nextEmail();
    const userId = await givenAccount(db.table, { email });
    for (let attempt = 1; attempt <= 3; attempt += 1) await logIn(email, 'Not-the-password-1!');
    const account = await findAccount(db.table, userId);
    if (account?.lockId === undefined) throw new Error('No lock was made');
    return { userId, email, lockId: account.lockId };
  }

  it('is lifted by the link of its mail, also twice at once, and by no other', async () => {
    const { userId, email, lockId } = await lockedAccount();
    expect(await unlockAccount(db.table, userId, '01J00000000000000000000000', occasion())).toBe(false);
    expect((await logIn(email, PASSWORD)).status).toBe(423);
    const twice = await Promise.all([1, 2].map(() => unlockAccount(db.table, userId, lockId, occasion())));
    expect(twice).toEqual([true, true]);
    expect((await logIn(email, PASSWORD)).status).toBe(200);
  });

  it('is lifted for whoever proves to be the owner, also where there was none', async () => {
    const { userId, email } = await lockedAccount();
    await liftLocks(db.table, userId, Date.now());
    expect((await logIn(email, PASSWORD)).status).toBe(200);
    const other = nextEmail();
    const otherId = await givenAccount(db.table, { email: other });
    await liftLocks(db.table, otherId, Date.now());
    expect((await findForLogIn(db.table, otherId)).logIns.rev).toBe(0);
  });

  it('ends by itself', async () => {
    const { email } = await lockedAccount();
    expect((await logIn(email, PASSWORD)).status).toBe(423);
    const { logIns, account } = await findForLogIn(db.table, (await lockedAccount()).userId);
    const later = occasion(Date.now() + 16 * 60_000);
    // A first wrong one after the quarter of an hour is the first again.
    const userId = account?.userId ?? '';
    expect(await countFailure(db.table, { userId, origin, account, logIns }, later)).not.toHaveProperty('lockedUntil');
  });
});

describe('what a log-in costs', () => {
  it('is two write units beyond its session: one for the account, one for the network address', async () => {
    const email = nextEmail();
    await givenAccount(db.table, { email });
    // The handler's own routes, on a client that is metered.
    const client = testClient();
    const table = tableOn(client, db.table.name);
    const metered = sessionsOn(table);
    const meter = meterWrites(client);
    const spent = async (cookies: readonly string[]): Promise<readonly [number, TestAnswer]> => {
      const before = meter.units;
      const answer = await call(metered, { route: LOGIN, body: { email, password: PASSWORD }, cookies });
      expect(answer.status).toBe(200);
      return [meter.units - before, answer];
    };
    const [first, answer] = await spent([]);
    // The very first from a mailbox gives it an id that limits are counted by.
    expect(first).toBe(4);
    const cookies = answer.cookies.map((cookie) => cookie.split(';')[0] ?? '');
    const device = cookies.filter((cookie) => cookie.startsWith(DEVICE));
    expect((await spent(device))[0]).toBe(3);
    // And one more in a browser whose session it ends.
    expect((await spent(cookies))[0]).toBe(4);
    client.destroy();
  });
});
