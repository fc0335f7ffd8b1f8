import type { Take, TicketTypeCopy } from '../../inventory/contract.ts';
import { itemise, ticketPrice, type ChargeLine } from '../../pricing/views.ts';
import { LARGEST_AMOUNT, type Money } from '../../shared/kernel/money.ts';
import { opensTo } from '../../shared/kernel/access-code.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { OrderLine } from '../../orders/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { MOST_TICKETS } from '../contract.ts';
import { unitPriceOf } from './prices.ts';
import { addUp, misfit, type Wish, type WishedType } from './wishes.ts';

/** One line that a hold is to have, with the ticket type that it is priced from. */
export interface PlannedLine extends Omit<WishedType, 'ticketTypeId'> {
  readonly copy: TicketTypeCopy;
  /** Minor units per ticket, as it is in force or still honoured. */
  readonly unitPrice: number;
}

/** What a hold wants of one pool: its types may be several, a transaction touches each block once. */
export interface Demand {
  readonly poolId: string;
  readonly lines: readonly PlannedLine[];
  /** Tickets over all of its lines. */
  readonly quantity: number;
  /** One of its types, which tells how the pool is split. */
  readonly copy: TicketTypeCopy;
}

/** What a hold will cost and contain, before any stock is taken. */
export interface HoldPlan {
  readonly lines: readonly PlannedLine[];
  readonly demands: readonly Demand[];
  /** Fees and taxes, those on top being part of the total. */
  readonly charges: readonly ChargeLine[];
  readonly total: Money;
}

/**
 * Checks what can be checked without touching stock: types exist and are on sale, one currency, at most
 * 60 tickets, the limit of one person within this request, seats named only where there are some.
 *
 * @param types the copies that were found, by id
 */
export function planHold(
  wishes: readonly Wish[],
  types: ReadonlyMap<string, TicketTypeCopy>,
  now: Instant,
): Result<HoldPlan, Problem> {
  const wished = addUp(wishes);
  if (!wished.ok) return wished;
  const wishesFor = (id: string): readonly Wish[] => wishes.filter(({ ticketTypeId }) => ticketTypeId === id);
  const lines: PlannedLine[] = [];
  for (const { ticketTypeId, quantity, ...seats } of wished.value) {
    const copy = types.get(ticketTypeId);
    if (copy === undefined)
      return err(problem('TICKET_TYPE_NOT_FOUND', `There is no ticket type ${ticketTypeId} on sale.`));
    const closed = checkWindow(copy, now);
    if (closed !== undefined) return err(closed);
    if (copy.maxPerPerson !== undefined && quantity > copy.maxPerPerson)
      return err(limitExceeded(copy.maxPerPerson, 0));
    const priced = unitPriceOf(copy, wishesFor(ticketTypeId), now);
    if (!priced.ok) return priced;
    lines.push({ copy, quantity, unitPrice: priced.value, ...seats });
  }
  const [first] = lines;
  if (first === undefined) return err(problem('INVALID_INPUT', 'Name at least one ticket type.'));
  const { currency } = first.copy;
  if (lines.some(({ copy }) => copy.currency !== currency)) {
    return err(problem('CURRENCIES_DIFFER', 'Make one reservation per currency.'));
  }
  if (lines.reduce((count, { quantity }) => count + quantity, 0) > MOST_TICKETS) {
    return err(
      problem('LIMIT_EXCEEDED', `A reservation takes at most ${MOST_TICKETS} tickets.`, {
        extra: { limit: MOST_TICKETS, held: 0 },
      }),
    );
  }
  const itemised = itemise(lines.map(({ copy, quantity, unitPrice }) => ({ ...copy, quantity, unitPrice })));
  const total = { amount: itemised.total, currency };
  if (total.amount > LARGEST_AMOUNT) return err(problem('AMOUNT_NOT_PAYABLE', 'Split this into smaller orders.'));
  const demands = demandsOf(lines);
  const misfits = demands.flatMap((demand) => misfit(demand.lines) ?? []);
  return misfits[0] === undefined ? ok({ lines, demands, charges: itemised.charges, total }) : err(misfits[0]);
}

/** The ticket types that who sent `code` may buy: a hidden one does not exist for anybody else. */
export function openedBy(
  code: string | undefined,
  types: ReadonlyMap<string, TicketTypeCopy>,
): ReadonlyMap<string, TicketTypeCopy> {
  return new Map([...types].filter(([, copy]) => opensTo(copy, code)));
}

function demandsOf(lines: readonly PlannedLine[]): readonly Demand[] {
  const byPool = Map.groupBy(lines, ({ copy }) => copy.poolId);
  return [...byPool].flatMap(([poolId, drawing]) => {
    const [first] = drawing;
    const quantity = drawing.reduce((sum, line) => sum + line.quantity, 0);
    return first === undefined ? [] : [{ poolId, lines: drawing, quantity, copy: first.copy }];
  });
}

/** Why `copy` cannot be bought at `now`, if so; the same window is a condition in its blocks. */
export function checkWindow(
  copy: Pick<TicketTypeCopy, 'opensAt' | 'closesAt' | 'name'>,
  now: Instant,
): Problem | undefined {
  if (copy.closesAt === 0) return problem('SALE_NOT_OPEN', `The sale of ${copy.name} was stopped.`);
  if (now < copy.opensAt) {
    const saleStartsAt = new Date(copy.opensAt).toISOString();
    return problem('SALE_NOT_OPEN', `The sale of ${copy.name} opens at ${saleStartsAt}.`, { extra: { saleStartsAt } });
  }
  if (now >= copy.closesAt) {
    const saleEndsAt = new Date(copy.closesAt).toISOString();
    return problem('SALE_NOT_OPEN', `The sale of ${copy.name} ended at ${saleEndsAt}.`, { extra: { saleEndsAt } });
  }
  return undefined;
}

/** The limit of one person is reached, over all of their holds and orders (invariant I12). */
export function limitExceeded(limit: number, held: number): Problem<'LIMIT_EXCEEDED'> {
  return problem('LIMIT_EXCEEDED', `One person may have ${limit} of these tickets; you have ${held}.`, {
    extra: { limit, held },
  });
}

/**
 * The lines as the order's row keeps them, with the blocks that each was taken from, and with the terms on which their
 * tickets may be given back.
 */
export function toOrderLines(
  lines: readonly PlannedLine[],
  taken: ReadonlyMap<string, LineTakes>,
): readonly OrderLine[] {
  return lines.map((line, index) => {
    const { ticketTypeId, eventId, cancellationPolicy: policy } = line.copy;
    const orderLine = orderLineOf(line, taken.get(ticketTypeId) ?? { takes: [] }, String(index + 1));
    // Once for each event: the row stays within the kilobyte that a write unit is for.
    const isFirst = lines.findIndex(({ copy }) => copy.eventId === eventId) === index;
    return policy !== undefined && isFirst ? { ...orderLine, policy } : orderLine;
  });
}

/** What a line takes, and how its seats are named, where it has some. */
export interface LineTakes {
  readonly takes: readonly Take[];
  readonly labels?: readonly string[];
}

function orderLineOf({ copy, quantity, unitPrice }: PlannedLine, { takes, labels }: LineTakes, id: string): OrderLine {
  const { extra, back } = ticketPrice(unitPrice, copy.currency, copy.charges);
  return {
    id,
    eventId: copy.eventId,
    ticketTypeId: copy.ticketTypeId,
    poolId: copy.poolId,
    quantity,
    unitPrice,
    ...(extra === 0 ? {} : { extra }),
    ...(back === unitPrice + extra ? {} : { back }),
    takes: [...takes],
    ...(labels === undefined ? {} : { seatLabels: [...labels] }),
    ...(copy.maxPerPerson === undefined ? {} : { limited: true }),
  };
}
