import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import type { Findings } from './report.ts';
import { isLive, ticketsByOrder, type OrderRow, type TicketRow, type World } from './rows.ts';

/** I6, at rest: a paid order has exactly the tickets that follow from it, and nothing else has any that is live. */
export function auditTickets(world: World, findings: Findings): void {
  const byOrder = ticketsByOrder(world);
  for (const order of world.orders.values()) {
    findings.look('I6');
    const tickets = byOrder.get(order.orderId) ?? [];
    if (order.state === 'PAID' || order.state === 'PARTIALLY_REFUNDED') auditPaid(order, tickets, findings);
    else auditUnpaid(order, tickets, findings);
  }
  for (const [orderId, tickets] of byOrder) {
    if (world.orders.has(orderId)) continue;
    for (const { ticketId } of tickets) findings.name('I6', 'TICKET_WITHOUT_ORDER', ticketId, `names order ${orderId}`);
  }
}

function auditPaid(order: OrderRow, tickets: readonly TicketRow[], findings: Findings): void {
  const { orderId, state, lines, customerId, ticketsIssued } = order;
  const expected = new Map(
    lines.flatMap((line) =>
      Array.from({ length: line.quantity }, (_unused, index) => {
        const givenUp = line.refunded?.includes(index) === true;
        return [ticketIdOf(orderId, line.id, index), { ...line, givenUp }] as const;
      }),
    ),
  );
  const found = new Map(tickets.map((ticket) => [ticket.ticketId, ticket]));
  for (const [ticketId, line] of expected) {
    const ticket = found.get(ticketId);
    if (ticket === undefined) {
      findings.name('I6', 'TICKET_MISSING', ticketId, `order ${orderId}, line ${line.id}`);
      continue;
    }
    if (
      ticket.pk !== `TICKET#${ticketId}` ||
      ticket.lineId !== line.id ||
      ticket.ticketTypeId !== line.ticketTypeId ||
      ticket.eventId !== line.eventId
    ) {
      findings.name('I6', 'TICKET_DIFFERS', ticketId, `is not for line ${line.id} of order ${orderId}`);
    }
    if (ticket.customerId !== customerId) {
      findings.name(
        'I6',
        'TICKET_OF_ANOTHER',
        ticketId,
        `belongs to ${ticket.customerId}, order ${orderId} to ${customerId}`,
      );
    }
    if (ticket.status === 'ARCHIVED' && !line.givenUp) {
      findings.name('I6', 'TICKET_NOT_LIVE', ticketId, `ARCHIVED, but order ${orderId} (${state}) did not give it up`);
    }
    if (isLive(ticket) && line.givenUp) {
      findings.name('I6', 'TICKET_NOT_PAID', ticketId, `${ticket.status}, but order ${orderId} gave it up`);
    }
  }
  for (const [ticketId, ticket] of found) {
    auditPassedOn(ticket, found, findings);
    if (!expected.has(ticketId) && ticket.transferredFrom === undefined)
      findings.name('I6', 'TICKET_TOO_MANY', ticketId, `order ${orderId} is for ${expected.size}`);
  }
  if (ticketsIssued !== true) findings.name('I6', 'NOT_MARKED_ISSUED', orderId, 'paid, but not marked as ticketed');
}

/** A ticket that was passed on leads to exactly the one that took its place, and only such a one came from another. */
function auditPassedOn(ticket: TicketRow, found: ReadonlyMap<string, TicketRow>, findings: Findings): void {
  const { ticketId, status, transferredTo, transferredFrom, lineId } = ticket;
  if (status === 'TRANSFERRED' && found.get(transferredTo ?? '')?.transferredFrom !== ticketId)
    findings.name('I6', 'TICKET_MISSING', ticketId, `passed on to ${transferredTo ?? 'nobody'}, which is not there`);
  if (status !== 'TRANSFERRED' && transferredTo !== undefined)
    findings.name('I6', 'TICKET_TOO_MANY', ticketId, `${status}, and passed on to ${transferredTo}`);
  const former = transferredFrom === undefined ? undefined : found.get(transferredFrom);
  if (transferredFrom !== undefined && (former?.transferredTo !== ticketId || former.lineId !== lineId))
    findings.name(
      'I6',
      'TICKET_TOO_MANY',
      ticketId,
      `says that it came from ${transferredFrom}, which did not lead here`,
    );
}

function auditUnpaid({ orderId, state }: OrderRow, tickets: readonly TicketRow[], findings: Findings): void {
  for (const ticket of tickets.filter(isLive)) {
    findings.name('I6', 'TICKET_NOT_PAID', ticket.ticketId, `${ticket.status}, but order ${orderId} is ${state}`);
  }
}
