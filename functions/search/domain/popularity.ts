import { DAY, type Instant } from '../../shared/kernel/clock.ts';

/**
 * Popularity is the number of tickets sold, each counting half as much after {@link HALF_LIFE_MS}. It is kept
 * as the logarithm of a sum that weighs sales up towards the future instead of down towards the past: so the
 * figure changes only when something is sold, and the order of two events only by their sales, never by
 * waiting. Adding is commutative, so it does not matter in which order sales arrive.
 */
export type Popularity = number;

/** An event that has sold nothing. */
export const UNSOLD: Popularity = 0;

const HALF_LIFE_MS = 3 * DAY;
/** Sales before this count nothing; the figures grow by one with each half-life after it. */
const BEGINNING = Date.UTC(2020, 0, 1);

/** `popularity` after `quantity` tickets were sold at `at`. */
export function afterSale(popularity: Popularity, quantity: number, at: Instant): Popularity {
  if (quantity <= 0) return popularity;
  const sale = Math.log2(quantity) + Math.max(1, (at - BEGINNING) / HALF_LIFE_MS);
  const [larger, smaller] = popularity > sale ? [popularity, sale] : [sale, popularity];
  return smaller === UNSOLD ? larger : larger + Math.log2(1 + 2 ** (smaller - larger));
}
