import * as z from 'zod/mini';

import { LARGEST_QUANTITY } from '../inventory/contract.ts';
import { degrees } from '../shared/kernel/degrees.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { LARGEST_AMOUNT } from '../shared/kernel/money.ts';
import { lineOfText, linesOfText } from '../shared/kernel/text.ts';
import { categoryOf } from './domain/categories.ts';
import { CURRENCIES } from './domain/currencies.ts';
import { LATEST, LOCAL_TIME_PATTERN, TOO_LATE } from './domain/local-time.ts';
import { isTimeZone } from '../shared/kernel/time-zone.ts';

/**
 * A whole number. Not `z.int()`, whose fault would keep the checks over several fields from running, so
 * that a client would learn of faults one after the other.
 */
export function whole(least: number, most: number): z.ZodMiniNumber {
  return z.number().check(
    z.multipleOf(1, 'This must be a whole number'),
    z.minimum(least),
    z.maximum(most),
    // What is a hair away from 0 passes as a multiple of 1, and is no number that the table takes.
    z.overwrite(Math.round),
  );
}

/** A hair away from a multiple of 0.01 counts as one. */
function toHundredths(percent: number): number {
  return Math.round(percent * 100) / 100;
}

export const id = z.string().check(z.regex(ULID_PATTERN));

/** An instant of this century or the next: years of five digits would follow. */
export const instant = z.iso
  .datetime({ offset: true })
  .check(z.refine<string>((text) => !(Date.parse(text) > LATEST), TOO_LATE));

/** What clocks at the place show; which instant that is, the zone beside it says. */
export const localTime = z.string().check(z.regex(LOCAL_TIME_PATTERN, 'Write a local time as 2026-07-01T20:00'));

/** Which of two instants is meant where clocks show a local time twice. */
export const occurrence = z.enum(['earlier', 'later']);

export const timeZone = z
  .string()
  .check(z.maxLength(64), z.refine<string>(isTimeZone, 'This is no IANA time zone, such as Europe/Berlin'));

export const price = z.strictObject({
  /** Integer in minor units. */
  amount: whole(0, LARGEST_AMOUNT),
  currency: z.enum(CURRENCIES, 'Give a currency that cards can be charged in, by its code of ISO 4217 such as EUR'),
});

/** A category by its id, or by a label or alias of it in any case; comes out as the id. */
export const category = z.pipe(
  lineOfText(60).check(
    z.refine<string>((word) => categoryOf(word) !== undefined, 'There is no such category; see /api/event-categories'),
  ),
  z.transform((word: string) => categoryOf(word) ?? word),
);

export const tags = z.array(lineOfText(40)).check(z.maxLength(20));
export const performers = z.array(lineOfText(100)).check(z.maxLength(30));
export const ageLimit = whole(0, 99);

export const place = z.strictObject({
  name: lineOfText(150),
  city: z.optional(lineOfText(100)),
  address: z.optional(lineOfText(300)),
  /** WGS 84, degrees. */
  latitude: z.optional(degrees(90)),
  longitude: z.optional(degrees(180)),
});

export const cancellationPolicy = z.strictObject({
  /** Hours before the start until which a buyer may cancel; at most a year. */
  windowHours: whole(0, 8_784),
  /** Minor units of the event's currency for each ticket; or give `feePercent`. */
  feeAmount: z.optional(whole(0, LARGEST_AMOUNT)),
  feePercent: z.optional(z.number().check(z.minimum(0), z.maximum(100), z.multipleOf(0.01), z.overwrite(toHundredths))),
});

/** Key of a picture that was uploaded before; opaque to us. */
export const imageKey = z.string().check(z.regex(/^[\w./-]{1,200}$/));

/** What buyers type to see a hidden ticket type; shorter ones would be guessed. */
const accessCode = lineOfText(40).check(z.minLength(6));

/** All codes of a ticket type; none opens it to nobody. */
export const accessCodes = z.array(accessCode).check(z.maxLength(20));

/** A capacity that several ticket types share. */
export const pool = z.strictObject({ name: lineOfText(60), quantity: whole(1, LARGEST_QUANTITY) });

/** A gate as scanners call it, and the zones that it leads to: a ticket must open one of them. */
const gate = z.strictObject({
  name: lineOfText(64),
  zones: z.array(lineOfText(50)).check(z.minLength(1), z.maxLength(20)),
});

/** Gates that lead to zones; those that are not declared lead anywhere. */
export const gates = z.array(gate).check(z.maxLength(20));

/** The members of a ticket type that an organizer writes. */
export const ticketTypeFields = {
  name: lineOfText(100),
  /** What it includes, for who chooses between types. */
  description: z.optional(linesOfText(1_000)),
  price,
  quantity: whole(1, LARGEST_QUANTITY),
  saleStartsAt: z.optional(instant),
  saleEndsAt: z.optional(instant),
  maxPerPerson: z.optional(whole(1, LARGEST_QUANTITY)),
  accessLevel: z.optional(lineOfText(50)),
  zones: z.optional(z.array(lineOfText(50)).check(z.maxLength(20))),
  /** Category of the seat map whose seats it sells. */
  seatCategory: z.optional(lineOfText(60)),
  /** Shown and sold only to who knows an access code. */
  hidden: z.optional(z.boolean()),
  /** Name of the pool whose capacity it shares. */
  pool: z.optional(lineOfText(60)),
};
