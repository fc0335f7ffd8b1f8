import { challenge } from '../../fraud/operations.ts';
import { findStanding } from '../../fraud/reads.ts';
import type { PaymentGateway, PaymentIntentState } from '../../payments/gateway.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { AMOUNT_REFUSED, holdStands, scrutinised, type Order } from '../domain/order.ts';
import { findOrder } from '../reads.ts';
import { attendeeWrites, nameOrdered, type Naming } from './name-attendees.ts';
import { orderReservation, payFreeOrder, type Occasion } from '../writes.ts';

/** An order that waits for its payment, or is paid already because it costs nothing. */
export interface CreatedOrder {
  readonly order: Order;
  readonly intent: PaymentIntentState | undefined;
}

const ROUNDS = 3;

/**
 * Turns a customer's reservation into an order with a PaymentIntent in the amount of its price snapshot.
 * Asking again answers the same order and payment. The PaymentIntent's idempotency key is the order, so a
 * crash between Stripe's answer and our write finds the same one again (failure catalogue 13).
 *
 * @param naming who is to come, where the buyer says so: kept by the same write, or refused before there is a payment
 */
export async function createOrder(
  table: Table,
  gateway: PaymentGateway,
  orderId: string,
  customerId: string,
  occasion: Occasion,
  naming?: Naming,
): Promise<Result<CreatedOrder, Problem>> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = await lookAt(table, orderId, customerId, occasion.now, round);
    if (order === undefined || order.customerId !== customerId)
      return err(problem('RESERVATION_NOT_FOUND', 'You have no such reservation.'));
    const standing = checkStanding(order, occasion.now);
    if (standing !== undefined) return err(standing);
    if (order.state !== 'HELD') {
      const named = naming === undefined ? ok(undefined) : await nameOrdered(table, naming, order);
      if (named === 'LOOK_AGAIN') continue;
      return named.ok ? existing(gateway, order) : named;
    }
    const named = naming === undefined ? ok([]) : await attendeeWrites(naming, order);
    if (!named.ok) return named;
    const outcome =
      order.total === 0
        ? await createFree(table, order, named.value, occasion)
        : await createPayable(table, gateway, order, named.value, occasion);
    if (outcome !== undefined) return outcome;
  }
  throw new StoreBusyError('The reservation kept changing');
}

/**
 * The order as it is. A hold that stands is read at half the price first: had it moved on meanwhile, the condition of the write
 * would find that out, and the next round reads it as it is.
 */
async function lookAt(
  table: Table,
  orderId: string,
  customerId: string,
  now: Instant,
  round: number,
): Promise<Order | undefined> {
  const seen = round === 0 ? await findOrder(table, orderId, 'eventual') : undefined;
  const isHold = seen?.state === 'HELD' && seen.customerId === customerId && holdStands(seen, now);
  return isHold ? seen : findOrder(table, orderId);
}

/** Why no order can be made, if so. A lapsed hold is gone whether it was swept or not (invariant I7). */
function checkStanding(order: Order, now: number): Problem | undefined {
  const lapsed = problem('RESERVATION_EXPIRED', 'The hold has lapsed. Hold the tickets again.');
  switch (order.state) {
    case 'HELD':
    case 'PENDING':
      return holdStands(order, now) ? undefined : lapsed;
    case 'EXPIRED':
      return lapsed;
    case 'SECURED':
    case 'PAID':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return undefined;
    case 'FAILED':
    case 'CANCELLED':
      // A retry of the request that it was refused to is refused the same.
      return order.lastError === AMOUNT_REFUSED
        ? amountNotPayable()
        : problem('NOT_PENDING', 'This order is over. Hold the tickets again.');
  }
}

async function createFree(
  table: Table,
  order: Order,
  alongside: readonly Write<undefined>[],
  occasion: Occasion,
): Promise<Result<CreatedOrder, Problem> | undefined> {
  const paid = payFreeOrder(order, occasion, (found) => found);
  const done = await commit(table, [paid.write, ...alongside]);
  return done.ok || isOwn(done.error, paid.order, alongside) ? ok({ order: paid.order, intent: undefined }) : undefined;
}

async function createPayable(
  table: Table,
  gateway: PaymentGateway,
  order: Order,
  alongside: readonly Write<undefined>[],
  occasion: Occasion,
): Promise<Result<CreatedOrder, Problem> | undefined> {
  const { total: amount, currency } = order;
  const [created, standing] = await Promise.all([
    gateway.createIntent(order.orderId, { amount, currency }),
    findStanding(table, scrutinised(order), occasion.now),
  ]);
  if (!created.ok) {
    return created.error.kind === 'REFUSED' ? err(amountNotPayable(created.error.code)) : err(providerUnavailable());
  }
  if (!(await challenge(gateway, created.value, standing, occasion))) return err(providerUnavailable());
  const ordered = orderReservation(order, created.value.id, occasion, (found) => found);
  const done = await commit(table, [ordered.write, ...alongside]);
  // Otherwise the hold lapsed or another request ordered it meanwhile: look again, the intent is the same.
  return done.ok || isOwn(done.error, ordered.order, alongside)
    ? ok({ order: ordered.order, intent: created.value })
    : undefined;
}

/** Whether what stood in the way was this very write. With names it is looked at again, which compares those as well. */
function isOwn(
  found: Readonly<Record<string, unknown>> | undefined,
  intended: Order,
  alongside: readonly unknown[],
): boolean {
  return alongside.length === 0 && isOwnEffect(found, intended);
}

/** The order exists: its secret is fetched from the provider, since we do not keep it. */
async function existing(gateway: PaymentGateway, order: Order): Promise<Result<CreatedOrder, Problem>> {
  if (order.paymentIntentId === undefined) return ok({ order, intent: undefined });
  const fetched = await gateway.retrieveIntent(order.paymentIntentId);
  return fetched.ok ? ok({ order, intent: fetched.value }) : err(providerUnavailable());
}

function amountNotPayable(code?: string): Problem {
  const said = code === undefined ? '' : ` (${code})`;
  return problem('AMOUNT_NOT_PAYABLE', `The payment provider does not take this amount${said}.`);
}

function providerUnavailable(): Problem {
  return problem('PAYMENT_PROVIDER_UNAVAILABLE', 'Your tickets stay held. Try again in a moment.', { retryAfter: 2 });
}
