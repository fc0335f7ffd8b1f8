import * as z from 'zod/mini';

import { toTimestamp } from '../../shared/kernel/clock.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { CancellationProgress, CancellationReceipt } from '../views.ts';

const exception = z.object({
  orderId: z.string(),
  orderNumber: z.string(),
  refundId: z.string(),
  amount: z.int(),
  currency: z.string(),
  caseId: z.string(),
});

/** What a cancellation came to, as its orders and refunds say: counts of refunds, and minor units by currency. */
const receiptRow = z.object({
  orders: z.int(),
  tickets: z.int(),
  refunds: z.object({ succeeded: z.int(), pending: z.int(), failed: z.int(), due: z.int() }),
  amounts: z.array(z.object({ currency: z.string(), succeeded: z.int(), pending: z.int(), failed: z.int() })),
  /** The first hundred refunds that failed, each with its case. */
  exceptions: z.array(exception),
});
export type ReceiptRow = z.infer<typeof receiptRow>;

/** How far the workflow of a cancellation is; its cursor outlives whoever moves it. */
const progressRow = z.object({
  cancellationId: z.string(),
  eventId: z.string(),
  /** The execution that moves it; another one takes it over, and the former ends. */
  run: z.string(),
  phase: z.enum(['REFUNDING', 'PAUSED', 'VERIFYING', 'DONE']),
  /** The last entry of the event's list of orders that was dealt with in this pass. */
  cursor: z.optional(z.string()),
  /** Orders looked at in this pass, and which pass it is. */
  looked: z.int(),
  pass: z.int(),
  receipt: z.optional(receiptRow),
});
export type ProgressDetails = z.infer<typeof progressRow>;
export type Progress = ProgressDetails & Marked & Item;

/** Reads a row as the progress of a cancellation. */
export function parseProgress(item: Item): Progress {
  return { ...marked(item), ...z.parse(progressRow, item) };
}

/** Exceptions that a receipt names; of more, their cases tell. */
const NAMED = 100;

/** Adds receipts of parts of the orders up. */
export function addReceipts(one: ReceiptRow, other: ReceiptRow): ReceiptRow {
  const sums = new Map(one.amounts.map((sum) => [sum.currency, sum]));
  for (const { currency, succeeded, pending, failed } of other.amounts) {
    const sum = sums.get(currency) ?? { currency, succeeded: 0, pending: 0, failed: 0 };
    sums.set(currency, {
      currency,
      succeeded: sum.succeeded + succeeded,
      pending: sum.pending + pending,
      failed: sum.failed + failed,
    });
  }
  return {
    orders: one.orders + other.orders,
    tickets: one.tickets + other.tickets,
    refunds: {
      succeeded: one.refunds.succeeded + other.refunds.succeeded,
      pending: one.refunds.pending + other.refunds.pending,
      failed: one.refunds.failed + other.refunds.failed,
      due: one.refunds.due + other.refunds.due,
    },
    amounts: [...sums.values()],
    exceptions: [...one.exceptions, ...other.exceptions].slice(0, NAMED),
  };
}

/** Nothing yet. */
export const NO_RECEIPT: ReceiptRow = {
  orders: 0,
  tickets: 0,
  refunds: { succeeded: 0, pending: 0, failed: 0, due: 0 },
  amounts: [],
  exceptions: [],
};

/** How far the workflow is, as organizers see it. */
export function viewProgress({ phase, looked, pass, at }: Progress): CancellationProgress {
  return { phase, ordersLookedAt: looked, pass, changedAt: toTimestamp(at) };
}

/** What the cancellation came to, as organizers see it. */
export function viewReceipt({ orders, tickets, refunds, amounts, exceptions }: ReceiptRow): CancellationReceipt {
  const money = (amount: number, currency: string) => ({ amount, currency });
  return {
    orders,
    tickets,
    refunds: { succeeded: refunds.succeeded, pending: refunds.pending + refunds.due, failed: refunds.failed },
    amounts: amounts.map(({ currency, succeeded, pending, failed }) => ({
      succeeded: money(succeeded, currency),
      pending: money(pending, currency),
      failed: money(failed, currency),
    })),
    exceptions: exceptions.map(({ orderId, orderNumber, refundId, amount, currency, caseId }) => ({
      orderId,
      orderNumber,
      refundId,
      caseId,
      amount: money(amount, currency),
    })),
  };
}

/** A receipt as CSV (RFC 4180): ids, numbers and codes of our own alone, so no cell is a formula. */
export function receiptCsv({ orders, tickets, refunds, amounts, exceptions }: ReceiptRow): string {
  const rows: (string | number)[][] = [
    ['item', 'count', 'amount', 'currency', 'orderId', 'orderNumber', 'caseId'],
    ['orders', orders, '', '', '', '', ''],
    ['tickets', tickets, '', '', '', '', ''],
    ...(['succeeded', 'pending', 'failed'] as const).map((state) => [
      `refunds ${state}`,
      refunds[state] + (state === 'pending' ? refunds.due : 0),
      '',
      '',
      '',
      '',
      '',
    ]),
    ...amounts.flatMap(({ currency, ...sums }) =>
      (['succeeded', 'pending', 'failed'] as const).map((state) => [
        `sum ${state}`,
        '',
        sums[state],
        currency,
        '',
        '',
        '',
      ]),
    ),
    ...exceptions.map(({ orderId, orderNumber, amount, currency, caseId }) => [
      'exception',
      1,
      amount,
      currency,
      orderId,
      orderNumber,
      caseId,
    ]),
  ];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}
