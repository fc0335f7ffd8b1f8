import type { Instant } from '../../shared/kernel/clock.ts';
import { nearest, portion, stepOf, WHOLE_BP } from '../../shared/kernel/money.ts';
import type { DemandRule, PricingRules } from '../contract.ts';
import type { PriceReason } from '../views.ts';

/** What a price is made from beside its rules. */
export interface Situation {
  /** Tickets of the pool that are held or sold. */
  readonly sold: number;
  /** Tickets of the pool in all. */
  readonly capacity: number;
  /** The sale window, by which demand is measured. */
  readonly opensAt: Instant;
  readonly closesAt: Instant;
  readonly now: Instant;
}

/** A price with the steps that led to it; the last of them has its amount. */
export interface Quote {
  /** Minor units per ticket. */
  readonly unitPrice: number;
  readonly reasons: readonly PriceReason[];
}

/** What does not change from one quote to the next. */
export interface Priced {
  /** The organizer's price, minor units. */
  readonly basePrice: number;
  readonly currency: string;
  readonly rules: PricingRules;
}

/**
 * The price of a ticket: the organizer's, or that of the tier that is reached; then what the phase makes of it;
 * then demand; rounded, and last of all between floor and ceiling. All of it in integers, and nothing but a
 * function of what is handed in.
 *
 * @param at the instant whose phase counts, where that is not the situation's own: a price that is announced
 */
export function quote({ basePrice, currency, rules }: Priced, situation: Situation, at = situation.now): Quote {
  const reasons: PriceReason[] = [{ rule: 'BASE', amount: basePrice }];
  const price = (): number => reasons.at(-1)?.amount ?? basePrice;
  const step = rules.roundTo ?? stepOf(currency);
  const rounded = (amount: number): number => nearest(amount, step) * step;

  const tier = rules.tiers?.findLast(({ afterSold }) => situation.sold >= afterSold);
  if (tier !== undefined) reasons.push({ rule: 'TIER', amount: tier.price, afterSold: tier.afterSold });

  const phase = rules.phases?.find(({ startsAt = -Infinity, endsAt = Infinity }) => startsAt <= at && at < endsAt);
  if (phase !== undefined) {
    const amount = phase.price ?? rounded(price() + portion(price(), phase.changeBp ?? 0));
    reasons.push({
      rule: 'PHASE',
      amount,
      name: phase.name,
      ...(phase.endsAt === undefined ? {} : { until: phase.endsAt }),
    });
  }

  const { demand } = rules;
  if (demand === undefined) return { unitPrice: price(), reasons };
  const changeBp = demandChange(demand, situation);
  if (changeBp !== 0) reasons.push({ rule: 'DEMAND', amount: rounded(price() + portion(price(), changeBp)), changeBp });
  if (price() < demand.floor) reasons.push({ rule: 'FLOOR', amount: demand.floor });
  if (price() > demand.ceiling) reasons.push({ rule: 'CEILING', amount: demand.ceiling });
  return { unitPrice: price(), reasons };
}

/** The instant from which another phase counts, if one begins or ends while the sale goes on. */
export function nextBoundary({ phases = [] }: PricingRules, { now, closesAt }: Situation): Instant | undefined {
  const boundaries = phases.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
  const ahead = boundaries.filter((at): at is Instant => at !== undefined && at > now && at < closesAt);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/**
 * By how many basis points demand changes a price: how far what is sold is ahead of the time that has passed, both
 * as parts of a whole, in full steps, so that a single ticket moves no price to and fro.
 */
function demandChange({ strengthBp = WHOLE_BP, stepBp = DEMAND_STEP_BP }: DemandRule, situation: Situation): number {
  const { sold, capacity, opensAt, closesAt, now } = situation;
  const lead = partOf(sold, capacity) - partOf(now - opensAt, closesAt - opensAt);
  const wanted = lead * strengthBp;
  const oneStep = WHOLE_BP * stepBp;
  const change = ((wanted - (wanted % oneStep)) / oneStep) * stepBp;
  // Nothing is sold for less than nothing; and no minus zero.
  return Math.max(change, -WHOLE_BP) + 0;
}

/** Demand moves prices by 5 % at a time unless the organizer says otherwise. */
export const DEMAND_STEP_BP = 500;

/** `part` of `whole` in basis points, from 0 to 10,000. */
function partOf(part: number, whole: number): number {
  if (whole <= 0 || part >= whole) return WHOLE_BP;
  return Math.max(0, nearest(part * WHOLE_BP, whole));
}
