import * as z from 'zod/mini';

import { degrees } from '../shared/kernel/degrees.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { isTimeZone } from '../shared/kernel/time-zone.ts';

/** Text without what could break a line, a header or the direction of what follows. */
function text(longest: number, lines = false): z.ZodMiniString {
  const allowed = lines ? /^(?:\P{Cc}|[\t\n\r])*$/u : /^\P{Cc}*$/u;
  return z.string().check(
    z.trim(),
    z.minLength(1),
    z.maxLength(longest),
    z.regex(allowed, 'Control characters are not allowed'),
    z.regex(
      /^[^\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u,
      'Characters that turn the direction of text are not allowed',
    ),
    z.refine<string>((given) => given.isWellFormed(), 'This is not well-formed Unicode'),
  );
}

const address = z.strictObject({
  street: z.optional(text(150)),
  postalCode: z.optional(text(20)),
  city: z.optional(text(100)),
  region: z.optional(text(100)),
  country: z.optional(z.string().check(z.regex(/^[A-Z]{2}$/, 'Use the two letters of ISO 3166-1, such as DE'))),
});

const coordinates = z.strictObject({
  /** Degrees, WGS 84. */
  latitude: degrees(90),
  longitude: degrees(180),
});

const mapUrl = z
  .string()
  .check(z.maxLength(500), z.refine<string>(isHttpsUrl, 'Give the address of a page that begins with https://'));

const timeZone = z
  .string()
  .check(z.maxLength(64), z.refine<string>(isTimeZone, 'This is no IANA time zone, such as Europe/Berlin'));

/** The body of `POST /api/venues`. */
export const venueDraft = z.strictObject({
  /** May be left out by who organises exactly one. */
  organizationId: z.optional(z.string().check(z.regex(ULID_PATTERN))),
  name: text(150),
  timeZone,
  address: z.optional(address),
  coordinates: z.optional(coordinates),
  mapUrl: z.optional(mapUrl),
  accessibilityNotes: z.optional(text(2_000, true)),
});
export type VenueDraft = z.infer<typeof venueDraft>;

/** The body of `PATCH /api/venues/{venueId}`: null removes, what is left out stays. */
export const venueChanges = z.strictObject({
  name: z.optional(text(150)),
  timeZone: z.optional(timeZone),
  address: z.optional(z.nullable(address)),
  coordinates: z.optional(z.nullable(coordinates)),
  mapUrl: z.optional(z.nullable(mapUrl)),
  accessibilityNotes: z.optional(z.nullable(text(2_000, true))),
});
export type VenueChanges = z.infer<typeof venueChanges>;

function isHttpsUrl(given: string): boolean {
  const url = URL.parse(given);
  return (
    url !== null &&
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    /^[\x21-\x7E]+$/.test(given)
  );
}
