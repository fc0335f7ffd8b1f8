import { findTicketTypes } from '../inventory/reads.ts';
import { organizationNames } from '../organizations/reads.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import type { Result } from '../shared/kernel/result.ts';
import type { Table } from '../shared/table/client.ts';
import type { Order } from './domain/order.ts';
import { receiptOf } from './domain/receipt.ts';
import type { ReceiptView } from './receipt-contract.ts';

/** The receipt of an order as it is now. @returns NOT_PAID while nothing was paid */
export async function findReceipt(table: Table, order: Order): Promise<Result<ReceiptView, Problem>> {
  const types = await findTicketTypes(table, [...new Set(order.lines.map(({ ticketTypeId }) => ticketTypeId))]);
  const sellers = new Set([...types.values()].map(({ organizationId }) => organizationId));
  return receiptOf(order, types, await organizationNames(table, [...sellers]));
}
