import * as z from 'zod/mini';

import { lineOfText, linesOfText } from '../shared/kernel/text.ts';
import { timesOf, draftFaults, type Unchecked } from './domain/draft-rules.ts';
import * as field from './fields.ts';

/** Ticket types of one event: with their pools and the event they fit the transaction that publishes it. */
export const MOST_TICKET_TYPES = 20;

export const ticketTypeDraft = z.strictObject(field.ticketTypeFields);
export type TicketTypeDraft = z.infer<typeof ticketTypeDraft>;

/** When an event is: instants, or what clocks at its place show. */
const times = {
  startsAt: z.optional(field.instant),
  endsAt: z.optional(field.instant),
  startsAtLocal: z.optional(field.localTime),
  endsAtLocal: z.optional(field.localTime),
  /** Which is meant where clocks show a local time twice. */
  startsAtOccurrence: z.optional(field.occurrence),
  endsAtOccurrence: z.optional(field.occurrence),
};

/** What of an event is its description and not its dates: what dates of a series have in common. */
export const descriptionFields = {
  title: lineOfText(200),
  description: linesOfText(10_000),
  category: field.category,
  tags: z.optional(field.tags),
  performers: z.optional(field.performers),
  ageLimit: z.optional(field.ageLimit),
  /** No sale of its seats may leave a single empty one. */
  noSingleSeats: z.optional(z.boolean()),
  venueId: z.optional(field.id),
  /** Where it is: a place, or its name alone. `venue` is another word for it. */
  location: z.optional(z.union([lineOfText(150), field.place])),
  venue: z.optional(field.place),
  pools: z.optional(z.array(field.pool).check(z.maxLength(10))),
  imageKey: z.optional(field.imageKey),
  cancellationPolicy: z.optional(field.cancellationPolicy),
  gates: z.optional(field.gates),
};

export type DescriptionDraft = z.infer<z.ZodMiniObject<typeof descriptionFields>>;

export const ticketTypes = z.array(ticketTypeDraft).check(z.minLength(1), z.maxLength(MOST_TICKET_TYPES));

const draftFields = z
  .strictObject({
    /** May be left out by who organises exactly one. */
    organizationId: z.optional(field.id),
    ...descriptionFields,
    ...times,
    timeZone: field.timeZone,
    ticketTypes,
  })
  .check(everyFault(draftFaults));

/**
 * The body of `POST /api/events`. What concerns several fields at once is checked even where one of them
 * is wrong by itself, so that a client learns of every fault in one answer. Local times come out as instants.
 */
export const eventDraft = z.pipe(
  draftFields,
  z.transform(
    ({ startsAtLocal, endsAtLocal, startsAtOccurrence, endsAtOccurrence, ...draft }: z.infer<typeof draftFields>) => {
      const { startsAt = '', endsAt } = timesOf({
        ...draft,
        startsAtLocal,
        endsAtLocal,
        startsAtOccurrence,
        endsAtOccurrence,
      }).found;
      return { ...draft, startsAt, ...(endsAt === undefined ? {} : { endsAt }) };
    },
  ),
);
export type EventDraft = z.infer<typeof eventDraft>;

/** Checks a body by a rule over several of its fields, also where some of them are wrong by themselves. */
export function everyFault(
  faultsOf: (body: Unchecked) => readonly { readonly path: readonly (string | number)[]; readonly message: string }[],
): ReturnType<typeof z.superRefine<Unchecked>> {
  return z.superRefine<Unchecked>(
    (body, refinement) => {
      for (const { path, message } of faultsOf(body))
        refinement.addIssue({ code: 'custom', path: [...path], message, input: body });
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
}
