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
 * The order `orderId` as far as `session` may see it: its buyer, an organiser of one of its events, support
 * and admins. Anything else answers as if it did not exist.
 */
export async function readOrder(table: Table, orderId: string, session: Session): Promise<Result<Order, Problem>> {
  const order = await findOrder(table, orderId);
  const visible =
    order !== undefined &&
    (order.customerId === session.userId ||
      hasRole(session, ['support', 'admin']) ||
      (await organises(table, session, order)));
  return visible ? ok(order) : err(problem('ORDER_NOT_FOUND', 'There is no such order for you.'));
}

async function organises(table: Table, session: Session, { lines }: Order): Promise<boolean> {
  if (!session.memberships.some(({ post }) => post === 'organizer')) return false;
  const types = await findTicketTypes(
    table,
    lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  return [...types.values()].some(({ organizationId }) => holdsPost(session, organizationId, 'organizer'));
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
