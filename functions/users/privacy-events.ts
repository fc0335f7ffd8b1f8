import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

const ofUser = z.object({ userId: z.string() });

export const personalDataExported = defineEvent(
  'users.PersonalDataExported.v1',
  'all that is kept about a person was handed out, to them or to an administrator',
  ofUser,
);

export const userErasureBegun = defineEvent(
  'users.UserErasureBegun.v1',
  'a person is anonymised: key, password, address and posts are gone, no session lives; what is left follows',
  ofUser,
);

export const userErased = defineEvent(
  'users.UserErased.v1',
  'nothing of an anonymised person is left but ids, and the erasure is in the register outside the table',
  ofUser,
);

export const privacyEvents = [personalDataExported, userErasureBegun, userErased] as const;
