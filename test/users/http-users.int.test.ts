import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { userView } from '../../functions/users/contract.ts';
import { findRecipient } from '../../functions/users/recipients.ts';
import { putOrganization } from '../../functions/organizations/writes.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { startTestTable, testClient, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import {
  accountSecretsOf,
  givenAccount,
  newAccount,
  occasion,
  PASSWORD,
  sessionsOn,
  USERS_ENV,
  usersParameters,
} from './accounts.ts';

const LOGIN = 'POST /api/auth/login';
const LOGOUT = 'POST /api/auth/logout';
const ME = 'GET /api/auth/me';
/** What a browser adds to what a page of the site sends. */
const OWN_PAGE = { origin: 'https://onsale.test' };
const ORGANIZATION = '01J00000000000000000000001';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let profileHandler: HttpHandler;
let annaId: string;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, USERS_ENV);
  ({ handler } = await import('../../functions/users/handlers/http-users.ts'));
  const harbourLights = { organizationId: ORGANIZATION, name: 'Harbour Lights', createdAt: Date.now(), members: [] };
  const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };
  await commit(db.table, [putOrganization(harbourLights, occasion, () => 'TAKEN')]);
  ({ handler: profileHandler } = await import('../../functions/users/handlers/http-profile.ts'));
  annaId = await givenAccount(db.table, {
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId: ORGANIZATION, post: 'organizer' }],
  });
  await givenAccount(db.table, { email: 'new@example.com', status: 'UNVERIFIED' });
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const logIn = (body: unknown): Promise<TestAnswer> => call(handler, { route: LOGIN, body });

describe('log-in', () => {
  it('answers who it is, a token that works, and a cookie that only this host gets back over TLS', async () => {
    const answer = await logIn({ email: ' anna@EXAMPLE.com', password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      user: {
        id: annaId,
        email: 'Anna@Example.com',
        memberships: [{ organizationName: 'Harbour Lights', post: 'organizer' }],
      },
      expiresIn: 3_600,
    });
    const [cookie = ''] = answer.cookies;
    expect(cookie).toMatch(/^__Host-onsale-session=[\w.-]+; /);
    expect(cookie.split('; ').slice(1).toSorted()).toEqual([
      'HttpOnly',
      'Max-Age=3600',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
    expect(cookie).not.toContain('Domain');

    const me = await call(profileHandler, { route: ME, token: String(answer.json['accessToken']) });
    expect(me.status).toBe(200);
    expect(userView.parse(me.json)).toEqual(answer.json['user']);
  });

  it.each([
    ['a wrong password', { email: 'anna@example.com', password: 'Onsale-test-2027!' }],
    ['an unknown address', { email: 'nobody@example.com', password: PASSWORD }],
    ['what is no address', { email: 'anna', password: PASSWORD }],
    ['a wrong password of an unverified account', { email: 'new@example.com', password: 'x' }],
  ])('answers %s in one and the same way', async (_case, body) => {
    const answer = await logIn(body);
    expect(answer.status).toBe(401);
    const { requestId: _own, ...rest } = answer.json;
    expect(rest).toEqual({
      type: '/api/docs#INVALID_CREDENTIALS',
      title: 'E-mail or password is wrong',
      status: 401,
      detail: 'Check the e-mail address and the password.',
      code: 'INVALID_CREDENTIALS',
    });
    expect(answer.cookies).toEqual([]);
  });

  it('lets nobody in before the address is verified', async () => {
    const answer = await logIn({ email: 'new@example.com', password: PASSWORD });
    expect(answer).toMatchObject({ status: 403, json: { code: 'EMAIL_NOT_VERIFIED' } });
  });

  it.each([
    ['malformed JSON', { text: '{"email":' }, 400, 'MALFORMED_JSON'],
    [
      'a text body, as a form of another site would send',
      { text: 'email=a', headers: { 'content-type': 'text/plain' } },
      415,
      'NOT_JSON',
    ],
    ['an unknown field', { body: { email: 'a', password: 'b', admin: true } }, 400, 'INVALID_INPUT'],
    ['wrong types', { body: { email: { $gt: '' }, password: 1 } }, 400, 'INVALID_INPUT'],
    ['no body', {}, 400, 'INVALID_INPUT'],
    ['JSON that is no object', { body: [] }, 400, 'INVALID_INPUT'],
    ['a password of a megabyte', { body: { email: 'a', password: 'x'.repeat(1_000_000) } }, 413, 'BODY_TOO_LARGE'],
  ])('refuses %s', async (_case, request, status, code) => {
    const answer = await call(handler, { route: LOGIN, ...request });
    expect(answer).toMatchObject({ status, json: { code } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('is not barred by the cookie of a session that has ended', async () => {
    const { accessToken } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId: annaId });
    await call(handler, { route: LOGOUT, token: accessToken });
    const again = await call(handler, {
      route: LOGIN,
      body: { email: 'anna@example.com', password: PASSWORD },
      cookies: [`__Host-onsale-session=${accessToken}`],
    });
    expect(again.status).toBe(200);
  });
});

describe('log-out', () => {
  it('ends the session at once, for cookie and token alike', async () => {
    const { accessToken, csrfToken } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId: annaId });
    const cookies = [`__Host-onsale-session=${accessToken}`];
    expect((await call(profileHandler, { route: ME, cookies })).status).toBe(200);

    const out = await call(handler, { route: LOGOUT, cookies, headers: { ...OWN_PAGE, 'x-xsrf-token': csrfToken } });
    expect(out.status).toBe(204);
    expect(out.cookies[0]).toContain('__Host-onsale-session=; Max-Age=0');
    expect(await call(profileHandler, { route: ME, cookies })).toMatchObject({
      status: 401,
      json: { code: 'NOT_SIGNED_IN' },
    });
    expect(await call(profileHandler, { route: ME, token: accessToken })).toMatchObject({ status: 401 });
  });

  it('needs the CSRF token where a cookie is the only proof', async () => {
    const { accessToken } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId: annaId });
    const cookies = [`__Host-onsale-session=${accessToken}`];
    for (const headers of [{}, { 'x-xsrf-token': 'guess' }]) {
      const answer = await call(handler, { route: LOGOUT, cookies, headers: { ...OWN_PAGE, ...headers } });
      expect(answer).toMatchObject({ status: 403, json: { code: 'CSRF_TOKEN_INVALID' } });
    }
    expect((await call(profileHandler, { route: ME, cookies })).status).toBe(200);
  });
});

describe('accounts', () => {
  it('leave nothing personal in the table in the clear', async () => {
    const rows = JSON.stringify(await db.items());
    for (const personal of [/anna/i, /muster/i, /example\.com/i, /Onsale-test/]) expect(rows).not.toMatch(personal);
  });

  it('are one for each address, also when two register it at once', async () => {
    const attempts = await Promise.all(
      ['Two@example.com', 'two@Example.com'].map((email) =>
        createAccount(db.table, accountSecretsOf(db.table), newAccount({ email }), occasion()),
      ),
    );
    expect(attempts.filter(({ ok }) => ok)).toHaveLength(1);
    const ids = attempts.map((attempt) => (attempt.ok ? attempt.value.userId : attempt.error.userId));
    expect(new Set(ids).size).toBe(1);
  });

  it('tell other contexts whom to write to', async () => {
    const { personalData } = accountSecretsOf(db.table);
    expect(await findRecipient(db.table, personalData, annaId)).toEqual({
      email: 'Anna@Example.com',
      firstName: 'Anna',
      lastName: 'Muster',
      locale: 'en',
    });
    expect(await findRecipient(db.table, personalData, '01J00000000000000000000000')).toBeUndefined();
  });
});

describe('what being signed in costs a request', () => {
  it('is one strong read of one item, and no write', async () => {
    const { accessToken: token } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId: annaId });
    const asked: unknown[] = [];
    const client = testClient();
    client.middlewareStack.add(
      (next, context) => (args) => {
        const { input } = args;
        asked.push([context['commandName'], 'ConsistentRead' in input && input.ConsistentRead]);
        return next(args);
      },
      { step: 'initialize' },
    );
    const watched = sessionsOn(tableOn(client, db.table.name));
    const sessions = await call(watched, { route: 'GET /api/auth/sessions', token });
    client.destroy();
    expect(sessions.status).toBe(200);
    // The session, and what was asked for.
    expect(asked).toEqual([
      ['GetItemCommand', true],
      ['QueryCommand', true],
    ]);
  });
});
