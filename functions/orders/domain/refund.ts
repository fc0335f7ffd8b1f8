import type { Instant } from '../../shared/kernel/clock.ts';
import { stepOf } from '../../shared/kernel/money.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { OrderLine, OrderState, RefundCause } from '../contract.ts';
import { leftOf, onceOf, priceOf, sum } from './amounts.ts';
import type { Order } from './order.ts';
import { keptOf, optOutUntil, outsideWindow, type TakeBackTerms } from './take-back.ts';

/** Tickets of one line. */
export interface LineWish {
  readonly orderItemId: string;
  readonly quantity: number;
}

/** What is to go back. */
export type RefundWish =
  /** The buyer gives tickets back, all that are left unless lines are named, on the terms of the hold or better ones. */
  | {
      readonly cause: 'BUYER';
      readonly lines: readonly LineWish[] | undefined;
      readonly terms: ReadonlyMap<string, TakeBackTerms>;
    }
  /** Tickets are taken back at their whole price. */
  | { readonly cause: 'ORGANIZER' | 'SUPPORT'; readonly lines: readonly LineWish[]; readonly within: readonly string[] }
  /** Money without tickets, as long as some is left. @see within ids of the lines that it may come from */
  | { readonly cause: 'ORGANIZER' | 'SUPPORT'; readonly amount: number; readonly within: readonly string[] }
  /** An event does not take place: its lines, whole. */
  | { readonly cause: 'EVENT_CANCELLED'; readonly eventId: string }
  /** The bank took all of the money back. */
  | { readonly cause: 'DISPUTE' };

/** What of a line goes back. */
export interface LineRefund {
  readonly id: string;
  /** Places of the tickets that are given up. */
  readonly places: readonly number[];
  /** Minor units. */
  readonly amount: number;
}

/** A refund that may be written. */
export interface RefundPlan {
  readonly cause: RefundCause;
  readonly lines: readonly LineRefund[];
  /** Minor units that go back; 0 for free tickets, and where all of the price is kept. */
  readonly amount: number;
  /** Minor units that the tickets given up had cost, with what the order bears once if they are its last. */
  readonly worth: number;
  /** What the order is afterwards. */
  readonly state: OrderState;
  /** Ticket types of lines that are given back in full since their event has moved: on condition that they still may. */
  readonly optedOut?: readonly string[];
}

/** The state of each place's ticket: whether it may be given up, and has let somebody in. */
export type TicketUse = (lineId: string, place: number) => 'VALID' | 'USED' | 'GONE';

/** Refunds of one order: its row keeps them all. Sixty tickets one by one and forty goodwill payments fit. */
export const MOST_REFUNDS = 100;

/** Places of a line whose tickets were not given up. */
export function openPlaces({ quantity, refunded = [] }: OrderLine): readonly number[] {
  const gone = new Set(refunded);
  return Array.from({ length: quantity }, (_unused, place) => place).filter((place) => !gone.has(place));
}

/** Minor units that can still go back. */
export function refundable({ total, refundedAmount = 0 }: Order): number {
  return total - refundedAmount;
}

/**
 * Decides what of a paid order goes back. Nothing ever exceeds what a line cost or what was paid in all (invariant I4):
 * the plan is written on condition that the order is the one that was read, so two plans never add up.
 *
 * @returns NOT_PAID, ORDER_DISPUTED, ALREADY_REFUNDED, NOT_ENOUGH_FUNDS, OUTSIDE_CANCELLATION_WINDOW,
 *   ORDER_ITEM_NOT_FOUND, TICKET_NOT_VALID or TOO_MANY_REFUNDS
 */
export function planRefund(
  order: Order,
  wish: RefundWish,
  ticket: TicketUse,
  now: Instant,
): Result<RefundPlan, Problem> {
  if (order.paidAt === undefined || order.state === 'SECURED')
    return err(problem('NOT_PAID', 'Only of a paid order something can be given back.'));
  // A cancelled event admits nobody, whatever the bank decides: there the provider says no, and a case is opened.
  if (isDisputed(order) && wish.cause !== 'DISPUTE' && wish.cause !== 'EVENT_CANCELLED')
    return err(problem('ORDER_DISPUTED', 'The bank decides about this payment; nothing is given back meanwhile.'));
  if ((order.refunds ?? []).length >= MOST_REFUNDS && wish.cause !== 'DISPUTE' && wish.cause !== 'EVENT_CANCELLED')
    return err(problem('TOO_MANY_REFUNDS', `An order has at most ${MOST_REFUNDS} refunds.`));
  if ('amount' in wish) return planAmount(order, wish);
  const chosen = choose(order, wish, ticket, now);
  return chosen.ok ? ok(total(order, wish.cause, chosen.value)) : chosen;
}

/** What the provider calls disputes that came to nothing. */
const HARMLESS = ['won', 'warning_closed', 'prevented'];

/** Whether a dispute of its payment is open, or lost. */
export function isDisputed({ dispute }: Pick<Order, 'dispute'>): boolean {
  return dispute !== undefined && !HARMLESS.includes(dispute.status);
}

/** Tickets of a line that are to go, with what goes back for each. */
interface Chosen {
  readonly line: OrderLine;
  readonly places: readonly number[];
  readonly each: number;
  /** Given back in full, since the event has moved. */
  readonly optsOut?: true;
}

function choose(
  order: Order,
  wish: Exclude<RefundWish, { readonly amount: number }>,
  ticket: TicketUse,
  now: Instant,
): Result<readonly Chosen[], Problem> {
  const { lines } = order;
  switch (wish.cause) {
    case 'BUYER': {
      const chosen = pick(lines, wish.lines, ticket, ['VALID']);
      if (!chosen.ok) return chosen;
      const given: Chosen[] = [];
      for (const { line, places } of chosen.value) {
        const terms = wish.terms.get(line.eventId);
        if (optOutUntil(order, terms, now) !== undefined) {
          given.push({ line, places, each: priceOf(line), optsOut: true });
          continue;
        }
        const fee = keptOf(order, line, terms, now);
        if (fee === undefined) return err(outsideWindow(order, line, terms));
        given.push({ line, places, each: Math.max(0, (line.back ?? priceOf(line)) - fee) });
      }
      return ok(given);
    }
    case 'ORGANIZER':
    case 'SUPPORT':
      return whole(
        pick(
          lines.filter(({ id }) => wish.within.includes(id)),
          wish.lines,
          ticket,
          ['VALID', 'USED'],
        ),
      );
    case 'EVENT_CANCELLED':
      return whole(
        pick(
          lines.filter(({ eventId }) => eventId === wish.eventId),
          undefined,
          ticket,
          ANY,
        ),
      );
    case 'DISPUTE':
      return whole(pick(lines, undefined, ticket, ANY));
  }
}

function whole(picked: Result<readonly Omit<Chosen, 'each'>[], Problem>): Result<readonly Chosen[], Problem> {
  return picked.ok ? ok(picked.value.map((chosen) => ({ ...chosen, each: priceOf(chosen.line) }))) : picked;
}

/** Whoever has the ticket now, and wherever it was used. */
const ANY = ['VALID', 'USED', 'GONE'] as const;

/** Tickets of `lines` in one of the `states`, unused ones first and from the last place on; all, unless some are named. */
function pick(
  lines: readonly OrderLine[],
  wishes: readonly LineWish[] | undefined,
  ticket: TicketUse,
  states: readonly ReturnType<TicketUse>[],
): Result<readonly Omit<Chosen, 'each'>[], Problem> {
  const open = lines.filter((line) => openPlaces(line).length > 0);
  if (open.length === 0 && wishes === undefined) return err(allGone());
  const asked = wishes ?? open.map((line) => ({ orderItemId: line.id, quantity: openPlaces(line).length }));
  if (new Set(asked.map(({ orderItemId }) => orderItemId)).size < asked.length) return err(namedTwice());
  const chosen: Omit<Chosen, 'each'>[] = [];
  for (const { orderItemId, quantity } of asked) {
    const line = lines.find(({ id }) => id === orderItemId);
    if (line === undefined)
      return err(problem('ORDER_ITEM_NOT_FOUND', `The order has no item ${orderItemId} for you.`));
    const left = openPlaces(line);
    if (left.length < quantity) return err(left.length === 0 ? allGone() : notThatMany(orderItemId, left.length));
    const usable = states.flatMap((state) => left.toReversed().filter((place) => ticket(line.id, place) === state));
    if (usable.length < quantity)
      return err(problem('TICKET_NOT_VALID', 'Tickets that have let somebody in, or were passed on, stay.'));
    chosen.push({ line, places: usable.slice(0, quantity) });
  }
  return ok(chosen);
}

function total(order: Order, cause: RefundCause, chosen: readonly Chosen[]): RefundPlan {
  const lines = chosen.map(({ line, places, each }): LineRefund => ({
    id: line.id,
    places,
    amount: Math.min(each * places.length, leftOf(line)),
  }));
  const isLast = endsWith(order, lines);
  const once = isLast ? onceOf(order) : { all: 0, refundable: 0 };
  const given = sum(lines.map(({ amount }) => amount));
  const optingOut = chosen.filter(({ optsOut }) => optsOut === true);
  const isWhole = cause !== 'BUYER' || optingOut.length === chosen.length;
  const bonus = isWhole ? once.all : once.refundable;
  const prices = sum(chosen.map(({ line, places }) => priceOf(line) * places.length));
  return {
    cause,
    lines,
    amount: Math.min(given + bonus, refundable(order)),
    worth: prices + once.all,
    state: stateAfter(order, cause, isLast),
    optedOut: optingOut.map(({ line }) => line.ticketTypeId),
  };
}

/** Money without tickets: from the lines by what is left of them; the last of it takes the tickets along. */
function planAmount(
  order: Order,
  { cause, amount, within }: Extract<RefundWish, { readonly amount: number }>,
): Result<RefundPlan, Problem> {
  const left = refundable(order);
  if (left === 0) return err(allGone());
  const lines = order.lines.filter(({ id }) => within.includes(id));
  const isAll = lines.length === order.lines.length;
  const most = isAll ? left : Math.min(left, sum(lines.map(leftOf)));
  if (amount > most)
    return err(problem('NOT_ENOUGH_FUNDS', 'Less than that is left to give back.', { extra: { refundable: most } }));
  if (amount % stepOf(order.currency) !== 0)
    return err(problem('NOT_ENOUGH_FUNDS', `Amounts of ${order.currency} are multiples of ${stepOf(order.currency)}.`));
  if (amount === left) {
    const taken = order.lines.map((line) => ({ id: line.id, places: openPlaces(line), amount: leftOf(line) }));
    const prices = sum(order.lines.map((line) => priceOf(line) * openPlaces(line).length));
    const worth = taken.some(({ places }) => places.length > 0) ? prices + onceOf(order).all : 0;
    return ok({ cause, lines: capped(taken, amount), amount, worth, state: stateAfter(order, cause, true) });
  }
  const allotted = allot(lines, amount);
  return ok({ cause, lines: allotted, amount, worth: 0, state: stateAfter(order, cause, false) });
}

/** `amount` over `lines`, the first first, each up to what is left of it; what no line can bear is the order's own. */
function allot(lines: readonly OrderLine[], amount: number): readonly LineRefund[] {
  let rest = amount;
  return lines.flatMap((line) => {
    const part = Math.min(rest, leftOf(line));
    rest -= part;
    return part === 0 ? [] : [{ id: line.id, places: [], amount: part }];
  });
}

/** Lines never get more than `amount` together. */
function capped(lines: readonly LineRefund[], amount: number): readonly LineRefund[] {
  let rest = amount;
  return lines.map((line) => {
    const part = Math.min(rest, line.amount);
    rest -= part;
    return { ...line, amount: part };
  });
}

/** Whether no ticket of the order is left after `refunds`, of which one gives up some. */
function endsWith({ lines }: Order, refunds: readonly LineRefund[]): boolean {
  const gone = new Map(refunds.map(({ id, places }) => [id, places.length]));
  return lines.every((line) => openPlaces(line).length === (gone.get(line.id) ?? 0));
}

function stateAfter({ state }: Order, cause: RefundCause, isLast: boolean): OrderState {
  if (state === 'CANCELLED' || state === 'REFUNDED') return state;
  if (!isLast) return 'PARTIALLY_REFUNDED';
  return cause === 'BUYER' ? 'CANCELLED' : 'REFUNDED';
}

function allGone(): Problem {
  return problem('ALREADY_REFUNDED', 'Nothing is left of it to give back.');
}

function notThatMany(orderItemId: string, left: number): Problem {
  return problem('NOT_ENOUGH_FUNDS', `Of item ${orderItemId} only ${left} are left.`, { extra: { left } });
}

function namedTwice(): Problem {
  return problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
    errors: [{ path: 'lines', message: 'Name each item once' }],
  });
}
