import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

// What accounts tell beside registration and profile; mails follow from it. Ids only: no event holds a token.
const ofUser = z.object({ userId: z.string() });

export const verificationRequested = defineEvent(
  'users.VerificationRequested.v1',
  'somebody has asked for another link that proves the address of an account; the one before it is dead',
  ofUser,
);

export const emailVerified = defineEvent(
  'users.EmailVerified.v1',
  'the link that was mailed to the address of an account has come back: it is theirs',
  ofUser,
);

export const passwordResetRequested = defineEvent(
  'users.PasswordResetRequested.v1',
  'somebody has asked for a link by which a new password of an account is chosen; the one before it is dead',
  ofUser,
);

export const passwordReset = defineEvent(
  'users.PasswordReset.v1',
  'a new password was chosen by a mailed link; every session has ended, every lock is lifted',
  ofUser,
);

export const passwordChanged = defineEvent(
  'users.PasswordChanged.v1',
  'a person who is signed in has changed the password; their other sessions have ended',
  ofUser,
);

export const emailChangeRequested = defineEvent(
  'users.EmailChangeRequested.v1',
  'a person wants to use another address, which has to be proven first',
  ofUser,
);

export const emailChanged = defineEvent(
  'users.EmailChanged.v1',
  'another address is proven and in use; the one before it may be registered again',
  ofUser,
);

export const phoneChanged = defineEvent(
  'users.PhoneChanged.v1',
  'a person has set another phone number or none, perhaps with more of the profile; raised in place of `users.UserProfileUpdated.v1`',
  ofUser,
);

export const phoneProven = defineEvent(
  'users.PhoneProven.v1',
  'the code that was sent to the phone number of an account has come back: text messages may go to it',
  ofUser,
);

export const accountEvents = [
  verificationRequested,
  emailVerified,
  passwordResetRequested,
  passwordReset,
  passwordChanged,
  emailChangeRequested,
  emailChanged,
  phoneChanged,
  phoneProven,
] as const;
