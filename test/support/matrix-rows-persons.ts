import type { MatrixRow } from './matrix-rows.ts';

/** The rows of the routes about a person's own data. */
export const PERSON_ROWS: Readonly<Record<string, MatrixRow>> = {
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
