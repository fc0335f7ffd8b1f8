import { ulid } from 'ulid';
import { expect, it } from 'vitest';

import { linkTo, mailsTo, tokenOfLink } from '../support/mailbox.ts';
import { createMember, PASSWORD, useSystemSecrets } from '../support/matrix-people.ts';
import { call } from '../support/shop.ts';

const person = (email: string) => ({
  email,
  password: 'Onsale-e2e-2026!',
  firstName: 'Réka',
  lastName: '<b>Muster</b>',
  dateOfBirth: '1990-05-17',
  locale: 'fr-CA',
});

it('who registers is mailed a link, is let in once it has come back, and welcomed', async () => {
  const email = `reka.${ulid().toLowerCase()}@example.com`;
  const { password } = person(email);
  expect(await call('POST', '/api/auth/register', person(email))).toMatchObject({ status: 201 });
  expect((await call('POST', '/api/auth/register', person(email.toUpperCase()))).json.code).toBe(
    'EMAIL_ALREADY_REGISTERED',
  );
  const first = await linkTo(email, '/verify-email');
  expect((await call('POST', '/api/auth/resend-verification', { email })).status).toBe(202);
  const second = await linkTo(email, '/verify-email');
  expect(second.hash).not.toBe(first.hash);

  const verify = (link: URL) => call('POST', '/api/auth/verify-email', { token: tokenOfLink(link) });
  expect((await verify(first)).status).toBe(410);
  expect((await call('POST', '/api/auth/login', { email, password })).json.code).toBe('EMAIL_NOT_VERIFIED');
  expect((await verify(second)).status).toBe(200);
  expect((await call('POST', '/api/auth/login', { email, password })).status).toBe(200);
  const subjects = (await mailsTo(email)).map(({ subject }) => subject);
  expect(subjects).toEqual([
    'Confirmez votre adresse e-mail',
    'Confirmez votre adresse e-mail',
    'Votre compte Onsale est prêt',
  ]);
});

it('who forgets the password chooses another one by a mailed link, and is signed out everywhere', async () => {
  const email = `forgets.${ulid().toLowerCase()}@example.com`;
  const { password } = person(email);
  const newPassword = 'Onsale-anew-2026!';
  await call('POST', '/api/auth/register', person(email));
  await call('POST', '/api/auth/verify-email', { token: tokenOfLink(await linkTo(email, '/verify-email')) });
  const bearer = async (address: string, secret: string) => {
    const { status, json } = await call('POST', '/api/auth/login', { email: address, password: secret });
    expect(status).toBe(200);
    return { authorization: `Bearer ${json.accessToken}` };
  };
  const before = await bearer(email, password);
  expect((await call('POST', '/api/auth/forgot-password', { email })).status).toBe(202);
  const token = tokenOfLink(await linkTo(email, '/reset-password'));
  expect((await call('POST', '/api/auth/reset-password', { token, newPassword })).status).toBe(200);
  expect((await call('GET', '/api/auth/me', undefined, before)).status).toBe(401);
  expect((await call('POST', '/api/auth/login', { email, password })).status).toBe(401);

  await bearer(email, newPassword);
});

it('an address is changed once the new one is proven, and the old one is told', async () => {
  useSystemSecrets();
  // Made by another process than the function's, which therefore has to ask KMS for the person's key.
  const { email } = await createMember('another customer', { own: '', other: '' });
  const newEmail = `moved.${email}`;
  const bearer = async (address: string) => {
    const { status, json } = await call('POST', '/api/auth/login', { email: address, password: PASSWORD });
    expect(status).toBe(200);
    return { authorization: `Bearer ${json.accessToken}` };
  };
  const change = { newEmail, password: PASSWORD };
  expect((await call('POST', '/api/auth/change-email', change, await bearer(email))).status).toBe(202);
  const proof = tokenOfLink(await linkTo(newEmail, '/confirm-email'));
  expect((await call('POST', '/api/auth/confirm-email', { token: proof })).status).toBe(200);
  await bearer(newEmail);
  const told = (await mailsTo(email)).filter(({ destination }) => !destination.to.join().includes('moved.'));
  expect(told.map(({ subject }) => subject)).toEqual([
    'Your e-mail address is about to change',
    'Your account no longer uses this address',
  ]);
});

it('a locked account is unlocked by the link that its owner is mailed', async () => {
  const email = `locked.${ulid().toLowerCase()}@example.com`;
  await call('POST', '/api/auth/register', person(email));
  await call('POST', '/api/auth/verify-email', { token: tokenOfLink(await linkTo(email, '/verify-email')) });
  const logIn = (password: string) => call('POST', '/api/auth/login', { email, password });
  for (let guess = 0; guess < 3; guess += 1) await logIn('Wrong-password-1!');
  expect((await logIn(person(email).password)).json.code).toBe('ACCOUNT_LOCKED');
  const token = tokenOfLink(await linkTo(email, '/unlock'));
  expect((await call('POST', '/api/auth/unlock', { token })).status).toBe(200);
  expect((await logIn(person(email).password)).status).toBe(200);
});
