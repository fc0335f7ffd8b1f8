import * as z from 'zod/mini';

import { MOST_TICKETS } from '../reservations/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { personalDataEnv } from '../users/contract.ts';
import { line } from '../users/person-fields.ts';

/** What somebody who comes is called, in whatever script; names of persons have 300 letters now and then. */
export const attendeeName = line(300);

/**
 * Who is to come, in the order of the tickets; fewer than there are tickets leave the last ones without a name. Somebody
 * for whom a type is named gets the next ticket of that type.
 */
export const attendees = z
  .array(z.strictObject({ name: attendeeName, ticketTypeId: z.optional(z.string().check(z.regex(ULID_PATTERN))) }))
  .check(z.maxLength(MOST_TICKETS));
export type Attendees = z.infer<typeof attendees>;

/** Why names are not taken, or not any more. */
export const ATTENDEE_PROBLEMS = ['TOO_MANY_ATTENDEES', 'ATTENDEES_DIFFER'] as const;

/** Of the function that shows orders, with who is to come by them. */
export const ordersEnv = z.extend(sessionEnv, { ...cursorEnv.shape, ...personalDataEnv.shape });
