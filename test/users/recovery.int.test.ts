import { ulid } from 'ulid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import { refreshTokens } from '../../functions/users/app/refresh-session.ts';
import { signOutEverywhere } from '../../functions/users/app/sessions-of.ts';
import { updateProfile } from '../../functions/users/app/update-profile.ts';
import { confirmPhoneCode, sendPhoneCode } from '../../functions/users/app/verify-phone.ts';
import { recordExport } from '../../functions/users/disclosure.ts';
import { anonymise, personalDataIn, sweepPerson } from '../../functions/users/erasure.ts';
import { profileView, type ProfilePatch } from '../../functions/users/profile-contract.ts';
import { findAccount } from '../../functions/users/reads.ts';
import { signIn as signInOf } from '../support/sessions.ts';
import { AccountWorld, tokenIn } from './account-world.ts';
import { givenAccount, occasion, PASSWORD, USERS_ENV } from './accounts.ts';

const KEYS = USERS_ENV.SESSION_KEYS_PARAMETER;
const NEXT = 'Another-test-2026!';
let world: AccountWorld;
/** A time of its own for each test, early in an hour, so that hourly limits neither meet nor split. */
let hour = Math.ceil(Date.now() / HOUR) * HOUR;

beforeAll(async () => {
  world = await AccountWorld.open();
});
afterAll(() => world.close());
beforeEach(() => {
  hour += HOUR;
  at(0);
});
afterEach(() => {
  vi.useRealTimers();
});

function at(afterMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: hour + MINUTE + afterMs });
}
const given = (email: string) => givenAccount(world.db.table, { email });
const forgot = (email: string) => world.post('/api/auth/forgot-password', { email });
const reset = (token: string, newPassword = NEXT) => world.post('/api/auth/reset-password', { token, newPassword });
async function signIn(email: string, password = PASSWORD): Promise<string> {
  const answer = await world.logIn(email, password);
  if (answer.status !== 200) throw new Error(answer.text);
  return String(answer.json['accessToken']);
}
async function resetToken(userId: string, email: string): Promise<string> {
  expect(await forgot(email)).toMatchObject({ status: 202, json: {} });
  return world.tokenAfter(userId);
}

describe('a forgotten password', () => {
  it('is replaced by the link of a mail; every session ends at once, and the owner is told', async () => {
    const userId = await given('forgets@example.com');
    const [phone, tablet] = [await signIn('forgets@example.com'), await signIn('forgets@example.com')];
    const token = await resetToken(userId, 'FORGETS@example.com');
    expect((await world.me(phone)).status).toBe(200);
    expect(await reset(token)).toMatchObject({ status: 200, json: {} });
    for (const session of [phone, tablet]) expect((await world.me(session)).status).toBe(401);
    const [told] = await world.mailsAfter(userId);
    expect(told?.subject).toBe('Your password was changed');
    expect(told?.text).toContain('UTC');
    expect((await world.logIn('forgets@example.com')).status).toBe(401);
    await signIn('forgets@example.com', NEXT);
  });

  it('is replaced once by two who bring one token at once (failure 57)', async () => {
    const userId = await given('races@example.com');
    const token = await resetToken(userId, 'races@example.com');
    const passwords = ['First-of-two-2026!', 'Second-of-two-2026!'];
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 410]);
    const won = passwords[answers.findIndex(({ status }) => status === 200)];
    await signIn('races@example.com', won);
    expect((await reset(token)).json['code']).toBe('TOKEN_INVALID_OR_EXPIRED');
  });

  it('asks for a strong one without spending the link, which is dead after 15 minutes or another one', async () => {
    const userId = await given('slow@example.com');
    const first = await resetToken(userId, 'slow@example.com');
    const token = await resetToken(userId, 'slow@example.com');
    expect((await reset(first)).status).toBe(410);
    expect(await reset(token, 'weak')).toMatchObject({ status: 400, json: { code: 'WEAK_PASSWORD' } });
    for (const [password, missing] of [
      ['Sommer-2026-!!', ['TOO_COMMON']],
      ['Anna.Muster-1988', ['PERSONAL']],
      ['Slow@example.com1', ['PERSONAL']],
    ] as const)
      expect(await reset(token, password)).toMatchObject({ status: 400, json: { missing } });
    at(15 * MINUTE + 1_000);
    expect(await reset(token, 'weak')).toMatchObject({ status: 410 });
    at(14 * MINUTE);
    expect((await reset(token)).status).toBe(200);
  });

  it('lifts a lock, and proves an address that was not proven yet', async () => {
    const userId = await given('locked@example.com');
    for (let guess = 0; guess < 3; guess += 1) await world.logIn('locked@example.com', 'Wrong-password-1!');
    expect((await world.logIn('locked@example.com')).status).toBe(423);
    expect((await reset(await resetToken(userId, 'locked@example.com'))).status).toBe(200);
    await signIn('locked@example.com', NEXT);

    const newId = await givenAccount(world.db.table, { email: 'unproven@example.com', status: 'UNVERIFIED' });
    expect((await reset(await resetToken(newId, 'unproven@example.com'))).status).toBe(200);
    await signIn('unproven@example.com', NEXT);
  });

  it.each(['known@example.com', 'unknown@example.com'])(
    'is asked for three times an hour at most, by %s',
    async (email) => {
      if (email.startsWith('known')) await given(email);
      const answers = await Promise.all(Array.from({ length: 6 }, () => forgot(email)));
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(3);
      for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeLessThanOrEqual(3_600);
      at(HOUR);
      expect((await forgot(email)).status).toBe(202);
    },
  );

  it('leaves nobody signed in who was signing in meanwhile', async () => {
    const userId = await given('meanwhile@example.com');
    const token = await resetToken(userId, 'meanwhile@example.com');
    const [done, ...logIns] = await Promise.all([
      reset(token),
      ...Array.from({ length: 4 }, () => world.logIn('meanwhile@example.com')),
    ]);
    expect(done.status).toBe(200);
    const begun = logIns.filter(({ status }) => status === 200).map(({ json }) => String(json['accessToken']));
    for (const session of begun) expect((await world.me(session)).status).toBe(401);
  });
});

describe('the lock of an account', () => {
  it('is told to its owner with a link that lifts it, and of a day', async () => {
    const userId = await givenAccount(world.db.table, { email: 'guessed@example.com', locale: 'es' });
    for (let guess = 0; guess < 3; guess += 1) await world.logIn('guessed@example.com', 'Wrong-password-1!');
    const [mail] = await world.mailsAfter(userId);
    expect(mail?.subject).toBe('Su cuenta está bloqueada por un momento');
    if (mail === undefined) throw new Error('No mail');
    const unlock = (token: string) => world.post('/api/auth/unlock', { token });
    expect((await unlock('A'.repeat(64))).status).toBe(410);
    expect((await world.logIn('guessed@example.com')).status).toBe(423);
    at(DAY + MINUTE);
    expect((await unlock(tokenIn(mail))).json['code']).toBe('TOKEN_INVALID_OR_EXPIRED');
    at(MINUTE);
    expect(await unlock(tokenIn(mail))).toMatchObject({ status: 200, json: {} });
    await signIn('guessed@example.com');
  });
});

describe('a password that is changed', () => {
  it('needs the present one; the session goes on, the others and links that are out end', async () => {
    const userId = await given('changes@example.com');
    const [here, there] = [await signIn('changes@example.com'), await signIn('changes@example.com')];
    const link = await resetToken(userId, 'changes@example.com');
    const change = (currentPassword: string, newPassword: string) =>
      world.post('/api/auth/change-password', { currentPassword, newPassword }, here);
    expect(await change('Wrong-password-1!', NEXT)).toMatchObject({ status: 422, json: { code: 'PASSWORD_WRONG' } });
    expect(await change(PASSWORD, 'weak')).toMatchObject({ status: 400, json: { code: 'WEAK_PASSWORD' } });
    expect(await change(PASSWORD, 'Iloveyou-2026!')).toMatchObject({ status: 400, json: { missing: ['TOO_COMMON'] } });
    expect(await change(PASSWORD, 'Muster-Anna-2026!')).toMatchObject({ status: 400, json: { missing: ['PERSONAL'] } });
    expect((await world.me(there)).status).toBe(200);
    expect(await change(PASSWORD, NEXT)).toMatchObject({ status: 200, json: {} });
    expect((await world.me(here)).status).toBe(200);
    expect((await world.me(there)).status).toBe(401);
    expect((await reset(link)).status).toBe(410);
    expect((await world.mailsAfter(userId))[0]?.subject).toBe('Your password was changed');
    await signIn('changes@example.com', NEXT);
    expect((await world.post('/api/auth/change-password', { currentPassword: NEXT, newPassword: NEXT })).status).toBe(
      401,
    );
  });
});

describe('an address that is changed', () => {
  const change = (token: string, newEmail: string, password = PASSWORD) =>
    world.post('/api/auth/change-email', { newEmail, password }, token);
  const confirm = (token: string) => world.post('/api/auth/confirm-email', { token });

  /** Asks for the change and answers the token that went to the new address. */
  async function asked(userId: string, session: string, newEmail: string): Promise<string> {
    expect(await change(session, newEmail)).toMatchObject({ status: 202, json: {} });
    const mails = await world.mailsAfter(userId);
    const [confirmation, ...others] = mails.filter(({ text }) => text?.includes('#token=') === true);
    if (confirmation === undefined || others.length > 0) throw new Error('There is not one link');
    expect(confirmation.to).toMatchObject({ text: expect.stringContaining(newEmail) });
    return tokenIn(confirmation);
  }

  it('is proven by a link to the new one, of which the old one is told before and after', async () => {
    const userId = await given('old@example.com');
    const session = await signIn('old@example.com');
    expect((await change(session, 'new@example.com', 'Wrong-password-1!')).json['code']).toBe('PASSWORD_WRONG');
    expect((await change(session, 'new@example.com')).status).toBe(202);
    const told = await world.mailsAfter(userId);
    const addressOf = (mail: (typeof told)[number]): string => JSON.stringify(mail.to);
    const toOld = told.find((mail) => addressOf(mail).includes('old@example.com'));
    const toNew = told.find((mail) => addressOf(mail).includes('new@example.com'));
    expect(told).toHaveLength(2);
    expect(toOld?.subject).toBe('Your e-mail address is about to change');
    expect(toOld?.text).not.toContain('#token=');
    if (toNew === undefined) throw new Error('No link was mailed');
    expect(profileView.parse((await world.me(session)).json)).toMatchObject({
      email: 'old@example.com',
      pendingEmail: 'new@example.com',
    });
    const login = await world.logIn('new@example.com');
    expect(login.status).toBe(401);

    const withPassword = (password: string) =>
      world.post('/api/auth/confirm-email', { token: tokenIn(toNew), password });
    expect((await withPassword('Wrong-password-1!')).json['code']).toBe('PASSWORD_WRONG');
    expect((await withPassword(PASSWORD)).status).toBe(200);
    const after = await world.mailsAfter(userId);
    expect(after.map((mail) => [addressOf(mail).includes('old@'), mail.subject])).toEqual(
      expect.arrayContaining([
        [true, 'Your account no longer uses this address'],
        [false, 'Your e-mail address was changed'],
      ]),
    );
    expect(profileView.parse((await world.me(session)).json)).toMatchObject({
      email: 'new@example.com',
      pendingEmail: null,
      previousEmail: 'old@example.com',
    });
    expect((await world.logIn('old@example.com')).status).toBe(401);
    await signIn('new@example.com');
    expect((await confirm(tokenIn(toNew))).status).toBe(410);
    // The old one is free for whoever registers next.
    expect((await world.register({ email: 'old@example.com' })).status).toBe(201);
    expect(JSON.stringify(await world.db.items())).not.toMatch(/(old|new)@example/);
  });

  it('goes to one of two accounts that want it, and the other keeps its own', async () => {
    const ids = [await given('left@example.com'), await given('right@example.com')];
    const tokens: string[] = [];
    for (const [index, email] of ['left@example.com', 'right@example.com'].entries())
      tokens.push(await asked(ids[index] ?? '', await signIn(email), 'wanted@example.com'));
    const answers = await Promise.all(tokens.map(confirm));
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 409]);
    const [winner, loser] = answers[0]?.status === 200 ? [0, 1] : [1, 0];
    await signIn('wanted@example.com');
    await signIn(['left@example.com', 'right@example.com'][loser] ?? '');
    expect((await world.logIn(['left@example.com', 'right@example.com'][winner] ?? '')).status).toBe(401);
  });

  it('may be another spelling of the same one, and stops with another password', async () => {
    const userId = await given('spelled@example.com');
    const session = await signIn('spelled@example.com');
    expect((await confirm(await asked(userId, session, 'Spelled@example.com'))).status).toBe(200);
    await signIn('SPELLED@example.com');

    const token = await asked(userId, session, 'elsewhere@example.com');
    const passwords = { currentPassword: PASSWORD, newPassword: NEXT };
    expect((await world.post('/api/auth/change-password', passwords, session)).status).toBe(200);
    expect((await confirm(token)).status).toBe(410);
    expect((await findAccount(world.db.table, userId))?.pendingEmail).toBeUndefined();
  });

  it('leaves no mailbox known by somebody who was erased since, and no limit that begins anew before (failure 63)', async () => {
    const userId = await given('moves@example.com');
    const mailboxes = async () =>
      (await world.db.items()).filter((row) => row['sk'] === 'MAILBOX' && row['userId'] === userId);
    for (const [from, to] of [
      ['moves@example.com', 'second@example.com'],
      ['second@example.com', 'third@example.com'],
    ] as const)
      expect((await confirm(await asked(userId, await signIn(from), to))).status).toBe(200);
    await signIn('third@example.com');
    expect(await mailboxes(), 'limits go on').toHaveLength(3);
    const { table } = world.db;
    const addresses = {
      personalData: personalDataIn(table, USERS_ENV),
      emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    };
    const account = await findAccount(table, userId);
    expect(account !== undefined && (await anonymise(table, addresses, account, [], occasion()))).toBe(true);
    await sweepPerson(table, userId);
    expect(await mailboxes()).toEqual([]);
    await sweepPerson(table, userId);
  });

  it('ends a reset link that went to the old mailbox', async () => {
    const userId = await given('leaves@example.com');
    const session = await signIn('leaves@example.com');
    const link = await resetToken(userId, 'leaves@example.com');
    expect((await confirm(await asked(userId, session, 'arrives@example.com'))).status).toBe(200);
    expect((await reset(link)).status).toBe(410);
  });
});

describe('the owner is told', () => {
  it('of a session whose token was copied, once', async () => {
    const userId = await given('copied@example.com');
    const session = await signInOf(world.db.table, KEYS, { userId });
    expect((await refreshTokens(world.db.table, KEYS, session.refreshToken, occasion())).ok).toBe(true);
    at(MINUTE);
    expect((await refreshTokens(world.db.table, KEYS, session.refreshToken, occasion())).ok).toBe(false);
    const [mail, ...others] = await world.mailsAfter(userId);
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('A session of your account was ended');
    expect(mail?.text).toContain('https://tickets.example.com/reset-password');
    expect(await world.mailsAfter(userId)).toEqual([]);
  });

  it('of all sessions having been ended, and of personal data that was handed out, also to an admin', async () => {
    const userId = await given('handed@example.com');
    await signIn('handed@example.com');
    await signOutEverywhere(world.db.table, userId, { ...occasion(), by: userId });
    expect((await world.mailsAfter(userId))[0]?.subject).toBe('You were signed out everywhere');
    expect((await recordExport(world.db.table, userId, { ...occasion(), by: ulid() })).ok).toBe(true);
    expect((await world.mailsAfter(userId))[0]?.subject).toBe('Your personal data was handed out');
  });
});

describe('a new device', () => {
  it('is told to its owner', async () => {
    const userId = await given('devices@example.com');
    await signIn('devices@example.com');
    const body = { email: 'devices@example.com', password: PASSWORD, deviceName: 'Firefox on Linux' };
    expect((await world.logInWith(body)).status).toBe(200);
    expect((await world.mailsAfter(userId))[0]?.subject).toBe('A new device has signed in');
  });
});

describe('a phone number', () => {
  it.each([
    ['en', 'Your phone number was changed', 'A phone number was confirmed'],
    ['de', 'Ihre Telefonnummer wurde geändert', 'Eine Telefonnummer wurde bestätigt'],
    ['fr', 'Votre numéro de téléphone a été modifié', 'Un numéro de téléphone a été confirmé'],
    ['es', 'Se ha cambiado su número de teléfono', 'Se ha confirmado un número de teléfono'],
  ])('that is changed, proven or taken away is told to its owner in %s, and no message holds it', async (...told) => {
    const [locale, changedSubject, provenSubject] = told;
    const { table } = world.db;
    const email = `phone-${locale}@example.com`;
    const phone = '+4915112345678';
    const userId = await givenAccount(table, { email, locale });
    const personalData = personalDataIn(table, USERS_ENV);
    const patch = async (change: ProfilePatch): Promise<readonly (string | undefined)[]> => {
      const done = await updateProfile(table, personalData, {
        userId,
        patch: change,
        ifMatch: undefined,
        occasion: occasion(),
      });
      expect(done.ok).toBe(true);
      return (await world.mailsAfter(userId)).map(({ subject }) => subject);
    };
    expect(await patch({ firstName: 'Ada' })).toEqual([]);
    expect(await patch({ phone, lastName: 'Byron' })).toEqual([changedSubject]);
    const codes: string[] = [];
    const deps = {
      table,
      personalData,
      hashKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
      sms: async (_to: string, text: string) => {
        codes.push(text.slice(0, 6));
        return { ok: true as const, value: undefined };
      },
    };
    // A number of their own each, since sends to one number are limited.
    expect((await patch({ phone: `${phone.slice(0, -1)}${'edfs'.indexOf(locale[0] ?? 'x')}` }))[0]).toBe(
      changedSubject,
    );
    expect((await sendPhoneCode(deps, userId, Date.now())).ok).toBe(true);
    expect((await confirmPhoneCode(deps, userId, codes[0] ?? '', occasion())).ok).toBe(true);
    const [proven, ...others] = await world.mailsAfter(userId);
    expect(others).toEqual([]);
    expect(proven).toMatchObject({ subject: provenSubject, to: { text: expect.stringContaining(email) } });
    expect(proven?.text).toContain('/reset-password');
    expect(JSON.stringify(await world.row(userId))).not.toContain(phone.slice(0, -1));
    expect(await patch({ deliveryChannel: 'sms' })).toEqual([]);
    expect(await patch({ phone: null })).toEqual([changedSubject]);
    // The same event again is told once.
    expect(await world.mailsAfter(userId)).toEqual([]);
  });
});
