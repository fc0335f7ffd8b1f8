import * as z from 'zod/mini';

import { LARGEST_QUANTITY } from '../inventory/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { LARGEST_AMOUNT } from '../shared/kernel/money.ts';
import { CURRENCIES } from './domain/currencies.ts';
import { draftFaults } from './domain/draft-rules.ts';
import { isTimeZone } from './domain/time-zone.ts';

/** Ticket types of one event; also bounded by what one publishing transaction takes, see `app/create-event.ts`. */
export const MOST_TICKET_TYPES = 20;

/** Printable text on one line, trimmed: nothing that could break a header, a table cell or a log line. */
function line(longest: number): z.ZodMiniString {
  return z
    .string()
    .check(
      z.trim(),
      z.minLength(1),
      z.maxLength(longest),
      z.regex(/^\P{Cc}*$/u, 'Control characters are not allowed'),
      wellFormed(),
    );
}

/** As {@link line}, but line breaks and tabs are allowed. */
function prose(longest: number): z.ZodMiniString {
  return z
    .string()
    .check(
      z.trim(),
      z.maxLength(longest),
      z.regex(/^(?:\P{Cc}|[\t\n\r])*$/u, 'Control characters are not allowed'),
      wellFormed(),
    );
}

/** Half of a surrogate pair cannot be stored: it would come back as another character. */
function wellFormed(): ReturnType<typeof z.refine<string>> {
  return z.refine<string>((text) => text.isWellFormed(), 'This is not well-formed Unicode');
}

/**
 * A whole number. Not `z.int()`, whose fault would keep the checks over several fields from running, so
 * that a client would learn of faults one after the other.
 */
function whole(least: number, most: number): z.ZodMiniNumber {
  return z.number().check(z.multipleOf(1, 'This must be a whole number'), z.minimum(least), z.maximum(most));
}

const instant = z.iso.datetime({ offset: true });

const price = z.strictObject({
  /** Integer in minor units. */
  amount: whole(0, LARGEST_AMOUNT),
  currency: z.enum(CURRENCIES),
});

const ticketTypeDraft = z.strictObject({
  name: line(100),
  price,
  quantity: whole(1, LARGEST_QUANTITY),
  saleStartsAt: z.optional(instant),
  saleEndsAt: z.optional(instant),
  maxPerPerson: z.optional(whole(1, LARGEST_QUANTITY)),
  accessLevel: z.optional(line(50)),
});
export type TicketTypeDraft = z.infer<typeof ticketTypeDraft>;

const place = z.strictObject({ name: line(150), city: z.optional(line(100)) });

/**
 * The body of `POST /api/events`. What concerns several fields at once is checked even where one of them
 * is wrong by itself, so that a client learns of every fault in one answer.
 */
export const eventDraft = z
  .strictObject({
    /** May be left out by who organises exactly one. */
    organizationId: z.optional(z.string().check(z.regex(ULID_PATTERN))),
    title: line(200),
    description: prose(10_000),
    category: line(60),
    startsAt: instant,
    endsAt: z.optional(instant),
    timeZone: z
      .string()
      .check(z.maxLength(64), z.refine<string>(isTimeZone, 'This is no IANA time zone, such as Europe/Berlin')),
    /** Where it is: a place, or its name alone. `venue` is another word for it. */
    location: z.optional(z.union([line(150), place])),
    venue: z.optional(place),
    ticketTypes: z.array(ticketTypeDraft).check(z.minLength(1), z.maxLength(MOST_TICKET_TYPES)),
  })
  .check(
    z.superRefine(
      (draft, refinement) => {
        for (const { path, message } of draftFaults(draft))
          refinement.addIssue({ code: 'custom', path: [...path], message, input: draft });
      },
      { when: ({ value }) => typeof value === 'object' && value !== null },
    ),
  );
export type EventDraft = z.infer<typeof eventDraft>;
