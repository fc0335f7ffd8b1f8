import { SECOND, type Instant } from '../../shared/kernel/clock.ts';
import type { PriceReason, PriceTag } from '../views.ts';

/**
 * For how long a price that is over is still honoured to who was shown it (ADR 31). Pages may be 5 s old, copies
 * are read eventually and a hold takes at most 10 s, so whoever acts at once is within it.
 */
export const HONOURED_MS = 30 * SECOND;

/** A price as it is in force. */
export interface PriceNow {
  /** Minor units per ticket. */
  readonly unitPrice: number;
  readonly priceVersion: number;
  readonly reasons: readonly PriceReason[];
}

/** The price that `tag` states for `now`: the next one from its instant on, whether or not a job has been there. */
export function priceAt({ unitPrice, priceVersion = 1, reasons, nextPrice }: PriceTag, now: Instant): PriceNow {
  return hasBegun(nextPrice, now)
    ? { unitPrice: nextPrice.unitPrice, priceVersion: priceVersion + 1, reasons: nextPrice.reasons }
    : { unitPrice, priceVersion, reasons: reasons ?? [{ rule: 'BASE', amount: unitPrice }] };
}

/**
 * What a ticket costs whoever was shown `seen`: never more than it, as long as that price was in force within
 * the last {@link HONOURED_MS}, and never more than the present price.
 *
 * @param seen minor units; undefined for who names no price and takes the present one
 * @returns minor units, or undefined where the price has risen since and is honoured no more
 */
export function priceFor(tag: PriceTag, seen: number | undefined, now: Instant): number | undefined {
  const { unitPrice } = priceAt(tag, now);
  if (seen === undefined || unitPrice <= seen) return unitPrice;
  return lately(tag, now).includes(seen) ? seen : undefined;
}

/** Prices that have ended within the time for which they are honoured. */
function lately({ unitPrice, formerPrice, nextPrice }: PriceTag, now: Instant): readonly number[] {
  const ended = [
    ...(formerPrice === undefined ? [] : [formerPrice]),
    ...(hasBegun(nextPrice, now) ? [{ unitPrice, until: nextPrice.from }] : []),
  ];
  return ended.filter(({ until }) => now - until < HONOURED_MS).map((price) => price.unitPrice);
}

function hasBegun(next: PriceTag['nextPrice'], now: Instant): next is NonNullable<PriceTag['nextPrice']> {
  return next !== undefined && next.from <= now;
}
