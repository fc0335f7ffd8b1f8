import * as z from 'zod/mini';

import { toTimestamp } from '../kernel/clock.ts';

/** The posts that an organisation gives: `organizer` leads it, the others are staff. */
export const post = z.enum(['organizer', 'gate', 'box-office', 'support']);

/** A post somebody holds: for the whole organisation at all times, unless it says otherwise. */
export const assignment = z.object({
  post,
  /** The one event that it is for. */
  eventId: z.optional(z.string()),
  /** When it counts, milliseconds since the epoch: from the first inclusive to the second exclusive. */
  from: z.optional(z.int()),
  until: z.optional(z.int()),
});
export type Assignment = z.infer<typeof assignment>;

/** A post in an organisation, as accounts and sessions keep it. */
export const membershipRow = z.extend(assignment, { organizationId: z.string() });
export type Membership = z.infer<typeof membershipRow>;

/** A post as clients see it. */
export const assignmentView = z.object({
  post,
  eventId: z.optional(z.string()),
  from: z.optional(z.iso.datetime()),
  until: z.optional(z.iso.datetime()),
});
export type AssignmentView = z.infer<typeof assignmentView>;

/** See {@link assignmentView}. */
export function viewAssignment({ post: held, eventId, from, until }: Assignment): AssignmentView {
  return {
    post: held,
    ...(eventId === undefined ? {} : { eventId }),
    ...(from === undefined ? {} : { from: toTimestamp(from) }),
    ...(until === undefined ? {} : { until: toTimestamp(until) }),
  };
}
