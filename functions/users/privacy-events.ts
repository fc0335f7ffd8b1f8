import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

const ofUser = z.object({ userId: z.string() });

export const personalDataExported = defineEvent(
  'users.PersonalDataExported.v1',
  'all that is kept about a person was handed out, to them or to an administrator',
  ofUser,
);

export const privacyEvents = [personalDataExported] as const;
