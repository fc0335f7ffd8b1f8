import { findTicketTypes } from '../../inventory/reads.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { hasRole, organizes, worksFor, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import type { PersonalData } from '../../users/recipients.ts';
import { findAttendees, openAttendees } from '../attendees.ts';
import type { OrderView } from '../contract.ts';
import { viewAttendees } from '../domain/attendees.ts';
import type { Order } from '../domain/order.ts';
import { optOutUntil } from '../domain/take-back.ts';
import { viewOrder } from '../domain/view.ts';
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

/**
 * An order as `session` may see it, with who is to come, and until when tickets of it may be given back in full since their
 * event has moved.
 */
export async function showOrder(
  table: Table,
  personalData: PersonalData,
  found: FoundOrder,
  session: Session,
  now: Instant,
): Promise<OrderView> {
  const { order } = found;
  const part = await partFor(found, session, now);
  const [shown, sealed] = await Promise.all([showPart(table, part, now), findAttendees(table, [order.orderId])]);
  const names = (await openAttendees(personalData, sealed)).get(order.orderId);
  const attendees = names === undefined ? undefined : viewAttendees(order, part.lines, names);
  return attendees === undefined ? shown : { ...shown, attendees };
}

async function showPart(table: Table, order: Order, now: Instant): Promise<OrderView> {
  const view = viewOrder(order);
  if (order.state !== 'PAID' && order.state !== 'PARTIALLY_REFUNDED') return view;
  const types = await findTicketTypes(table, [...new Set(order.lines.map(({ ticketTypeId }) => ticketTypeId))]);
  const items = view.items.map((item) => {
    if (item.quantityRefunded === item.quantity) return item;
    const until = optOutUntil(order, types.get(item.ticketTypeId), now);
    return until === undefined ? item : { ...item, fullRefundUntil: toTimestamp(until) };
  });
  return { ...view, items };
}

/** What an order is to one of several organisers: its own lines and their sum; the payment is for all of them. */
function partOf({ paymentIntentId: _payment, ...order }: Order, lines: Order['lines']): Order {
  return { ...order, lines, total: lines.reduce((total, { unitPrice, quantity }) => total + unitPrice * quantity, 0) };
}
