import { afterAll, beforeAll, expect, it } from 'vitest';

import { readKey } from '../../functions/shared/runtime/secrets.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { unsubscribeToken } from '../../functions/users/unsubscribing.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, USERS_ENV, usersParameters } from './accounts.ts';

const FORM = 'application/x-www-form-urlencoded';
const ONE_CLICK = 'List-Unsubscribe=One-Click';

let db: TestTable;
let parameters: TestParameters;
let registration: HttpHandler;
let profiles: HttpHandler;
let key: Uint8Array;

beforeAll(async () => {
  [db, parameters] = await Promise.all([startTestTable(), serveParameters(usersParameters())]);
  useTestEnvironment(db, USERS_ENV);
  ({ handler: registration } = await import('../../functions/users/handlers/http-registration.ts'));
  ({ handler: profiles } = await import('../../functions/users/handlers/http-profile.ts'));
  key = await readKey(USERS_ENV.LINK_KEY_PARAMETER);
});
afterAll(async () => {
  await Promise.all([parameters.close(), db.drop()]);
});

const post = (token: string, text = ONE_CLICK, type = FORM): Promise<TestAnswer> =>
  call(registration, { route: 'POST /unsubscribe', query: { token }, text, headers: { 'content-type': type } });

async function somebody(email: string) {
  const userId = await givenAccount(db.table, { email });
  const { accessToken: token } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId });
  const profile = (body?: unknown) =>
    body === undefined
      ? call(profiles, { route: 'GET /api/auth/me', token })
      : call(profiles, { route: 'PATCH /api/auth/me', token, body });
  const row = async () => (await db.items()).find(({ pk, sk }) => pk === `USER#${userId}` && sk === 'USER');
  return { userId, profile, row };
}

it('stops one kind without a log-in, once however often and at once it is asked, until the profile takes it back', async () => {
  const { userId, profile, row } = await somebody('reader@example.com');
  expect((await profile()).json['news']).toEqual({ notices: true, reminders: true });
  const token = unsubscribeToken(key, userId, 'notices');
  const answers = await Promise.all([post(token), post(token), post(token)]);
  expect(answers.map(({ status, json }) => ({ status, json }))).toEqual(
    Array.from({ length: 3 }, () => ({ status: 200, json: { stopped: 'notices' } })),
  );
  // One change, made by its person, that says nothing of them.
  expect(await row()).toMatchObject({
    ver: 2,
    ev: 'users.UserProfileUpdated.v1',
    by: userId,
    mutedNews: ['notices'],
  });
  expect((await profile()).json['news']).toEqual({ notices: false, reminders: true });
  await post(unsubscribeToken(key, userId, 'reminders'));
  expect((await profile({ news: { notices: true } })).json['news']).toEqual({ notices: true, reminders: false });
  // An old mail still works.
  await post(token);
  expect((await profile()).json['news']).toEqual({ notices: false, reminders: false });
  expect((await profile({ news: {} })).json['news']).toEqual({ notices: false, reminders: false });
});

it('both kinds at once are both stopped', async () => {
  const { userId, row } = await somebody('both@example.com');
  await Promise.all((['reminders', 'notices'] as const).map((kind) => post(unsubscribeToken(key, userId, kind))));
  expect(await row()).toMatchObject({ mutedNews: ['notices', 'reminders'] });
});

it('takes the form as multipart too, and nothing else', async () => {
  const { userId, row } = await somebody('forms@example.com');
  const token = unsubscribeToken(key, userId, 'reminders');
  const refused: readonly (readonly [string, string])[] = [
    ['', FORM],
    ['List-Unsubscribe=No', FORM],
    [ONE_CLICK, 'application/json'],
    [ONE_CLICK, ''],
    [ONE_CLICK, 'multipart/form-data'],
    ['{"List-Unsubscribe":"One-Click"}', 'application/json'],
    ['\u0000\uffff', 'multipart/form-data; boundary=x'],
  ];
  for (const [text, type] of refused) expect((await post(token, text, type)).json['code'], text).toBe('INVALID_INPUT');
  expect(await row()).not.toHaveProperty('mutedNews');
  const parts = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';
  expect((await post(token, parts, 'multipart/form-data; boundary=x')).status).toBe(200);
  expect(await row()).toMatchObject({ mutedNews: ['reminders'] });
});

it('takes no token but its own: not a guess, not one of another key, person or purpose', async () => {
  const { userId, row } = await somebody('token@example.com');
  const token = unsubscribeToken(key, userId, 'notices');
  const other = unsubscribeToken(new Uint8Array(32), userId, 'notices');
  const stranger = unsubscribeToken(key, await givenAccount(db.table, { email: 'stranger@example.com' }), 'notices');
  const mixed = Buffer.concat([
    Buffer.from(token, 'base64url').subarray(0, 16),
    Buffer.from(stranger, 'base64url').subarray(16),
  ]).toString('base64url');
  for (const bad of [other, mixed, `${token}A`, token.slice(1), 'A'.repeat(64), 'x', '../..'])
    expect((await post(bad)).json['code'], bad).toBe('TOKEN_INVALID_OR_EXPIRED');
  expect(await row()).not.toHaveProperty('mutedNews');
  expect((await post('')).json['code']).toBe('INVALID_INPUT');
});

it('answers of somebody who is gone as of anybody, and writes nothing', async () => {
  const nobody = '01JD0000000000000000000000';
  expect(await post(unsubscribeToken(key, nobody, 'notices'))).toMatchObject({ status: 200 });
  expect((await db.items()).some(({ pk }) => pk === `USER#${nobody}`)).toBe(false);
});
