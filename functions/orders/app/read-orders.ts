import type { Instant } from '../../shared/kernel/clock.ts';
import { hasRole, organizes, worksFor, type Session } from '../../shared/runtime/session.ts';
import type { Order } from '../domain/order.ts';
import type { FoundOrder } from '../owned.ts';

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
