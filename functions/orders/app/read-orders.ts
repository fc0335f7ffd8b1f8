import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { hasRole, organizes, worksFor, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { orderState, type OrderState } from '../contract.ts';
import type { Order } from '../domain/order.ts';
import { shownState } from '../domain/view.ts';
import type { FoundOrder } from '../owned.ts';
import { readTimeline } from '../reads.ts';

/** One step of an order as its buyer sees it. */
export interface TimelineStep {
  readonly version: number;
  readonly event: string;
  readonly at: string;
  readonly status: OrderState;
}

/**
 * What `session` may see of an order within its reach: its buyer, support and admins all of it, organizers and
 * their support staff the lines of their own events (invariant I18).
 */
export async function partFor({ order, places }: FoundOrder, session: Session, now: Instant): Promise<Order> {
  if (order.customerId === session.userId || hasRole(session, ['support', 'admin'])) return order;
  const placeOf = await places();
  const lines = order.lines.filter(({ ticketTypeId }) => {
    const place = placeOf.get(ticketTypeId);
    return (
      place !== undefined && (organizes(session, place.organizationId) || worksFor(session, 'support', place, now))
    );
  });
  return lines.length === order.lines.length ? order : partOf(order, lines);
}

/** What an order is to one of several organisers: its own lines and their sum; the payment is for all of them. */
function partOf({ paymentIntentId: _payment, ...order }: Order, lines: Order['lines']): Order {
  return { ...order, lines, total: lines.reduce((total, { unitPrice, quantity }) => total + unitPrice * quantity, 0) };
}

/** Every step of an order, oldest first, copied from the stream within a moment of happening. */
export async function readOrderSteps(table: Table, orderId: string): Promise<readonly TimelineStep[]> {
  let state: OrderState = 'HELD';
  const steps: TimelineStep[] = [];
  for (const { ver, ev, at, set } of await readTimeline(table, orderId)) {
    const changed = orderState.safeParse(set['state']);
    if (changed.success) state = changed.data;
    steps.push({ version: ver, event: ev, at: toTimestamp(at), status: shownState(state) });
  }
  return steps;
}
