import { MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import { canonicalJson } from '../../functions/shared/kernel/hash.ts';
import { counts, paymentOf, refundedByPayment, type LedgerPayment, type PaymentLedger } from './ledger.ts';
import { caseIdOf } from '../../functions/support/domain/case.ts';
import type { Findings } from './report.ts';
import { isLive, ticketsByOrder, type OrderRow, type TimelineRow, type World } from './rows.ts';

/** A run that was silent for a minute is taken over within two more. */
const TAKE_OVER_MS = 2 * MINUTE;

/** I3, at rest: each captured payment is exactly one order, ticketed, refunded, or split between the two. */
export function auditPayments(world: World, ledger: PaymentLedger, findings: Findings): void {
  const refunded = refundedByPayment(ledger);
  const tickets = ticketsByOrder(world);
  const claims = new Map<string, string[]>();
  for (const { orderId, paymentIntentId } of world.orders.values()) {
    if (paymentIntentId !== undefined) claims.set(paymentIntentId, [...(claims.get(paymentIntentId) ?? []), orderId]);
  }
  for (const [id, orderIds] of claims) {
    if (orderIds.length > 1) findings.name('I3', 'PAYMENT_CLAIMED_TWICE', id, `by the orders ${orderIds.join(', ')}`);
  }
  for (const payment of ledger.paymentIntents) {
    if (payment.amount_received === 0) continue;
    findings.look('I3');
    const order = orderOf(world, payment);
    if (order === undefined || order.paymentIntentId !== payment.id) {
      findings.name(
        'I3',
        'PAYMENT_WITHOUT_ORDER',
        payment.id,
        `${payment.amount_received} ${payment.currency} captured, metadata names ${orderIdOf(payment) ?? 'no order'}`,
      );
      continue;
    }
    const back = refunded.get(payment.id) ?? 0;
    const prices = new Map(order.lines.map(({ id, unitPrice, extra = 0 }) => [id, unitPrice + extra]));
    // A ticket that was passed on was paid for as well; its successor carries another line or none.
    const standing = (tickets.get(order.orderId) ?? []).filter((ticket) => isLive(ticket) && prices.has(ticket.lineId));
    // What an order bears once stands as long as one of its tickets does.
    const once = standing.length === 0 ? 0 : order.total - sumOfLines(order);
    const worth = standing.reduce((total, { lineId }) => total + (prices.get(lineId) ?? 0), once);
    // Of tickets that were given up a fee may be kept (or more given than they cost); what failed is owed, by a case.
    const { kept, owed } = keptAndOwed(order);
    if (payment.amount_received !== back + worth + kept + owed) {
      findings.name(
        'I3',
        'PAYMENT_NOT_ACCOUNTED_FOR',
        payment.id,
        `order ${order.orderId} (${order.state}): captured ${payment.amount_received}, refunded ${back}, ${standing.length} live tickets worth ${worth}, kept ${kept}, owed ${owed}`,
      );
    }
  }
}

/** What is kept of tickets that were given up, and what failed refunds still owe: minor units. */
function keptAndOwed({ refunds = [] }: OrderRow): { readonly kept: number; readonly owed: number } {
  const byUs = refunds.filter(({ cause }) => cause !== 'DISPUTE');
  return {
    kept: refunds.reduce((sum, { amount, worth }) => sum + worth - amount, 0),
    owed:
      byUs.reduce((sum, { state, amount }) => (state === 'FAILED' ? sum + amount : sum), 0) +
      // The bank takes disputed money by itself: no refund of ours is in the ledger.
      refunds.reduce((sum, { cause, amount }) => (cause === 'DISPUTE' ? sum + amount : sum), 0),
  };
}

/** I4, after every step, by the rows: an order's refunds are what they add up to, per line and in all, and rows agree. */
export function auditOrderRefunds(world: World, atRest: boolean, findings: Findings): void {
  const known = new Set<string>();
  for (const order of world.orders.values()) {
    const { orderId, refunds = [], refundedAmount = 0, total, lines } = order;
    for (const {
      id,
      quantity,
      unitPrice,
      extra = 0,
      refundedAmount: back = 0,
      refunded = [],
      restocked = 0,
    } of lines) {
      findings.look('I4');
      if (back > quantity * (unitPrice + extra) || back < 0)
        findings.name(
          'I4',
          'REFUNDED_TOO_MUCH',
          orderId,
          `line ${id} got ${back} of ${quantity * (unitPrice + extra)}`,
        );
      const places = new Set(refunded);
      if (places.size !== refunded.length || refunded.some((place) => place < 0 || place >= quantity))
        findings.name('I4', 'PLACE_REFUNDED_TWICE', orderId, `line ${id}: places ${refunded.join(', ')}`);
      if (atRest && restocked < refunded.length)
        findings.name(
          'I1',
          'STOCK_NOT_RETURNED',
          orderId,
          `line ${id}: ${restocked} of ${refunded.length} on sale again`,
        );
    }
    const sum = refunds.reduce((part, { amount }) => part + amount, 0);
    if (sum !== refundedAmount || sum > total)
      findings.name('I4', 'REFUNDED_TOO_MUCH', orderId, `refunds of ${sum}, counted ${refundedAmount}, total ${total}`);
    for (const { refundId, amount, state } of refunds) {
      known.add(refundId);
      const row = world.refunds.get(refundId);
      if (row === undefined || row.amount !== amount || row.state !== state || row.orderId !== orderId)
        findings.name('I4', 'REFUND_DIFFERS', refundId, `order ${orderId} says ${amount} ${state}, its row not`);
      if (atRest && state === 'DUE') findings.name('I20', 'REFUND_LEFT', refundId, `DUE, of order ${orderId}`);
      if (state === 'FAILED' && !world.cases.has(caseIdOf('REFUND_FAILED', refundId)))
        findings.name('I20', 'REFUND_WITHOUT_CASE', refundId, `FAILED, of order ${orderId}`);
    }
  }
  for (const refundId of world.refunds.keys())
    if (!known.has(refundId)) findings.name('I4', 'REFUND_WITHOUT_ORDER', refundId, 'no order counts it');
}

/** I4, after every step: no more goes back than came in, and once for each cause. */
export function auditRefunds(ledger: PaymentLedger, findings: Findings): void {
  const payments = new Map(ledger.paymentIntents.map((payment) => [payment.id, payment]));
  for (const [id, back] of refundedByPayment(ledger)) {
    const captured = payments.get(id)?.amount_received ?? 0;
    if (back > captured) findings.name('I4', 'REFUNDED_TOO_MUCH', id, `captured ${captured}, refunded ${back}`);
  }
  const causes = new Map<string, string[]>();
  for (const refund of ledger.refunds) {
    findings.look('I4');
    if (!Number.isSafeInteger(refund.amount) || refund.amount <= 0) {
      findings.name('I4', 'NOT_AN_AMOUNT', refund.id, `a refund of ${refund.amount}`);
    }
    const payment = paymentOf(refund);
    if (payment === undefined || !payments.has(payment)) {
      findings.name('I4', 'REFUND_WITHOUT_PAYMENT', refund.id, `of ${payment ?? 'no PaymentIntent'}`);
    }
    const cause = refund.metadata?.['cause'];
    if (cause !== undefined && counts(refund)) causes.set(cause, [...(causes.get(cause) ?? []), refund.id]);
  }
  for (const [cause, ids] of causes) {
    if (ids.length > 1) findings.name('I4', 'REFUNDED_TWICE', cause, `by ${ids.join(', ')}`);
  }
}

/** I5: the snapshot is consistent in itself, never changed, and what the provider was asked for and took. */
export function auditAmounts(world: World, ledger: PaymentLedger, atRest: boolean, findings: Findings): void {
  const payments = new Map(ledger.paymentIntents.map((payment) => [payment.id, payment]));
  for (const order of world.orders.values()) {
    findings.look('I5');
    auditSnapshot(order, world.timelines.get(order.pk) ?? [], findings);
    const captured =
      order.paymentIntentId === undefined ? 0 : (payments.get(order.paymentIntentId)?.amount_received ?? 0);
    const sold = order.state === 'PAID' || order.state === 'PARTIALLY_REFUNDED' || order.state === 'REFUNDED';
    if (atRest && sold && captured !== order.total) {
      findings.name(
        'I5',
        'CAPTURED_DIFFERS',
        order.orderId,
        `${order.state} over ${order.total}, captured ${captured}`,
      );
    }
  }
  for (const payment of ledger.paymentIntents) {
    const order = orderOf(world, payment);
    if (order === undefined) continue;
    findings.look('I5');
    const asked = `${payment.amount} ${payment.currency.toUpperCase()}`;
    const snapshot = `${order.total} ${order.currency}`;
    if (asked !== snapshot)
      findings.name('I5', 'PAYMENT_DIFFERS', payment.id, `asks ${asked}, order ${order.orderId} is ${snapshot}`);
    if (payment.amount_received !== 0 && payment.amount_received !== order.total) {
      findings.name(
        'I5',
        'CAPTURED_DIFFERS',
        payment.id,
        `captured ${payment.amount_received}, order ${order.orderId} is ${snapshot}`,
      );
    }
  }
}

/** What the tickets of an order cost together, with the fees and taxes on top of each. */
function sumOfLines({ lines }: OrderRow): number {
  return lines.reduce((part, { quantity, unitPrice, extra = 0 }) => part + quantity * (unitPrice + extra), 0);
}

function auditSnapshot(order: OrderRow, timeline: readonly TimelineRow[], findings: Findings): void {
  const { orderId, total, currency, lines, charges = [] } = order;
  const prices = lines.reduce((part, { quantity, unitPrice }) => part + quantity * unitPrice, 0);
  const sum = charges.reduce((part, { amount, included }) => (included === true ? part : part + amount), prices);
  if (sum !== total)
    findings.name('I5', 'TOTAL_DIFFERS', orderId, `lines and charges add up to ${sum}, total ${total}`);
  if (!Number.isSafeInteger(total) || total < 0) findings.name('I5', 'NOT_AN_AMOUNT', orderId, `a total of ${total}`);
  if (!/^[A-Z]{3}$/.test(currency)) findings.name('I5', 'NOT_A_CURRENCY', orderId, `currency ${currency}`);
  const [first] = timeline;
  if (first?.ver !== 1) return;
  const begun = pricesIn(first.set);
  const now = pricesIn({ total, currency, lines, charges });
  if (begun !== now) findings.name('I5', 'SNAPSHOT_CHANGED', orderId, `was ${begun}, is ${now}`);
}

/** What must never change of an order, as text. Blocks may: late money takes stock anew. */
function pricesIn({ total, currency, lines, charges }: Readonly<Record<string, unknown>>): string {
  const priced = Array.isArray(lines)
    ? lines.map((line: unknown) => {
        const { id, ticketTypeId, quantity, unitPrice, extra = 0, back = unitPrice + extra } = Object(line);
        return `${id}:${quantity}×${unitPrice}+${extra}-${back} of ${ticketTypeId}`;
      })
    : [];
  const borne = Array.isArray(charges) ? charges.map((each: unknown) => canonicalJson(each)) : [];
  return `${String(total)} ${String(currency)} (${[...priced, ...borne].join(', ')})`;
}

/** I20, at rest: no run holds an order for ever, and no authorisation of an order that is over stays. */
export function auditLoose(world: World, ledger: PaymentLedger, at: Instant, findings: Findings): void {
  for (const { orderId, state, leaseUntil = 0 } of world.orders.values()) {
    if (state !== 'SECURED') continue;
    findings.look('I20');
    if (leaseUntil + TAKE_OVER_MS < at) {
      findings.name(
        'I20',
        'RUN_LEFT',
        orderId,
        `SECURED by a run whose lease ended at ${new Date(leaseUntil).toISOString()}`,
      );
    }
  }
  for (const payment of ledger.paymentIntents) {
    if (payment.status !== 'requires_capture') continue;
    findings.look('I20');
    const order = orderOf(world, payment);
    if (order?.state !== 'PENDING' && order?.state !== 'SECURED') {
      findings.name(
        'I20',
        'AUTHORISATION_LEFT',
        payment.id,
        `authorised for ${order === undefined ? 'no order' : `order ${order.orderId}, which is ${order.state}`}`,
      );
    }
  }
}

function orderIdOf({ metadata }: LedgerPayment): string | undefined {
  return metadata['orderId'];
}

function orderOf({ orders }: World, payment: LedgerPayment): OrderRow | undefined {
  return orders.get(orderIdOf(payment) ?? '');
}
