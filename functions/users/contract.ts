import * as z from 'zod/mini';

import { TAKE_OVER_PROBLEMS, takenOver } from '../reservations/carts-contract.ts';
import { assignmentView } from '../shared/runtime/membership.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { limitsEnv } from '../shared/runtime/limits.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import type { OptionalNews } from './person-fields.ts';
import { accountEvents } from './account-events.ts';
import { privacyEvents } from './privacy-events.ts';
import { sessionEvents } from './session-events.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Longer passwords are refused before they cost a hash. */
export const LONGEST_PASSWORD = 200;

/** What a person does in an organisation. */
export const membership = z.object({
  organizationId: id,
  organizationName: z.string(),
  ...assignmentView.shape,
});

/** An account as its owner sees it. */
export const userView = z.object({
  id,
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  /** BCP 47 language tag. */
  locale: z.string(),
  status: z.enum(['UNVERIFIED', 'VERIFIED']),
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  memberships: z.array(membership),
  createdAt: z.iso.datetime(),
});
export type UserView = z.infer<typeof userView>;

/** Whom to write to; read by `recipients.ts`. */
export interface Recipient {
  /** The address as its owner wrote it. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  /** What of {@link optionalNews} they do without. */
  readonly mutedNews?: readonly OptionalNews[] | undefined;
  /** Where text messages go, for who prefers them and has proven the number. */
  readonly texts?: { readonly phone: string; readonly provenAt: Instant } | undefined;
}

/** What a session is used with; its refresh token comes as a cookie only. */
export const sessionTokens = z.object({
  /** To be sent as `Authorization: Bearer`; browsers have it in their cookie. */
  accessToken: z.string(),
  /** Seconds that the access token lives. */
  expiresIn: z.int(),
  /** To be sent as `X-XSRF-TOKEN` with the cookie. */
  csrfToken: z.string(),
});

/**
 * What became of the anonymous session that a log-in was sent with; absent where there was none. REFUSED says why: then
 * it goes on as it was, and `POST /api/carts/take-over` tries again. LATER: the same, since it was busy.
 */
const guestOutcome = z.union([
  takenOver,
  z.object({
    status: z.literal('REFUSED'),
    problem: z.looseObject({ code: z.enum(TAKE_OVER_PROBLEMS), detail: z.string() }),
  }),
  z.object({ status: z.literal('LATER') }),
]);
export type GuestOutcome = z.infer<typeof guestOutcome>;

export const login = route({
  id: 'login',
  method: 'POST',
  path: '/api/auth/login',
  summary: "Log in with e-mail and password; cart and holds of an anonymous session become the person's",
  access: { who: 'anyone' },
  body: z.strictObject({
    // Any text may be tried: what is no address has no account, and answers just so.
    email: z.string().check(z.minLength(1), z.maxLength(320)),
    password: z.string().check(z.minLength(1), z.maxLength(LONGEST_PASSWORD)),
    /** The session lives 30 days between two refreshes and 90 in all, instead of 12 hours and 24. */
    rememberMe: z.optional(z.boolean()),
    /** What the program calls itself and runs on, not whose it is; shown in the list of sessions. */
    deviceName: z.optional(
      z.string().check(z.maxLength(60), z.regex(/^[\w][\w .,()/+-]*$/, 'Letters, digits and plain punctuation')),
    ),
  }),
  headers: { 'X-Guest-Token': 'The anonymous session that logs in; its cookie unless sent' },
  responses: {
    200: z.object({ user: userView, ...sessionTokens.shape, guest: z.optional(guestOutcome) }),
  },
  problems: ['INVALID_CREDENTIALS', 'EMAIL_NOT_VERIFIED', 'ACCOUNT_BANNED', 'ACCOUNT_LOCKED'],
});

export const logout = route({
  id: 'logout',
  method: 'POST',
  path: '/api/auth/logout',
  summary: 'End this session at once',
  access: { who: ['customer'] },
  body: z.strictObject({}),
  responses: { 204: null },
  problems: [],
});

export const usersRoutes = [login, logout] as const;

/** Whose account it is about; what else there is to know is read, decrypted, where it is needed. */
const ofUser = z.object({ userId: z.string() });

export const userRegistered = defineEvent(
  'users.UserRegistered.v1',
  'somebody has made an account; `status` says whether its address is known to be theirs',
  z.extend(ofUser, { status: z.enum(['UNVERIFIED', 'VERIFIED']) }),
);

export const userProfileUpdated = defineEvent(
  'users.UserProfileUpdated.v1',
  'a person has changed names, address or preferences of the account',
  ofUser,
);

export const usersEvents = [
  userRegistered,
  userProfileUpdated,
  ...accountEvents,
  ...sessionEvents,
  ...privacyEvents,
] as const;

/** What reading a person's name or address needs: the keys that their data keys are wrapped under. */
export const personalDataEnv = z.object({
  /** Wraps data keys in a stage without a KMS key, and opens what was sealed before there were data keys. */
  PERSONAL_DATA_KEY_PARAMETER: z.string(),
  /** ARN of the KMS key that wraps data keys; empty in a stage without one. */
  PERSONAL_DATA_KMS_KEY: z.string(),
});

/** The key that the tokens of mailed links are derived with; parameter of the kind `random-32-bytes`. */
export const linkEnv = z.object({ LINK_KEY_PARAMETER: z.string() });

/** Secrets of log-in; each parameter is of the kind `random-32-bytes`, 64 hex digits. */
export const usersEnv = z.extend(sessionEnv, {
  ...personalDataEnv.shape,
  ...limitsEnv.shape,
  /** Keyed hash by which an account is found from its address. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
  /** Pepper of password hashes. */
  PASSWORD_PEPPER_PARAMETER: z.string(),
});
