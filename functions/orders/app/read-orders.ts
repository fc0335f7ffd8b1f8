import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { hasRole, holdsPost, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { orderState, type OrderState } from '../contract.ts';
import type { Order } from '../domain/order.ts';
import { shownState } from '../domain/view.ts';
import { findOrder, readTimeline } from '../reads.ts';

/** One step of an order as its buyer sees it. */
export interface TimelineStep {
  readonly version: number;
  readonly event: string;
  readonly at: string;
  readonly status: OrderState;
}

/**
 * The order `orderId` as far as `session` may see it: its buyer, support and admins all of it, organisers the
 * part that their events have in it. Anything else answers as if it did not exist (invariant I18).
 */
export async function readOrder(table: Table, orderId: string, session: Session): Promise<Result<Order, Problem>> {
  const order = await findOrder(table, orderId);
  if (order === undefined) return err(orderNotFound());
  if (order.customerId === session.userId || hasRole(session, ['support', 'admin'])) return ok(order);
  const lines = await organisedLines(table, session, order);
  if (lines.length === 0) return err(orderNotFound());
  return ok(lines.length === order.lines.length ? order : partOf(order, lines));
}

function orderNotFound(): Problem {
  return problem('ORDER_NOT_FOUND', 'There is no such order for you.');
}

async function organisedLines(table: Table, session: Session, { lines }: Order): Promise<Order['lines']> {
  if (!session.memberships.some(({ post }) => post === 'organizer')) return [];
  const types = await findTicketTypes(
    table,
    lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  return lines.filter(({ ticketTypeId }) => {
    const type = types.get(ticketTypeId);
    return type !== undefined && holdsPost(session, type.organizationId, 'organizer');
  });
}

/** What an order is to one of several organisers: its own lines and their sum; the payment is for all of them. */
function partOf({ paymentIntentId: _payment, ...order }: Order, lines: Order['lines']): Order {
  return { ...order, lines, total: lines.reduce((total, { unitPrice, quantity }) => total + unitPrice * quantity, 0) };
}

/** Every step of an order, oldest first, copied from the stream within a moment of happening. */
export async function readOrderSteps(
  table: Table,
  orderId: string,
  session: Session,
): Promise<Result<readonly TimelineStep[], Problem>> {
  const order = await readOrder(table, orderId, session);
  if (!order.ok) return order;
  let state: OrderState = 'HELD';
  const steps: TimelineStep[] = [];
  for (const { ver, ev, at, set } of await readTimeline(table, orderId)) {
    const changed = orderState.safeParse(set['state']);
    if (changed.success) state = changed.data;
    steps.push({ version: ver, event: ev, at: toTimestamp(at), status: shownState(state) });
  }
  return ok(steps);
}
