import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { viewCharges } from '../../pricing/views.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { ReceiptView } from '../receipt-contract.ts';
import type { Order } from './order.ts';
import { shownState, viewRefund } from './view.ts';

/**
 * The receipt of a paid order, from its immutable price snapshot (invariant I5) and its refunds.
 *
 * @param types copies of its ticket types, as far as there still are: how they and their events are called now
 * @param names of the organisations that sell them
 * @returns NOT_PAID while nothing was paid
 */
export function receiptOf(
  order: Order,
  types: ReadonlyMap<string, TicketTypeCopy>,
  names: ReadonlyMap<string, string>,
): Result<ReceiptView, Problem> {
  const { paidAt, currency, total, refunds = [], paymentIntentId } = order;
  if (paidAt === undefined || order.state === 'SECURED')
    return err(problem('NOT_PAID', 'There is a receipt once the order is paid.'));
  const money = (amount: number): { readonly amount: number; readonly currency: string } => ({ amount, currency });
  const refunded = refunds.reduce((sum, { amount, state }) => (state === 'FAILED' ? sum : sum + amount), 0);
  const sold = order.lines.map((line) => ({ line, type: types.get(line.ticketTypeId) }));
  return ok({
    orderId: order.orderId,
    orderNumber: order.number,
    status: shownState(order.state),
    sellers: [...new Set(sold.flatMap(({ type }) => type?.organizationId ?? []))].map((organizationId) => ({
      organizationId,
      name: names.get(organizationId) ?? organizationId,
    })),
    items: sold.map(({ line: { id, eventId, ticketTypeId, quantity, unitPrice, refunded: gone = [] }, type }) => ({
      id,
      eventId,
      ticketTypeId,
      ticketType: type === undefined ? null : viewType(type),
      quantity,
      unitPrice: money(unitPrice),
      price: money(unitPrice * quantity),
      quantityRefunded: gone.length,
    })),
    charges: viewCharges(order.charges, currency),
    total: money(total),
    payment: {
      method: total > 0 ? 'CARD' : 'NONE',
      transactionId: paymentIntentId ?? null,
      at: toTimestamp(paidAt),
    },
    refunds: refunds.filter(({ amount }) => amount > 0).map((refund) => viewRefund(refund, currency)),
    refunded: money(refunded),
    balance: money(total - refunded),
  });
}

function viewType({
  name,
  eventTitle,
  eventStartsAt,
  timeZone,
}: TicketTypeCopy): ReceiptView['items'][number]['ticketType'] {
  return { name, eventTitle, startsAt: toTimestamp(eventStartsAt), timeZone };
}
