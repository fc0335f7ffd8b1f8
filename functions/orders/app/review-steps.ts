import { findTicketTypes } from '../../inventory/reads.ts';
import { findStanding } from '../../fraud/reads.ts';
import type { ScrutinyReason } from '../../fraud/contract.ts';
import { caseIdOf, findCase } from '../../support/reads.ts';
import { closeCase, openCase } from '../../support/writes.ts';
import { isOwnEffect } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { scrutinised, type Order } from '../domain/order.ts';
import { isUnderReview, reviewUntil } from '../domain/review.ts';
import { findOrder } from '../reads.ts';
import { openReview, refuseReview } from '../review-writes.ts';
import type { Occasion } from '../writes.ts';

/** Times that a changing order is looked at again. */
const ROUNDS = 4;

/**
 * Why a person is to decide before the money of `order` is taken; nothing where nobody needs to.
 */
export async function reviewReasons(table: Table, order: Order, now: number): Promise<readonly ScrutinyReason[]> {
  const { scrutiny, reasons } = await findStanding(table, scrutinised(order), now);
  return scrutiny === 'REVIEW' ? reasons : [];
}

/**
 * Lays an order whose money is authorised aside, with a case that says why, in one transaction. An order that another run
 * took over meanwhile is left as it is.
 *
 * @returns the order as it is then
 */
export async function layAside(
  table: Table,
  given: Order,
  run: string,
  reasons: readonly string[],
  occasion: Occasion,
): Promise<Order> {
  let order = given;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (order.state !== 'SECURED' || order.run !== run) return order;
    const { orderId, paymentIntentId, total: amount, currency, lines } = order;
    const [types, found] = await Promise.all([
      findTicketTypes(
        table,
        lines.map(({ ticketTypeId }) => ticketTypeId),
      ),
      findCase(table, caseIdOf('FRAUD_REVIEW', orderId)),
    ]);
    const starts = Math.min(...[...types.values()].map(({ eventStartsAt }) => eventStartsAt));
    const until = reviewUntil(occasion.now, starts);
    const about = { orderId, paymentIntentId, amount, currency, detail: reasons.join(' '), decideBy: until };
    const opened = openReview<Found>(order, until, occasion, asFound);
    const writes = [opened.write, ...openCase<Found>('FRAUD_REVIEW', orderId, about, found, occasion, asFound)];
    const done = await commit(table, writes);
    if (done.ok || isOwnEffect(done.error.found, opened.order)) return opened.order;
    order = await reread(table, order);
  }
  throw new StoreBusyError('The order kept changing');
}

/**
 * Refuses an order that waits for a person, and closes its case with the same write: the time to decide is over, its event
 * is cancelled, or its authorisation is gone. One that does not wait is left as it is.
 *
 * @returns the order as it is then
 */
export async function endReview(table: Table, given: Order, occasion: Occasion): Promise<Order> {
  let order = given;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!isUnderReview(order)) return order;
    const found = await findCase(table, caseIdOf('FRAUD_REVIEW', order.orderId));
    const refused = refuseReview<Found>(order, occasion, asFound);
    const closed = found?.status === 'OPEN' ? closeCase<Found>(found, 'REFUSED', occasion, asFound).writes : [];
    const done = await commit(table, [...refused.writes, ...closed]);
    if (done.ok || isOwnEffect(done.error.found, refused.order)) return refused.order;
    order = await reread(table, order);
  }
  throw new StoreBusyError('The order kept changing');
}

interface Found {
  readonly found: Readonly<Record<string, unknown>> | undefined;
}

function asFound(found: Readonly<Record<string, unknown>> | undefined): Found {
  return { found };
}

async function reread(table: Table, { orderId }: Order): Promise<Order> {
  const order = await findOrder(table, orderId);
  if (order === undefined) throw new Error('An order vanished while it was looked at');
  return order;
}
