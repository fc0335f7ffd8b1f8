import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { confirmPhoneCode, sendPhoneCode } from '../../functions/users/app/verify-phone.ts';
import { phoneCodeKey } from '../../functions/users/keys.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { profileView } from '../../functions/users/profile-contract.ts';
import { portOf } from '../../local/ports.ts';
import { Sms } from '../../local/services/sms.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from './accounts.ts';

const GET = 'GET /api/auth/me';
const PATCH = 'PATCH /api/auth/me';
const VERIFY = 'POST /api/auth/me/phone/verification';
const CONFIRM = 'POST /api/auth/me/phone/confirm';
const PHONE = '+4915112345678';
const MINUTE = 60_000;

let db: TestTable;
let parameters: TestParameters;
let sns: Server;
let handler: HttpHandler;
const sms = new Sms();

beforeAll(async () => {
  [db, parameters] = await Promise.all([startTestTable(), serveParameters(usersParameters())]);
  sns = createServer((request, response) => {
    void (async () => {
      const answer = sms.publish(new URLSearchParams(await text(request)));
      response.writeHead(answer?.status ?? 400, { 'content-type': 'text/xml' }).end(answer?.body);
    })();
  });
  await new Promise<void>((resolve) => {
    sns.listen(0, '127.0.0.1', resolve);
  });
  useTestEnvironment(db, { ...USERS_ENV, AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${portOf(sns)}` });
  ({ handler } = await import('../../functions/users/handlers/http-profile.ts'));
});

afterAll(async () => {
  sns.close();
  sns.closeAllConnections();
  await Promise.all([parameters.close(), db.drop()]);
});

interface Person {
  readonly userId: string;
  call(route: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
}

let people = 0;
async function somebody(): Promise<Person> {
  people += 1;
  const userId = await givenAccount(db.table, { email: `person-${people}@example.com` });
  const { accessToken: token } = await signIn(db.table, USERS_ENV.SESSION_KEYS_PARAMETER, { userId });
  return {
    userId,
    call: (route, body, headers = {}) =>
      call(handler, { route, token, headers, ...(body === undefined ? {} : { body }) }),
  };
}

/** The code in the last message to `to`. */
function codeFor(to: string): string {
  const found = sms.all().findLast((message) => message.to === to);
  return /^\d{6}/.exec(found?.text ?? '')?.[0] ?? 'none';
}

const other = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('profile', () => {
  it('keeps what its person changes, sealed, and raises an event with ids only', async () => {
    const anna = await somebody();
    const address = { line1: 'Elbchaussee 987', postalCode: '22763', city: 'Hamburg', country: 'DE' };
    const patch = {
      firstName: 'Ännchen',
      lastName: "O'Hara",
      locale: 'de-CH',
      dateOfBirth: '1990-02-28',
      phone: PHONE,
    };
    const changed = await anna.call(PATCH, { ...patch, address });
    expect(changed).toMatchObject({ status: 200, json: { ...patch, address, phoneVerified: false } });
    expect((await anna.call(GET)).json).toEqual(profileView.parse(changed.json));

    const rows = JSON.stringify(await db.items());
    for (const personal of ['Ännchen', 'O’Hara', "O'Hara", '1990-02-28', PHONE, 'Elbchaussee', '22763', 'Hamburg']) {
      expect(rows).not.toContain(personal);
    }
    const row = (await db.items()).find(({ pk, sk }) => pk === `USER#${anna.userId}` && sk === 'USER');
    expect(row).toMatchObject({ ver: 2, ev: 'users.PhoneChanged.v1', by: anna.userId });
    await anna.call(PATCH, { firstName: 'Anna' });
    const after = (await db.items()).find(({ pk, sk }) => pk === `USER#${anna.userId}` && sk === 'USER');
    expect(after).toMatchObject({ ver: 3, ev: 'users.UserProfileUpdated.v1' });
  });

  it('takes away what is null, leaves what is left out, and writes nothing where nothing changes', async () => {
    const anna = await somebody();
    await anna.call(PATCH, { dateOfBirth: '1990-02-28', phone: PHONE });
    const changed = await anna.call(PATCH, { dateOfBirth: null });
    expect(changed).toMatchObject({ json: { dateOfBirth: null, phone: PHONE, firstName: 'Anna' } });
    for (const patch of [{}, { phone: PHONE }, { dateOfBirth: null }]) {
      expect((await anna.call(PATCH, patch)).headers['etag']).toBe(changed.headers['etag']);
    }
  });

  it('tells every fault at once and changes nothing then', async () => {
    const anna = await somebody();
    const before = await anna.call(GET);
    const answer = await anna.call(PATCH, {
      firstName: 'a\nb',
      lastName: '',
      locale: 'no language',
      dateOfBirth: '2990-01-01',
      phone: '+4900',
      address: { line1: 'x', city: 'y', country: 'ZZ' },
      deliveryChannel: 'pigeon',
      consents: [{ name: 'marketing-email', version: '1', given: 'yes' }],
      roles: ['admin'],
    });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
    const paths = JSON.stringify(answer.json['errors']);
    const told = z.parse(z.array(z.unknown()), answer.json['errors']).map((fault) => JSON.stringify(fault));
    expect(new Set(told).size, 'each once').toBe(told.length);
    for (const path of [
      'firstName',
      'lastName',
      'locale',
      'dateOfBirth',
      'phone',
      'address.country',
      'deliveryChannel',
      'consents.0.given',
    ]) {
      expect(paths).toContain(`"${path}"`);
    }
    expect(paths).toContain('roles');
    expect((await anna.call(GET)).headers['etag']).toBe(before.headers['etag']);
  });

  it.each(['ZZ', 'de', 'DEU', 'D', '', '🇩🇪', 'EU'])('refuses the country %s', async (country) => {
    const address = { line1: 'Elbchaussee 987', city: 'Hamburg', country };
    expect((await (await somebody()).call(PATCH, { address })).status).toBe(400);
  });

  it.each([
    '+1',
    '015112345678',
    '+4915',
    '+49 151 12345678',
    '+999123456789',
    'tel:+4915112345678',
    '+49151１2345678',
  ])('refuses the phone number %s', async (phone) => {
    expect((await (await somebody()).call(PATCH, { phone })).status).toBe(400);
  });

  it('is changed on the version that was read: of two at once with If-Match one wins, the other reads again', async () => {
    const anna = await somebody();
    const etag = String((await anna.call(GET)).headers['etag']);
    const both = await Promise.all(
      ['Bea', 'Cleo'].map((firstName) => anna.call(PATCH, { firstName }, { 'if-match': etag })),
    );
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412']);
    expect(both.find(({ status }) => status === 412)?.json['code']).toBe('PRECONDITION_FAILED');
    expect((await anna.call(PATCH, { locale: 'fr' }, { 'if-match': '"v1"' })).status).toBe(412);
    expect((await anna.call(PATCH, { locale: 'fr' }, { 'if-match': '*' })).status).toBe(200);
    // Without If-Match both go through, one after the other.
    const free = await Promise.all([anna.call(PATCH, { firstName: 'Dora' }), anna.call(PATCH, { lastName: 'Eck' })]);
    expect(free.map(({ status }) => status)).toEqual([200, 200]);
    expect((await anna.call(GET)).json).toMatchObject({ firstName: 'Dora', lastName: 'Eck' });
  });

  it('keeps the history of consents: given, renewed, withdrawn; terms only end with the account', async () => {
    const anna = await somebody();
    const decide = async (version: string, given: boolean): Promise<unknown> =>
      (await anna.call(PATCH, { consents: [{ name: 'marketing-email', version, given }] })).json['consents'];
    await decide('2026-01', true);
    await decide('2026-01', true);
    await decide('2026-06', true);
    const history = profileView.shape.consents.parse(await decide('2026-06', false));
    expect(history.map(({ version, withdrawnAt }) => [version, withdrawnAt !== null])).toEqual([
      ['2026-01', true],
      ['2026-06', true],
    ]);
    const terms = await anna.call(PATCH, { consents: [{ name: 'terms', version: '1', given: false }] });
    expect(terms).toMatchObject({ status: 422, json: { code: 'CONSENT_NEEDED' } });
  });
});

describe('text messages', () => {
  it('are only for a number that was proven, and end with it', async () => {
    const anna = await somebody();
    expect(await anna.call(VERIFY, {})).toMatchObject({ status: 409, json: { code: 'PHONE_MISSING' } });
    await anna.call(PATCH, { phone: '+4915112345601' });
    expect(await anna.call(PATCH, { deliveryChannel: 'sms' })).toMatchObject({
      status: 422,
      json: { code: 'PHONE_NOT_VERIFIED' },
    });
    expect(await anna.call(VERIFY, {})).toMatchObject({ status: 202, json: { resendAfter: 60 } });
    const code = codeFor('+4915112345601');
    expect(await anna.call(CONFIRM, { code })).toMatchObject({ status: 200, json: { phoneVerified: true } });
    expect((await anna.call(CONFIRM, { code })).json['code']).toBe('PHONE_CODE_INVALID_OR_EXPIRED');
    expect((await anna.call(PATCH, { deliveryChannel: 'sms' })).json).toMatchObject({ deliveryChannel: 'sms' });

    const moved = await anna.call(PATCH, { phone: '+4915112345602' });
    expect(moved.json).toMatchObject({ phoneVerified: false, deliveryChannel: 'email' });
    expect((await anna.call(CONFIRM, { code })).status).toBe(410);
  });

  it('give five looks at a code to any number of parallel guesses', async () => {
    const anna = await somebody();
    await anna.call(PATCH, { phone: '+4915112345603' });
    await anna.call(VERIFY, {});
    const code = codeFor('+4915112345603');
    const guesses = await Promise.all(Array.from({ length: 20 }, () => anna.call(CONFIRM, { code: other(code) })));
    const answers = guesses.map(({ json }) => json['code']);
    expect(answers.filter((answer) => answer === 'PHONE_CODE_WRONG')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'PHONE_CODE_INVALID_OR_EXPIRED')).toHaveLength(15);
    expect((await anna.call(CONFIRM, { code })).json['code']).toBe('PHONE_CODE_INVALID_OR_EXPIRED');
  });

  it('are not sent without end: one a minute, three an hour and person, five a day and number', async () => {
    const phone = '+4915112345604';
    const [anna, bob] = [await somebody(), await somebody()];
    for (const person of [anna, bob]) await person.call(PATCH, { phone });
    const deps = {
      table: db.table,
      personalData: personalDataIn(db.table, USERS_ENV),
      sms: () => Promise.resolve({ ok: true as const, value: undefined }),
      hashKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    };
    const start = Date.now();
    const send = async ({ userId }: Person, minutes: number): Promise<boolean> =>
      (await sendPhoneCode(deps, userId, start + minutes * MINUTE)).ok;
    const burst = await Promise.all([1, 2, 3, 4].map(() => send(anna, 0)));
    expect(burst.filter(Boolean)).toHaveLength(1);
    expect([await send(anna, 0.5), await send(anna, 1), await send(anna, 2), await send(anna, 3)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    // An hour later there is room for the person again, but the number has had three.
    expect([await send(bob, 61), await send(anna, 62), await send(bob, 63)]).toEqual([true, true, false]);
    expect(await send(bob, 24 * 60 + 1)).toBe(true);
  });

  it('answer a code after ten minutes like none', async () => {
    const anna = await somebody();
    await anna.call(PATCH, { phone: '+4915112345605' });
    await anna.call(VERIFY, {});
    const deps = {
      table: db.table,
      personalData: personalDataIn(db.table, USERS_ENV),
      sms: () => Promise.resolve({ ok: true as const, value: undefined }),
      hashKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    };
    const late = await confirmPhoneCode(
      deps,
      anna.userId,
      codeFor('+4915112345605'),
      occasion(Date.now() + 11 * MINUTE),
    );
    expect(late).toMatchObject({ ok: false, error: { code: 'PHONE_CODE_INVALID_OR_EXPIRED' } });
  });

  it('whose provider is down are a 503, and neither code nor number lie in the table', async () => {
    const anna = await somebody();
    await anna.call(PATCH, { phone: '+4915117000000' });
    const answer = await anna.call(VERIFY, {});
    expect(answer).toMatchObject({ status: 503, json: { code: 'SMS_PROVIDER_UNAVAILABLE' } });
    expect(answer.headers['retry-after']).toBe('60');
    const rows = JSON.stringify(await db.items());
    for (const { to, text: message } of sms.all()) {
      expect(rows).not.toContain(to);
      expect(rows).not.toContain(`"${message.slice(0, 6)}"`);
    }
    await commit(db.table, [{ kind: 'delete', key: phoneCodeKey(anna.userId), otherwise: () => 'GONE' }]);
    expect((await anna.call(CONFIRM, { code: '123456' })).status).toBe(410);
  });
});
