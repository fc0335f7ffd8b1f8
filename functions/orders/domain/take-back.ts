import type { TakeBackPolicy } from '../../inventory/contract.ts';
import { HOUR, type Instant } from '../../shared/kernel/clock.ts';
import { portion, stepOf } from '../../shared/kernel/money.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { promisedFor, type OrderLine } from '../contract.ts';
import type { Order } from './order.ts';

/** When an event begins, and on what terms it takes tickets back, as both are now. */
export interface TakeBackTerms {
  readonly startsAt: Instant;
  readonly policy: TakeBackPolicy | undefined;
  /** Since it was moved: who has held tickets before the first may give them back in full until the second. */
  readonly optOutHeldBefore?: Instant | undefined;
  readonly optOutUntil?: Instant | undefined;
}

/** Until when a buyer may give tickets back in full, since their event was moved after they were held (ADR 57). */
export function optOutUntil(
  { createdAt }: Pick<Order, 'createdAt'>,
  terms: Pick<TakeBackTerms, 'optOutHeldBefore' | 'optOutUntil'> | undefined,
  now: Instant,
): Instant | undefined {
  const { optOutHeldBefore = 0, optOutUntil: until = 0 } = terms ?? {};
  return createdAt < optOutHeldBefore && now < until ? until : undefined;
}

/**
 * What a buyer leaves of each ticket of a line that is given back at `now`: the least that the terms of which the
 * window is open ask for (ADR 54). Undefined where none is.
 */
export function keptOf(
  order: Order,
  line: OrderLine,
  terms: TakeBackTerms | undefined,
  now: Instant,
): number | undefined {
  const fees = policiesFor(order, line, terms)
    .filter((policy) => mayGiveBack(terms, policy, now))
    .map((policy) => feeOf(line, order.currency, policy));
  return fees.length === 0 ? undefined : Math.min(...fees);
}

/** Why a line cannot be given back, or no longer. */
export function outsideWindow(order: Order, line: OrderLine, terms: TakeBackTerms | undefined): Problem {
  const hours = policiesFor(order, line, terms).map(({ windowHours }) => windowHours);
  const detail =
    hours.length === 0
      ? 'The organizer of this event takes no tickets back.'
      : `Tickets could be given back until ${Math.min(...hours)} hours before the start.`;
  return problem('OUTSIDE_CANCELLATION_WINDOW', detail);
}

/** The terms of the hold, and those of the event now. */
function policiesFor(
  order: Order,
  { eventId }: OrderLine,
  terms: TakeBackTerms | undefined,
): readonly TakeBackPolicy[] {
  return [promisedFor(order, eventId), terms?.policy].filter((policy) => policy !== undefined);
}

function mayGiveBack(terms: TakeBackTerms | undefined, { windowHours }: TakeBackPolicy, now: Instant): boolean {
  return terms !== undefined && now <= terms.startsAt - windowHours * HOUR;
}

/** What is kept of each ticket, in steps that can be paid: minor units. */
function feeOf({ unitPrice }: OrderLine, currency: string, { feeAmount = 0, feePercent = 0 }: TakeBackPolicy): number {
  const step = stepOf(currency);
  return Math.ceil(feeAmount / step) * step + portion(unitPrice, Math.round(feePercent * 100), step);
}
