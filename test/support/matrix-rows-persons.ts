import { ulid } from 'ulid';

import { REFRESH_COOKIE } from '../../functions/users/cookies.ts';
import { PASSWORD, sessionOf } from './matrix-people.ts';
import type { MatrixRow, MatrixWorld } from './matrix-rows.ts';

/** What no mail ever held. */
const NO_TOKEN = 'A'.repeat(64);

/** Another session of the owner. */
async function ownersSession({ members }: MatrixWorld): ReturnType<typeof sessionOf> {
  const owner = members.get('owner');
  if (owner === undefined) throw new Error('The owner has no account');
  return sessionOf(owner);
}

/** The rows of the routes about a person's own data. */
export const PERSON_ROWS: Readonly<Record<string, MatrixRow>> = {
  register: {
    once: true,
    request: () => ({
      path: '/api/auth/register',
      body: {
        email: `new-${ulid().toLowerCase()}@matrix.example`,
        password: PASSWORD,
        firstName: 'New',
        lastName: 'Quay',
        dateOfBirth: '1990-05-17',
      },
    }),
  },
  verifyEmail: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/auth/verify-email', body: { token: NO_TOKEN } }),
  },
  resendVerification: {
    // An address may be written to three times an hour.
    once: true,
    request: () => ({
      path: '/api/auth/resend-verification',
      body: { email: `new-${ulid().toLowerCase()}@matrix.example` },
    }),
  },
  forgotPassword: {
    once: true,
    request: () => ({
      path: '/api/auth/forgot-password',
      body: { email: `new-${ulid().toLowerCase()}@matrix.example` },
    }),
  },
  resetPassword: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/auth/reset-password', body: { token: NO_TOKEN, newPassword: PASSWORD } }),
  },
  unlock: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/auth/unlock', body: { token: NO_TOKEN } }),
  },
  confirmEmail: {
    reached: 'TOKEN_INVALID_OR_EXPIRED',
    request: () => ({ path: '/api/auth/confirm-email', body: { token: NO_TOKEN } }),
  },
  unsubscribe: {
    reached: 'INVALID_INPUT',
    request: () => ({ path: `/unsubscribe?token=${NO_TOKEN}`, body: {} }),
  },
  changePassword: {
    reached: 'PASSWORD_WRONG',
    request: () => ({
      path: '/api/auth/change-password',
      body: { currentPassword: 'not this one', newPassword: PASSWORD },
    }),
  },
  changeEmail: {
    reached: 'PASSWORD_WRONG',
    request: () => ({
      path: '/api/auth/change-email',
      body: { newEmail: 'new@matrix.example', password: 'not this one' },
    }),
  },
  refresh: {
    once: true,
    bearsPassword: true,
    request: async (world) => ({
      path: '/api/auth/refresh',
      body: {},
      headers: { cookie: `${REFRESH_COOKIE}=${(await ownersSession(world)).refreshToken}` },
    }),
  },
  logoutAll: { endsSessions: true, request: () => ({ path: '/api/auth/logout-all', body: {} }) },
  endSession: {
    hidden: 'SESSION_NOT_FOUND',
    once: true,
    request: async (world) => ({ path: `/api/auth/sessions/${(await ownersSession(world)).sessionId}` }),
  },
  updateMe: { request: () => ({ path: '/api/auth/me', body: { locale: 'de-CH' } }) },
  verifyPhone: {
    reached: 'PHONE_MISSING',
    request: () => ({ path: '/api/auth/me/phone/verification', body: {} }),
  },
  confirmPhone: {
    reached: 'PHONE_MISSING',
    request: () => ({ path: '/api/auth/me/phone/confirm', body: { code: '000000' } }),
  },
  eraseUser: {
    hidden: 'USER_NOT_FOUND',
    once: true,
    endsOwner: true,
    granted: { status: 'ERASING' },
    request: ({ owner }) => ({ path: `/api/users/${owner.userId}` }),
  },
};
