import type { Instant } from '../../shared/kernel/clock.ts';
import type { Wanted } from './text.ts';

/** How answers are sorted. `relevance` needs a text, `distance` a place. */
export const SORTS = ['relevance', 'date', 'price', 'popularity', 'distance'] as const;
export type Sort = (typeof SORTS)[number];

/** One end of a span of time: a moment, or a day of the calendar where the event is (days since 1970). */
export type Bound = { readonly instant: Instant } | { readonly day: number };

/** A place on earth in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** What is searched for. Every condition must hold; amounts are in minor units. */
export interface SearchQuery {
  /** Nothing that begins at or before it is found. */
  readonly now: Instant;
  /** Empty without a text. */
  readonly wanted: readonly Wanted[];
  readonly category?: string;
  readonly city?: string;
  readonly from?: Bound;
  readonly to?: Bound;
  readonly currency?: string;
  /** An event is found when some of its prices may lie in the range. */
  readonly priceMin?: number;
  readonly priceMax?: number;
  readonly near?: Place;
  readonly radiusKm?: number;
  readonly featured?: boolean;
  readonly sort: Sort;
}

const EARTH_RADIUS_KM = 6_371;
const RADIANS = Math.PI / 180;

/** Kilometres between two places along a great circle (haversine). */
export function distanceKm(from: Place, to: Place): number {
  const height = (to.latitude - from.latitude) * RADIANS;
  const width = (to.longitude - from.longitude) * RADIANS;
  const chord =
    Math.sin(height / 2) ** 2 +
    Math.cos(from.latitude * RADIANS) * Math.cos(to.latitude * RADIANS) * Math.sin(width / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}
