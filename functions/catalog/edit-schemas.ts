import * as z from 'zod/mini';

import { lineOfText, linesOfText } from '../shared/kernel/text.ts';
import * as field from './fields.ts';

/** A member that may be taken away again, by null; left out, it stays as it is (RFC 7396). */
const removable = <Schema extends z.ZodMiniType>(schema: Schema): z.ZodMiniOptional<z.ZodMiniNullable<Schema>> =>
  z.optional(z.nullable(schema));

/** The body of `PATCH /api/events/{eventId}`: what is to change. Faults between fields are found once it is merged. */
export const eventPatch = z.strictObject({
  title: z.optional(lineOfText(200)),
  description: z.optional(linesOfText(10_000)),
  category: z.optional(field.category),
  tags: removable(field.tags),
  performers: removable(field.performers),
  ageLimit: removable(field.ageLimit),
  noSingleSeats: removable(z.boolean()),
  venueId: removable(field.id),
  location: removable(z.union([lineOfText(150), field.place])),
  venue: removable(field.place),
  imageKey: removable(field.imageKey),
  cancellationPolicy: removable(field.cancellationPolicy),
  gates: removable(field.gates),
  pools: removable(z.array(field.pool).check(z.maxLength(10))),
  startsAt: z.optional(field.instant),
  endsAt: removable(field.instant),
  startsAtLocal: z.optional(field.localTime),
  endsAtLocal: z.optional(field.localTime),
  startsAtOccurrence: z.optional(field.occurrence),
  endsAtOccurrence: z.optional(field.occurrence),
  timeZone: z.optional(field.timeZone),
});
export type EventPatch = z.infer<typeof eventPatch>;

/** The body of `POST /api/events/{eventId}/reschedule`; without an end the event keeps its length. */
export const newTimes = z.strictObject({
  startsAt: z.optional(field.instant),
  endsAt: z.optional(field.instant),
  startsAtLocal: z.optional(field.localTime),
  endsAtLocal: z.optional(field.localTime),
  startsAtOccurrence: z.optional(field.occurrence),
  endsAtOccurrence: z.optional(field.occurrence),
  timeZone: z.optional(field.timeZone),
});
export type NewTimes = z.infer<typeof newTimes>;

/** The body of `POST /api/events/{eventId}/reschedule`. */
export const moveTo = z.extend(newTimes, {
  /** Days from now in which holders may give their tickets back in full, at most until the new start; 14 unless said. */
  optOutDays: z.optional(field.whole(1, 90)),
});
export type MoveTo = z.infer<typeof moveTo>;

/** The body of `POST /api/events/{eventId}/duplicate`: the same again, by another name or at another time. */
export const copyOf = z.extend(newTimes, { title: z.optional(lineOfText(200)) });
export type CopyOf = z.infer<typeof copyOf>;

/** The body of `PATCH /api/ticket-types/{ticketTypeId}`. */
export const ticketTypePatch = z.strictObject({
  name: z.optional(field.ticketTypeFields.name),
  description: removable(linesOfText(1_000)),
  price: z.optional(field.price),
  quantity: z.optional(field.ticketTypeFields.quantity),
  saleStartsAt: removable(field.instant),
  saleEndsAt: removable(field.instant),
  maxPerPerson: removable(field.whole(1, 1_000_000)),
  accessLevel: removable(lineOfText(50)),
  zones: removable(z.array(lineOfText(50)).check(z.maxLength(20))),
  seatCategory: removable(lineOfText(60)),
  hidden: z.optional(z.boolean()),
  pool: removable(lineOfText(60)),
});
export type TicketTypePatch = z.infer<typeof ticketTypePatch>;
