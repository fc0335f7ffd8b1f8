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

export const accountEvents = [verificationRequested, emailVerified] as const;
