import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { route } from '../shared/runtime/route.ts';
import { linkEnv, LONGEST_PASSWORD, usersEnv } from './contract.ts';
import { consents, dateOfBirth, emailAddress, line, locale, optionalNews } from './person-fields.ts';

const password = z.string().check(z.minLength(1), z.maxLength(LONGEST_PASSWORD));
/** Any text may be tried: what is no address has no account, and is answered just so. */
const anyAddress = z.string().check(z.minLength(1), z.maxLength(320));
/** The token of a mailed link. Any text may be tried: what is no token is answered as one that is spent. */
const token = z.string().check(z.minLength(1), z.maxLength(500));
/** What somebody who has followed a link to an address sends. */
const linkBrought = z.strictObject({
  token,
  /**
   * The account's password. May be left out; the page that the link leads to always sends it, so that nobody takes over
   * an account whose password somebody else knows (ADR 38).
   */
  password: z.optional(password),
});
/** For routes that answer the same whatever the address. */
const NOTHING = z.strictObject({});

export const register = route({
  id: 'register',
  method: 'POST',
  path: '/api/auth/register',
  summary: 'Make an account; a link that proves the address is mailed to it',
  access: { who: 'anyone' },
  body: z.strictObject({
    email: emailAddress,
    /**
     * At least 12 characters, among them an upper-case and a lower-case letter, a digit and another sign; not a common
     * password with something around it, and not one's own name or address.
     */
    password,
    firstName: line(100),
    lastName: line(100),
    dateOfBirth,
    /** Language of mails; English unless said. */
    locale: z.optional(locale),
    consents: z.optional(consents),
  }),
  responses: { 201: z.object({ userId: z.string().check(z.regex(ULID_PATTERN)), status: z.literal('UNVERIFIED') }) },
  problems: ['EMAIL_ALREADY_REGISTERED', 'WEAK_PASSWORD', 'CONSENT_NEEDED'],
});
export type Registration = z.infer<(typeof register)['body']>;

export const verifyEmail = route({
  id: 'verifyEmail',
  method: 'POST',
  path: '/api/auth/verify-email',
  summary: 'Prove that an address is yours by the token of the link that was mailed to it',
  access: { who: 'anyone' },
  body: linkBrought,
  responses: { 200: z.object({ status: z.literal('VERIFIED') }) },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'PASSWORD_WRONG'],
});

export const resendVerification = route({
  id: 'resendVerification',
  method: 'POST',
  path: '/api/auth/resend-verification',
  summary: 'Mail another link that proves an address; whether it has an account is not told',
  access: { who: 'anyone' },
  body: z.strictObject({ email: anyAddress }),
  responses: { 202: NOTHING },
  problems: [],
});

export const forgotPassword = route({
  id: 'forgotPassword',
  method: 'POST',
  path: '/api/auth/forgot-password',
  summary: 'Mail a link by which a new password is chosen; whether the address has an account is not told',
  access: { who: 'anyone' },
  body: z.strictObject({ email: anyAddress }),
  responses: { 202: NOTHING },
  problems: [],
});

export const resetPassword = route({
  id: 'resetPassword',
  method: 'POST',
  path: '/api/auth/reset-password',
  summary: 'Choose a new password by the token of a mailed link; every session ends, every lock is lifted',
  access: { who: 'anyone' },
  body: z.strictObject({ token, newPassword: password }),
  responses: { 200: NOTHING },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'WEAK_PASSWORD'],
});

export const unlock = route({
  id: 'unlock',
  method: 'POST',
  path: '/api/auth/unlock',
  summary: 'Lift the lock of an account by the token of the mail that told of it',
  access: { who: 'anyone' },
  body: z.strictObject({ token }),
  responses: { 200: NOTHING },
  problems: ['TOKEN_INVALID_OR_EXPIRED'],
});

export const changePassword = route({
  id: 'changePassword',
  method: 'POST',
  path: '/api/auth/change-password',
  summary: "Change the caller's password; their other sessions end",
  access: { who: ['customer'] },
  body: z.strictObject({ currentPassword: password, newPassword: password }),
  responses: { 200: NOTHING },
  problems: ['PASSWORD_WRONG', 'WEAK_PASSWORD'],
});

export const changeEmail = route({
  id: 'changeEmail',
  method: 'POST',
  path: '/api/auth/change-email',
  summary: 'Use another address, once the link that is mailed to it has come back; the present one is told',
  access: { who: ['customer'] },
  body: z.strictObject({ newEmail: emailAddress, password }),
  responses: { 202: NOTHING },
  problems: ['PASSWORD_WRONG'],
});

export const confirmEmail = route({
  id: 'confirmEmail',
  method: 'POST',
  path: '/api/auth/confirm-email',
  summary: 'Prove another address of an account by the token of the link that was mailed to it',
  access: { who: 'anyone' },
  body: linkBrought,
  responses: { 200: NOTHING },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'PASSWORD_WRONG', 'EMAIL_ALREADY_REGISTERED'],
});

/**
 * Outside `/api`, since mail programs post to the very address that a reader opens; what they post is a form (RFC 8058 section
 * 3.2), not JSON.
 */
export const unsubscribe = route({
  id: 'unsubscribe',
  method: 'POST',
  path: '/unsubscribe',
  summary: 'Get no more mails of the kind that the token is of; mail programs post `List-Unsubscribe=One-Click`',
  access: { who: 'anyone' },
  query: z.strictObject({ token }),
  rawBody: true,
  takes: 'application/x-www-form-urlencoded',
  responses: { 200: z.object({ stopped: optionalNews }) },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'INVALID_INPUT'],
});

export const registrationRoutes = [
  register,
  verifyEmail,
  resendVerification,
  forgotPassword,
  resetPassword,
  unlock,
  changePassword,
  changeEmail,
  confirmEmail,
  unsubscribe,
] as const;

/** What the function of registration is given. */
export const registrationEnv = z.extend(usersEnv, linkEnv.shape);
