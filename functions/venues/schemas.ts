import * as z from 'zod/mini';

import { degrees } from '../shared/kernel/degrees.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { lineOfText, linesOfText } from '../shared/kernel/text.ts';
import { isTimeZone } from '../shared/kernel/time-zone.ts';

const address = z.strictObject({
  street: z.optional(lineOfText(150)),
  postalCode: z.optional(lineOfText(20)),
  city: z.optional(lineOfText(100)),
  region: z.optional(lineOfText(100)),
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
  name: lineOfText(150),
  timeZone,
  address: z.optional(address),
  coordinates: z.optional(coordinates),
  mapUrl: z.optional(mapUrl),
  accessibilityNotes: z.optional(linesOfText(2_000)),
});
export type VenueDraft = z.infer<typeof venueDraft>;

/** The body of `PATCH /api/venues/{venueId}`: null removes, what is left out stays. */
export const venueChanges = z.strictObject({
  name: z.optional(lineOfText(150)),
  timeZone: z.optional(timeZone),
  address: z.optional(z.nullable(address)),
  coordinates: z.optional(z.nullable(coordinates)),
  mapUrl: z.optional(z.nullable(mapUrl)),
  accessibilityNotes: z.optional(z.nullable(linesOfText(2_000))),
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
