import { ulid } from 'ulid';
import { expect, it } from 'vitest';

import { linkTo, mailsTo, tokenOfLink } from '../support/mailbox.ts';
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
