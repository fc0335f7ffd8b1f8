import { readTicketsToFreeze } from '../../delivery/operations.ts';
import { refundOrder } from '../../orders/operations.ts';
import { findOrder, isDisputed, refundable, type Order } from '../../orders/reads.ts';
import { recordDispute } from '../../orders/refund-writes.ts';
import { caseIdOf, findCase } from '../../support/reads.ts';
import { openCase as caseWrites } from '../../support/writes.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import type { Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { DisputeStatus, GatewayError, RefundStatus } from '../gateway.ts';
import { findRefund, isSeen } from '../reads.ts';
import { rememberSeen } from '../writes.ts';
import { openCase } from './open-case.ts';
import { StillUndecided } from './settle-payment.ts';
import { settleRefund, type RefundDeps } from './settle-refund.ts';

/** What Stripe reports on: only names, since everything is fetched anew. */
export interface ChargeReport {
  readonly stripeEventId: string;
  readonly type: string;
  readonly objectId: string;
  readonly paymentIntentId?: string | undefined;
}

/** Causes of refunds by which payments of orders that came to nothing go back: they have no row of their own. */
const RETURNED = 'return/';
const ROUNDS = 4;

/**
 * Takes what Stripe reports of charges, refunds and disputes: the object is fetched as it is now, so reports may come
 * late, twice or in any order. An event is dealt with once in thirty days, remembered after its effect; the same fact
 * under another event changes nothing either (failure catalogue 9, 10).
 *
 * @throws StillUndecided when it cannot be said yet: the message comes again
 */
export async function takeChargeReport(deps: RefundDeps, report: ChargeReport, occasion: Occasion): Promise<void> {
  if (await isSeen(deps.table, report.stripeEventId)) return;
  if (report.type.startsWith('charge.dispute.')) await takeDispute(deps, report.objectId, occasion);
  else if (report.type.startsWith('refund.'))
    await takeRefund(deps, known(await deps.gateway.retrieveRefund(report.objectId)), occasion);
  else if (report.paymentIntentId !== undefined) await takeRefundsOf(deps, report.paymentIntentId, occasion);
  await commit(deps.table, [rememberSeen(report.stripeEventId, occasion.now)]);
}

/** Holds all refunds of a payment against our rows, as the provider has them now. @throws StillUndecided */
export async function takeRefundsOf(deps: RefundDeps, paymentIntentId: string, occasion: Occasion): Promise<void> {
  for (const refund of known(await deps.gateway.refundsOf(paymentIntentId))) await takeRefund(deps, refund, occasion);
}

/** A refund of ours is settled; one that nobody of ours gave is a case, since its order counts it not. */
async function takeRefund(deps: RefundDeps, refund: RefundStatus, occasion: Occasion): Promise<void> {
  const { id, refundId, cause, paymentIntentId, amount, status } = refund;
  if (cause?.startsWith(RETURNED) === true) return;
  const row = refundId === undefined ? undefined : await findRefund(deps.table, refundId);
  if (row !== undefined) {
    // An attempt that is over says nothing of the one that is under way.
    if (row.providerId !== undefined && row.providerId !== id) return;
    if ((await settleRefund(deps, row.refundId, occasion)) === 'UNKNOWN') throw noAnswer();
    return;
  }
  if (status === 'failed' || paymentIntentId === undefined) return;
  const orderId = known(await deps.gateway.retrieveIntent(paymentIntentId)).orderId;
  // Of something else that the same account sells.
  if (orderId === undefined) return;
  const order = await findOrder(deps.table, orderId);
  const currency = order === undefined ? {} : { orderId: order.orderId, amount, currency: order.currency };
  await openCase(deps.table, 'FOREIGN_REFUND', id, { paymentIntentId, detail: id, ...currency }, occasion);
}

/**
 * Records a dispute on its order with a case, and freezes the order's tickets while it is open; won, they admit again;
 * lost, the bank has taken the money: the tickets are given up for it.
 */
async function takeDispute(deps: RefundDeps, disputeId: string, occasion: Occasion): Promise<void> {
  const { table, gateway } = deps;
  const dispute = known(await gateway.retrieveDispute(disputeId));
  const { paymentIntentId, reason } = dispute;
  const orderId =
    paymentIntentId === undefined ? undefined : known(await gateway.retrieveIntent(paymentIntentId)).orderId;
  if (orderId === undefined) return;
  const found = await findOrder(table, orderId);
  if (found === undefined) {
    await openCase(table, 'DISPUTE', disputeId, { disputeId, paymentIntentId, detail: reason }, occasion);
    return;
  }
  const order = await note(table, found, dispute, occasion);
  if (order.paidAt === undefined) return;
  // Tickets that are issued a moment later would not be frozen.
  const holds = order.state === 'PAID' || order.state === 'PARTIALLY_REFUNDED';
  if (holds && order.ticketsIssued !== true) throw new StillUndecided('The tickets of a disputed order are not issued');
  await freeze(table, order, occasion);
  if (dispute.status === 'lost' && dispute.amount >= refundable(order) && refundable(order) > 0) {
    const refundId = derivedId('refund', order.orderId, 'DISPUTE', disputeId);
    const wish = { cause: 'DISPUTE' } as const;
    const request = { refundId, requestHash: disputeId, reason: 'Taken back by the bank', wish };
    const taken = await refundOrder(table, order, request, occasion);
    if (!taken.ok && taken.error.code !== 'ALREADY_REFUNDED')
      throw new Error(`A lost dispute could not be counted: ${taken.error.code}`);
  }
}

/** Writes a dispute to its order, with a case; the same again changes nothing. */
async function note(table: Table, found: Order, dispute: DisputeStatus, occasion: Occasion): Promise<Order> {
  let order: Order | undefined = found;
  for (let round = 0; round < ROUNDS && order !== undefined; round += 1) {
    const { id: disputeId, status, amount, reason, paymentIntentId } = dispute;
    if (order.dispute?.disputeId === disputeId && order.dispute.status === status) return order;
    const noted = recordDispute(order, { disputeId, status, amount, at: occasion.now }, occasion, movedOn);
    const about = {
      orderId: order.orderId,
      disputeId,
      paymentIntentId,
      amount,
      currency: order.currency,
      detail: reason,
    };
    const known = await findCase(table, caseIdOf('DISPUTE', disputeId));
    // A case that somebody closed is opened again only by another dispute.
    const opened = known === undefined ? caseWrites('DISPUTE', disputeId, about, known, occasion, movedOn) : [];
    const done = await commit(table, [noted.write, ...opened]);
    if (done.ok) return noted.order;
    order = await findOrder(table, found.orderId);
  }
  throw new StillUndecided('A disputed order kept changing');
}

/** Lets the order's tickets admit nobody while a dispute of it is open, or admit again; one by one, as often as wanted. */
async function freeze(table: Table, order: Order, occasion: Occasion): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const writes = await readTicketsToFreeze(table, order, isDisputed(order), occasion, movedOn);
    const done = await Promise.all(writes.map((write) => commit(table, [write])));
    if (done.every(({ ok }) => ok)) return;
  }
  throw new StillUndecided('Tickets of a disputed order kept changing');
}

function known<T>(answer: Result<T, GatewayError>): T {
  if (answer.ok) return answer.value;
  if (answer.error.kind === 'UNKNOWN') throw noAnswer();
  throw new Error(`The provider does not know what it reports on: ${answer.error.code}`);
}

function noAnswer(): StillUndecided {
  return new StillUndecided('The payment provider did not answer');
}

function movedOn(): 'MOVED_ON' {
  return 'MOVED_ON';
}
