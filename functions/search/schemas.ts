import * as z from 'zod/mini';

import { LARGEST_AMOUNT } from '../shared/kernel/money.ts';
import { SORTS } from './domain/query.ts';

/** Longer texts are no searches. */
const LONGEST_TEXT = 200;
/** Half the way around the earth. */
const LARGEST_RADIUS_KM = 20_000;

/** What is typed into a search box. An empty one is as good as none. */
const text = z.string().check(
  z.maxLength(LONGEST_TEXT),
  z.regex(/^\P{Cc}*$/u, 'Control characters are not allowed'),
  z.refine<string>((typed) => typed.isWellFormed(), 'This is not well-formed Unicode'),
  z.refine<string>((typed) => typed.trim() === '' || /[\p{L}\p{N}]/u.test(typed), 'Give at least one letter or digit'),
);

const label = z
  .string()
  .check(z.minLength(1), z.maxLength(100), z.regex(/^\P{Cc}*$/u, 'Control characters are not allowed'));
/** Minor units, as text: a query has no numbers. */
const amount = z.string().check(z.regex(/^\d{1,8}$/, `Give a whole number of minor units, at most ${LARGEST_AMOUNT}`));
/** A moment (RFC 3339), or a day of the calendar where the event is. */
const dayOrInstant = z.union(
  [z.iso.date(), z.iso.datetime({ offset: true })],
  'Give a date such as 2026-12-24 or a time such as 2026-12-24T20:00:00Z',
);
const flag = z.enum(['true', 'false']);
const limit = z.coerce.number().check(z.multipleOf(1, 'This must be a whole number'), z.minimum(1), z.maximum(100));

const PLACE = /^(-?\d{1,2}(?:\.\d{1,8})?),(-?\d{1,3}(?:\.\d{1,8})?)$/;

/** Latitude and longitude in degrees of a text such as `52.52,13.405`, or undefined. */
export function placeOf(near: string): { readonly latitude: number; readonly longitude: number } | undefined {
  const [, latitude, longitude] = PLACE.exec(near) ?? [];
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  return Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 ? place : undefined;
}

/**
 * The query of `GET /api/events`. What concerns several parameters is checked even where another one is wrong,
 * so that a client learns of every fault at once.
 */
export const searchQuery = z
  .strictObject({
    q: z.optional(text),
    category: z.optional(label),
    city: z.optional(label),
    dateFrom: z.optional(dayOrInstant),
    dateTo: z.optional(dayOrInstant),
    /** ISO 4217; without it, prices are compared in the currency of each event. */
    currency: z.optional(z.string().check(z.regex(/^[A-Z]{3}$/, 'Give a code of ISO 4217 such as EUR'))),
    priceMin: z.optional(amount),
    priceMax: z.optional(amount),
    /** `latitude,longitude` in degrees. */
    near: z.optional(
      z
        .string()
        .check(
          z.refine<string>(
            (near) => placeOf(near) !== undefined,
            'Give latitude,longitude in degrees, such as 52.52,13.405',
          ),
        ),
    ),
    /** Kilometres around `near`. */
    radius: z.optional(z.coerce.number().check(z.minimum(0.1), z.maximum(LARGEST_RADIUS_KM))),
    availableOnly: z.optional(flag),
    featured: z.optional(flag),
    sort: z.optional(z.enum(SORTS)),
    limit: z.optional(limit),
    cursor: z.optional(z.string().check(z.maxLength(800))),
  })
  .check(
    z.superRefine(
      (query, refinement) => {
        for (const [path, message] of faultsBetween(query))
          refinement.addIssue({ code: 'custom', path: [path], message, input: query });
      },
      { when: ({ value }) => typeof value === 'object' && value !== null },
    ),
  );
export type SearchParameters = z.infer<typeof searchQuery>;

/** The query of `GET /api/events/suggestions`. */
export const suggestionQuery = z.strictObject({
  q: text.check(z.refine<string>((typed) => typed.trim() !== '', 'Give what was typed')),
  limit: z.optional(
    z.coerce.number().check(z.multipleOf(1, 'This must be a whole number'), z.minimum(1), z.maximum(20)),
  ),
});

/** A day begins somewhere 14 hours before it does in UTC, and ends somewhere 12 hours after. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;
const LATEST_ZONE_MS = 36 * 3_600_000;

function faultsBetween(query: Partial<SearchParameters>): (readonly [path: string, message: string])[] {
  const { dateFrom, dateTo, priceMin, priceMax, near, radius, sort, q } = query;
  const faults: (readonly [string, string])[] = [];
  if (isAfter(dateFrom, dateTo)) faults.push(['dateTo', 'This must not be before dateFrom']);
  if (Number(priceMin) > Number(priceMax)) faults.push(['priceMax', 'This must not be below priceMin']);
  if (radius !== undefined && near === undefined) faults.push(['radius', 'A radius needs near']);
  if (sort === 'distance' && near === undefined) faults.push(['sort', 'Sorting by distance needs near']);
  if (sort === 'relevance' && (q ?? '').trim() === '') faults.push(['sort', 'Sorting by relevance needs q']);
  return faults;
}

/** Whether no event could lie between the two. */
function isAfter(from: unknown, to: unknown): boolean {
  if (typeof from !== 'string' || typeof to !== 'string') return false;
  const earliest = Date.parse(from) - (from.length === 10 && to.length > 10 ? EARLIEST_ZONE_MS : 0);
  const latest = Date.parse(to) + (to.length === 10 && from.length > 10 ? LATEST_ZONE_MS : 0);
  return earliest > latest;
}
