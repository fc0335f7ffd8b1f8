import { ulid } from 'ulid';
import type * as z from 'zod/mini';

import { findTicketTypes } from '../../inventory/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, type Result } from '../../shared/kernel/result.ts';
import { hasRole, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import type { refundOrder as refundRoute } from '../refund-contract.ts';
import type { Order } from '../domain/order.ts';
import type { LineWish, RefundWish } from '../domain/refund.ts';
import type { TakeBackTerms } from '../domain/take-back.ts';
import type { FoundOrder } from '../owned.ts';
import { refundOrder, type RecordedRefund } from '../operations.ts';
import type { Occasion } from '../writes.ts';
import { partFor } from './read-orders.ts';

/** Who asks, and the key by which the request may be repeated. */
export interface Asker {
  readonly session: Session;
  readonly idempotencyKey: string | undefined;
}

/**
 * A buyer gives a paid order back, or tickets of it, on the terms that they were held on, or those of each event now
 * where these are better, or in full for a while after an event was moved. All of an order is given back once, however
 * often it is asked for; parts of it by the request's idempotency key.
 *
 * @returns OUTSIDE_CANCELLATION_WINDOW, TICKET_NOT_VALID for tickets that let somebody in, and what `planRefund` says
 */
export async function giveBackOrder(
  table: Table,
  order: Order,
  lines: readonly LineWish[] | undefined,
  { session, idempotencyKey }: Asker,
  occasion: Occasion,
): Promise<Result<RecordedRefund, Problem>> {
  const wish: RefundWish = { cause: 'BUYER', lines, terms: await termsOf(table, order) };
  const refundId =
    lines === undefined
      ? derivedId('refund', order.orderId, 'BUYER')
      : refundIdFor(order, session, idempotencyKey, occasion.now);
  const request = { refundId, requestHash: hashOf({ lines }), reason: 'Cancelled by the buyer', wish };
  return refundOrder(table, order, request, occasion);
}

async function termsOf(table: Table, { lines }: Order): Promise<ReadonlyMap<string, TakeBackTerms>> {
  const types = await findTicketTypes(table, [...new Set(lines.map(({ ticketTypeId }) => ticketTypeId))], 'strong');
  return new Map(
    [...types.values()].map(
      ({ eventId, eventStartsAt: startsAt, cancellationPolicy: policy, optOutHeldBefore, optOutUntil }) => [
        eventId,
        { startsAt, policy, optOutHeldBefore, optOutUntil },
      ],
    ),
  );
}

type RefundBody = z.infer<typeof refundRoute.body>;

/**
 * Somebody gives money of a paid order back: support and admins of any line, organizers of those of their own events
 * (invariant I18). Tickets that are named admit nobody any more and go back on sale; an amount leaves the tickets be,
 * unless it is the last of the money.
 *
 * @returns NOT_ENOUGH_FUNDS, ORDER_ITEM_NOT_FOUND, and what `planRefund` says
 */
export async function refundByStaff(
  table: Table,
  found: FoundOrder,
  body: RefundBody,
  { session, idempotencyKey }: Asker,
  occasion: Occasion,
): Promise<Result<RecordedRefund, Problem>> {
  const { order } = found;
  const isSupport = hasRole(session, ['support', 'admin']);
  const reach = isSupport ? order : await partFor(found, { ...session, userId: '' }, occasion.now);
  const within = reach.lines.map(({ id }) => id);
  const cause = isSupport ? 'SUPPORT' : 'ORGANIZER';
  const base = {
    refundId: refundIdFor(order, session, idempotencyKey, occasion.now),
    requestHash: hashOf(body),
    reason: body.reason,
  };
  if ('lines' in body)
    return refundOrder(table, order, { ...base, wish: { cause, lines: body.lines, within } }, occasion);
  const { amount } = body;
  if (typeof amount !== 'number' && amount.currency !== order.currency)
    return err(
      problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
        errors: [{ path: 'amount.currency', message: `The order is in ${order.currency}` }],
      }),
    );
  const minor = typeof amount === 'number' ? amount : amount.amount;
  return refundOrder(table, order, { ...base, wish: { cause, amount: minor, within } }, occasion);
}

/** With an idempotency key the same refund for the same caller and order; without one, another each time. */
function refundIdFor({ orderId }: Order, { userId }: Session, key: string | undefined, now: Instant): string {
  return key === undefined ? ulid(now) : derivedId('refund', orderId, userId, key);
}

function hashOf(request: unknown): string {
  return shortHash(canonicalJson(request));
}
