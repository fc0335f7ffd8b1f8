import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

const ofUser = z.object({ userId: z.string() });

export const accountLocked = defineEvent(
  'users.AccountLocked.v1',
  'three wrong passwords in a row have locked an account, and its owner has not been told of a lock for a day',
  z.extend(ofUser, {
    /** Names the lock in the link that lifts it. */
    lockId: z.string(),
    /** Milliseconds since the epoch. */
    lockedUntil: z.int(),
  }),
);

export const accountUnlocked = defineEvent(
  'users.AccountUnlocked.v1',
  'the owner has followed the link that lifts the locks of an account',
  ofUser,
);

export const signedInOnNewDevice = defineEvent(
  'users.SignedInOnNewDevice.v1',
  'somebody has logged in with the right password on a device and from a place that the account did not know',
  ofUser,
);

export const signedOutEverywhere = defineEvent(
  'users.SignedOutEverywhere.v1',
  'a person has ended all of their sessions',
  ofUser,
);

export const refreshTokenReused = defineEvent(
  'users.RefreshTokenReused.v1',
  'a refresh token came back long after it was replaced, so somebody has copied it; its session has ended',
  ofUser,
);

export const sessionEvents = [
  refreshTokenReused,
  accountLocked,
  accountUnlocked,
  signedInOnNewDevice,
  signedOutEverywhere,
] as const;
