import * as z from 'zod/mini';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { profileView } from '../../functions/users/profile-contract.ts';
import { askForMail } from '../../functions/users/app/ask-for-mail.ts';
import { register } from '../../functions/users/app/register.ts';
import { register as registerRoute } from '../../functions/users/registration-contract.ts';
import { verifyEmail } from '../../functions/users/app/verify-email.ts';
import { limiterOn } from '../../functions/shared/runtime/limits.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { testClient } from '../support/dynamodb.ts';
import { AccountWorld, PERSON, tokenIn } from './account-world.ts';
import { accountSecretsOf, occasion, PASSWORD, USERS_ENV } from './accounts.ts';

let world: AccountWorld;

beforeAll(async () => {
  world = await AccountWorld.open();
});
afterAll(() => world.close());
afterEach(() => {
  vi.useRealTimers();
});

const verify = (token: string) => world.post('/api/auth/verify-email', { token });
const resend = (email: string) => world.post('/api/auth/resend-verification', { email });
const at = (now: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now });
};

describe('registration', () => {
  it('makes an account that is let in once the link that was mailed has come back, and keeps what was told sealed', async () => {
    const consents = [
      { name: 'terms', version: '2026-11', given: true },
      { name: 'marketing-email', version: '1', given: false },
    ];
    const answer = await world.register({ locale: 'de-CH', consents });
    expect(answer).toMatchObject({ status: 201, json: { status: 'UNVERIFIED' } });
    const userId = String(answer.json['userId']);
    expect(Object.keys(answer.json)).toEqual(['userId', 'status']);
    expect(await world.logIn(PERSON.email)).toMatchObject({ status: 403, json: { code: 'EMAIL_NOT_VERIFIED' } });

    const [mail, ...others] = await world.mailsAfter(userId);
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('Bestätigen Sie Ihre E-Mail-Adresse');
    expect(mail?.to).toMatchObject({ text: expect.stringContaining(PERSON.email) });
    expect(mail?.text).toContain('https://tickets.example.com/verify-email#token=');
    if (mail === undefined) throw new Error('No mail');
    expect(await verify(tokenIn(mail))).toMatchObject({ status: 200, json: { status: 'VERIFIED' } });
    expect((await world.mailsAfter(userId))[0]?.subject).toBe('Ihr Konto bei Onsale ist bereit');

    const login = await world.logIn(PERSON.email);
    expect(login.status).toBe(200);
    const profile = profileView.parse((await world.me(String(login.json['accessToken']))).json);
    expect(profile).toMatchObject({ dateOfBirth: '1988-02-29', locale: 'de-CH', roles: ['customer'] });
    expect(profile.consents).toMatchObject([{ name: 'terms', version: '2026-11', withdrawnAt: null }]);
    expect(JSON.stringify(await world.db.items())).not.toMatch(/1988-02-29|Muster|anna@example/i);
  });

  it('gives one account to twenty who ask at once for one address in different spellings (failure 64)', async () => {
    const spellings = [
      'İnes.Müller@Bücher.example',
      'i\u0307nes.müller@bücher.example',
      'INES.MÜLLER@BÜCHER.EXAMPLE',
      'ines.mu\u0308ller@bu\u0308cher.example',
      'ines.müller@xn--bcher-kva.example',
      'ＩＮＥＳ.müller@bücher.example',
      ' ines.müller@ｂücher．example ',
      'ınes.müller＠bücher.example',
      'iNeS.mÜllEr@BüCHER.example',
      'İNES.MU\u0308LLER@bücher.example',
    ];
    const { table } = world.db;
    const { LIMITS, EMAIL_INDEX_KEY_PARAMETER } = USERS_ENV;
    const deps = { limiter: limiterOn(table, LIMITS, EMAIL_INDEX_KEY_PARAMETER), ...accountSecretsOf(table) };
    // Past the handler, whose time a slow machine would be over before one process has hashed so many; not past its schema.
    const answers = await Promise.all(
      [...spellings, ...spellings].map((email) =>
        register(table, deps, registerRoute.body.parse({ ...PERSON, email }), occasion()),
      ),
    );
    const made = answers.flatMap((answer) => (answer.ok ? [answer.value.userId] : []));
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
    expect(made).toHaveLength(1);
    expect(refused).toEqual(Array<string>(19).fill('EMAIL_ALREADY_REGISTERED'));
    const rows = await world.db.items();
    expect(rows.filter(({ sk, userId }) => sk === 'EMAIL' && userId === made[0])).toHaveLength(1);
    expect(rows.filter(({ sk }) => sk === 'PASSWORD').length).toBe(rows.filter(({ sk }) => sk === 'USER').length);
    expect((await world.logIn(' İNES.müller@bücher.example')).json['code']).toBe('EMAIL_NOT_VERIFIED');
    // Two at once at the front door, whatever their spelling.
    const doors = ['Door@Example.com', 'ｄｏｏｒ@example.com'];
    const both = await Promise.all(doors.map((email) => world.register({ email })));
    expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([201, 409]);
    // Twenty times bcrypt at cost 12 in one process.
  }, 180_000);

  it.each([
    ['Xq7!', ['LENGTH']],
    ['all lower case 1', ['UPPER_CASE']],
    ['ALL UPPER CASE 1', ['LOWER_CASE']],
    ['No digit in here!', ['DIGIT']],
    ['NothingSpecial2026', ['SPECIAL']],
    ['e\u0301', ['LENGTH', 'UPPER_CASE', 'DIGIT', 'SPECIAL']],
    ['13579024681357902460', ['UPPER_CASE', 'LOWER_CASE', 'SPECIAL']],
    ['Password-2026!', ['TOO_COMMON']],
    ['P@ssw0rd', ['LENGTH', 'TOO_COMMON']],
    ['Anna-Muster-88!', ['PERSONAL']],
    ['Weak@Example.com1', ['PERSONAL']],
  ])('names item by item what the password %j lacks, and keeps nothing', async (password, missing) => {
    const before = (await world.db.items()).length;
    const answer = await world.register({ email: 'weak@example.com', password });
    expect(answer).toMatchObject({ status: 400, json: { code: 'WEAK_PASSWORD', missing } });
    expect(answer.json['errors']).toHaveLength(missing.length);
    expect(answer.text).not.toContain(password);
    expect(await world.db.items()).toHaveLength(before);
  });

  it.each([
    ['no address', { email: 'anna' }],
    ['two addresses', { email: 'a@example.com,b@example.com' }],
    ['a header', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['a host without a domain', { email: 'anna@localhost' }],
    ['an invisible letter', { email: 'an\u200bna@example.com' }],
    ['an address of a number', { email: 'anna@127.0.0.1' }],
    ['a birthday to come', { dateOfBirth: '2999-01-01' }],
    ['no birthday', { dateOfBirth: undefined }],
    ['a role', { roles: ['admin'] }],
    ['a status', { status: 'VERIFIED' }],
    ['an unknown consent', { consents: [{ name: 'everything', version: '1', given: true }] }],
    ['a line break in a name', { firstName: 'Anna\nMuster' }],
  ])('takes %s for invalid', async (_what, as) => {
    const answer = await world.register({ email: 'invalid@example.com', ...as });
    expect(answer, answer.text).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
  });

  it('mails to three aliases of one mailbox an hour, and tells of a taken one as ever', async () => {
    const hour = Math.ceil(Date.now() / HOUR) * HOUR + 2 * HOUR;
    at(hour + 1_000);
    const alias = (number: number) => world.register({ email: `flood+${number}@example.com` });
    for (const number of [1, 2, 3]) expect((await alias(number)).status).toBe(201);
    const rows = (await world.db.items()).length;
    expect(await alias(4)).toMatchObject({ status: 429, json: { code: 'TOO_MANY_REQUESTS' } });
    expect(await alias(2)).toMatchObject({ status: 409, json: { code: 'EMAIL_ALREADY_REGISTERED' } });
    expect(await world.db.items()).toHaveLength(rows);
    expect((await world.register({ email: 'flood@example.com' })).status, 'the mailbox itself').toBe(201);
    at(hour + HOUR + 1_000);
    expect((await alias(4)).status).toBe(201);
  });

  it('makes no account without the terms', async () => {
    const consents = [{ name: 'terms', version: '1', given: false }];
    const answer = await world.register({ email: 'unwilling@example.com', consents });
    expect(answer).toMatchObject({ status: 422, json: { code: 'CONSENT_NEEDED' } });
  });
});

describe('the link that proves an address', () => {
  it('is taken once, however many bring it at once', async () => {
    const userId = String((await world.register({ email: 'once@example.com' })).json['userId']);
    const token = await world.tokenAfter(userId);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => verify(token)));
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      200, 410, 410, 410, 410,
    ]);
    expect(await verify(token)).toMatchObject({ status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } });
  });

  it('lives for 24 hours', async () => {
    const now = Date.now();
    const userId = String((await world.register({ email: 'late@example.com' })).json['userId']);
    const token = await world.tokenAfter(userId);
    at(now + DAY + 5_000);
    expect((await verify(token)).json['code']).toBe('TOKEN_INVALID_OR_EXPIRED');
    at(now + DAY - 5_000);
    expect((await verify(token)).status).toBe(200);
  });

  it('opens to a wrong password nothing and is not spent by it: somebody else may have made the account (ADR 38)', async () => {
    const email = 'claimed-by-a-stranger@example.com';
    const strangers = 'Chosen-by-a-stranger-1!';
    const userId = String((await world.register({ email, password: strangers })).json['userId']);
    const token = await world.tokenAfter(userId);
    const bring = (password: string) => world.post('/api/auth/verify-email', { token, password });
    expect(await bring('Guessed-by-its-owner-1!')).toMatchObject({ status: 422, json: { code: 'PASSWORD_WRONG' } });
    expect((await world.logIn(email, strangers)).json['code']).toBe('EMAIL_NOT_VERIFIED');
    // The owner of the address takes the account over by a password of their own, and the stranger is out.
    await world.post('/api/auth/forgot-password', { email });
    const reset = { token: await world.tokenAfter(userId), newPassword: 'Chosen-by-its-owner-1!' };
    expect((await world.post('/api/auth/reset-password', reset)).status).toBe(200);
    expect((await world.logIn(email, strangers)).status).toBe(401);
    expect((await world.logIn(email, 'Chosen-by-its-owner-1!')).status).toBe(200);
    expect((await bring(strangers)).json['code']).toBe('TOKEN_INVALID_OR_EXPIRED');
  });

  it('opens to the password once, of any number at once, and lets nobody guess it for ever', async () => {
    const email = 'knows@example.com';
    const userId = String((await world.register({ email })).json['userId']);
    const token = await world.tokenAfter(userId);
    const limits = { ...z.parse(z.record(z.string(), z.unknown()), JSON.parse(USERS_ENV.LIMITS)) };
    const five = JSON.stringify({ ...limits, passwordsPerSession: { most: 5, withinSeconds: 900 } });
    const { table } = world.db;
    const deps = {
      table,
      linkKey: USERS_ENV.LINK_KEY_PARAMETER,
      passwordPepper: USERS_ENV.PASSWORD_PEPPER_PARAMETER,
      limiter: limiterOn(table, five, USERS_ENV.EMAIL_INDEX_KEY_PARAMETER),
    };
    const guesses = await Promise.all(
      Array.from({ length: 8 }, (_guess, index) =>
        verifyEmail(deps, { token, password: `Guess-number-${index}!` }, occasion()),
      ),
    );
    const codes = guesses.map((guess) => (guess.ok ? 'VERIFIED' : guess.error.code));
    expect(codes.filter((code) => code === 'PASSWORD_WRONG')).toHaveLength(5);
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(3);
    const bring = () => world.post('/api/auth/verify-email', { token, password: PASSWORD });
    const answers = await Promise.all([bring(), bring(), bring()]);
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 410, 410]);
    expect((await world.logIn(email)).status).toBe(200);
  });

  it('is nobody’s but its account’s, and nothing that was changed or made up', async () => {
    const tokens: string[] = [];
    for (const email of ['one@example.com', 'two@example.com'])
      tokens.push(await world.tokenAfter(String((await world.register({ email })).json['userId'])));
    const [one = '', two = ''] = tokens;
    // The id of the one with the proof of the other.
    const mixed = Buffer.concat([
      Buffer.from(one, 'base64url').subarray(0, 16),
      Buffer.from(two, 'base64url').subarray(16),
    ]).toString('base64url');
    const flipped = Buffer.from(one, 'base64url');
    flipped[47] = (flipped[47] ?? 0) ^ 1;
    const forged = [mixed, flipped.toString('base64url'), one.slice(1), `${one}A`, 'x', '💥', 'A'.repeat(64)];
    for (const token of forged)
      expect(await verify(token), token).toMatchObject({ status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } });
    for (const token of [one, two]) expect((await verify(token)).status).toBe(200);
  });

  it('stands in the mail alone: neither table nor message holds it or what it proves by', async () => {
    const userId = String((await world.register({ email: 'secret@example.com' })).json['userId']);
    const token = await world.tokenAfter(userId);
    const rows = JSON.stringify(await world.db.items());
    const proof = Buffer.from(token, 'base64url').subarray(16);
    for (const form of [token, proof.toString('base64url'), proof.toString('hex')]) expect(rows).not.toContain(form);
  });

  it('is mailed once for one event, and not at all once it has come back', async () => {
    const userId = String((await world.register({ email: 'twice@example.com' })).json['userId']);
    const token = await world.tokenAfter(userId);
    expect(await world.mailsAfter(userId)).toEqual([]);
    await resend('twice@example.com');
    const again = { name: 'users.VerificationRequested.v1', version: 99 };
    expect((await verify(await world.tokenAfter(userId))).status).toBe(200);
    expect((await verify(token)).status).toBe(410);
    const event = {
      ...again,
      id: `user/${userId}/99`,
      occurredAt: new Date().toISOString(),
      correlationId: 'test',
      aggregate: { type: 'user', id: userId },
      data: { userId },
    };
    expect(await world.deliver(JSON.stringify(event))).toEqual([]);
  });
});

describe('asking for the link again', () => {
  it('mails a new one and ends the one before', async () => {
    const userId = String((await world.register({ email: 'again@example.com' })).json['userId']);
    const first = await world.tokenAfter(userId);
    expect(await resend('AGAIN@example.com')).toMatchObject({ status: 202, json: {} });
    const second = await world.tokenAfter(userId);
    expect((await verify(first)).status).toBe(410);
    expect((await verify(second)).status).toBe(200);
  });

  it('is answered the same, by the same reads and writes, whether the address waits, is proven, or nobody’s', async () => {
    await world.register({ email: 'waits@example.com' });
    await world.verified('proven@example.com');
    const client = testClient();
    const asked: string[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        asked.push(String(context['commandName']));
        return next(args);
      },
      { step: 'initialize' },
    );
    const answers = new Set<string>();
    const table = tableOn(client, world.db.table.name);
    const emailIndexKey = USERS_ENV.EMAIL_INDEX_KEY_PARAMETER;
    const deps = { table, emailIndexKey, limiter: limiterOn(table, USERS_ENV.LIMITS, emailIndexKey) };
    for (const email of ['waits@example.com', 'proven@example.com', 'nobody@example.com', 'no address']) {
      const { status, text, headers } = await resend(email);
      answers.add(JSON.stringify({ status, text, ...headers, 'x-request-id': '' }));
      asked.length = 0;
      const done = await askForMail(deps, 'verification', email, occasion());
      expect(done.ok).toBe(true);
      expect(asked, email).toEqual([
        'GetItemCommand',
        'PutItemCommand',
        'GetItemCommand',
        'GetItemCommand',
        'UpdateItemCommand',
      ]);
    }
    expect([...answers]).toEqual([expect.stringContaining('"status":202')]);
  });

  it.each(['mine@example.com', 'unknown@example.com'])('is refused after three an hour for %s', async (email) => {
    if (email.startsWith('mine')) await world.register({ email });
    const hour = Math.ceil(Date.now() / HOUR) * HOUR;
    at(hour + 1_000);
    const answers = await Promise.all(Array.from({ length: 12 }, () => resend(email)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    for (const refused of answers.filter(({ status }) => status !== 202))
      expect(refused).toMatchObject({ status: 429, json: { code: 'TOO_MANY_REQUESTS' } });
    at(hour + HOUR + 1_000);
    expect((await resend(email)).status).toBe(202);
  });

  it('counts all addresses of one mailbox as one, whether they have accounts or not', async () => {
    await world.register({ email: 'bombed@example.com' });
    at(Math.ceil(Date.now() / HOUR) * HOUR + HOUR + 1_000);
    const aliases = ['bombed', 'bombed+1', 'bombed+2', 'BOMBED+3', 'bombed+4'].map((name) => `${name}@example.com`);
    for (const ask of [resend, (email: string) => world.post('/api/auth/forgot-password', { email })]) {
      const answers = await Promise.all(aliases.map(ask));
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
    }
    expect((await resend('other@example.com')).status).toBe(202);
  });

  it('tells nothing of passwords or addresses in what is kept', async () => {
    const rows = JSON.stringify(await world.db.items());
    expect(rows).not.toContain(PASSWORD);
    expect(rows).not.toMatch(/example\.com/);
  });
});
