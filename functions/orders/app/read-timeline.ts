import { findAdmissions, viewScan } from '../../access/reads.ts';
import type { Ticket } from '../../delivery/contract.ts';
import { findIssuedTicketsOf, findTicketsOf, toldOf } from '../../delivery/reads.ts';
import { findMailsOfOrder, viewNotification } from '../../notifications/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { hasRole, worksFor, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { placeMail, placeScan, placeSteps, type Placed } from '../domain/timeline.ts';
import type { FoundOrder } from '../owned.ts';
import { readTimeline } from '../reads.ts';
import { partFor } from './read-orders.ts';

/**
 * What became of an order, as far as `session` may see it, in no order: copied from the stream within a moment of happening,
 * and merged when it is read, so that it costs no write. The buyer, support and admins see all of it; organizers no mails,
 * and where the order is for others' events, too, no money (invariant I18). A ticket that was passed on is somebody
 * else's: its buyer is not told when that one came in.
 */
export async function readOrderTimeline(
  table: Table,
  found: FoundOrder,
  session: Session,
  now: Instant,
): Promise<readonly Placed[]> {
  const { order } = found;
  const isBuyer = order.customerId === session.userId;
  const [part, issued, steps] = await Promise.all([
    partFor(found, session, now),
    findIssuedTicketsOf(table, [order], 'eventual'),
    readTimeline(table, order.orderId),
  ]);
  const isSeen = ({ ticketTypeId }: Ticket): boolean => part.lines.some((line) => line.ticketTypeId === ticketTypeId);
  const [mails, tickets] = await Promise.all([
    (await seesMails(found, session, now)) ? findMailsOfOrder(table, part, toldOf(issued.filter(isSeen))) : [],
    isBuyer ? issued : findTicketsOf(table, [order], 'eventual'),
  ]);
  const placed = placeSteps(steps);
  return [
    ...(part === order ? placed : placed.map(withoutMoney)),
    ...mails.map((mail) => placeMail(viewNotification(mail))),
    ...(await scansOf(table, tickets.filter(isSeen))),
  ];
}

/** As `listOrderNotifications` says: the buyer, and support, of the operator or of an organisation. */
async function seesMails({ order, places }: FoundOrder, session: Session, now: Instant): Promise<boolean> {
  if (order.customerId === session.userId || hasRole(session, ['support', 'admin'])) return true;
  return [...(await places()).values()].some((place) => worksFor(session, 'support', place, now));
}

async function scansOf(table: Table, tickets: readonly Ticket[]): Promise<readonly Placed[]> {
  const admissions = await findAdmissions(table, tickets);
  return admissions.map(viewScan).flatMap(({ id, at, ticketId, eventId, result, gate }) =>
    // An admission names its ticket and event; what does not is none.
    ticketId === null || eventId === null ? [] : [placeScan(at, { id, ticketId, eventId, result, gate })],
  );
}

function withoutMoney({ position, item }: Placed): Placed {
  if (item.kind !== 'STEP') return { position, item };
  const { reason: _why, ...step } = item;
  return { position, item: { ...step, movements: [] } };
}
