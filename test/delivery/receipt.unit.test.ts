import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { receiptPdf } from '../../functions/delivery/print/receipt.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { OrderRefund } from '../../functions/orders/contract.ts';
import { parseOrder, type Order } from '../../functions/orders/domain/order.ts';
import { planRefund } from '../../functions/orders/domain/refund.ts';
import { receiptOf } from '../../functions/orders/domain/receipt.ts';
import type { ReceiptView } from '../../functions/orders/receipt-contract.ts';
import { itemise, ticketPrice, type Charge } from '../../functions/pricing/views.ts';
import { pdfText, renderPdf } from './pixels.ts';

const AT = Date.parse('2027-03-01T12:00:00Z');
const id = (last: string): string => `01ARZ3NDEKTSV4RRFFQ69G5FA${last}`;

function typeOf(eventId: string, name: string, charges: Charge[], unitPrice: number): TicketTypeCopy {
  return {
    ticketTypeId: `${eventId}-${name}`,
    eventId,
    organizationId: id('A'),
    name,
    unitPrice,
    currency: 'EUR',
    charges,
    poolId: 'p',
    blocks: 1,
    capacity: 10,
    opensAt: 0,
    closesAt: AT * 2,
    eventTitle: `Night ${eventId}`,
    eventStartsAt: AT,
    timeZone: 'Europe/Berlin',
  };
}

const FEES: Charge[] = [
  { name: 'Service fee', kind: 'FEE', per: 'TICKET', rateBp: 750, refundable: true },
  { name: 'Handling', kind: 'FEE', per: 'ORDER', amount: 250 },
  { name: 'VAT', kind: 'TAX', per: 'TICKET', rateBp: 1_900, included: true },
  { name: 'City tax', kind: 'TAX', per: 'TICKET', rateBp: 500 },
];

/** A paid order as a hold makes it, with its types. */
function bought(wishes: readonly { readonly type: TicketTypeCopy; readonly quantity: number }[], more = {}) {
  const { charges, total } = itemise(wishes.map(({ type, quantity }) => ({ ...type, quantity })));
  const order = parseOrder({
    pk: 'ORDER#O',
    sk: 'ORDER',
    orderId: id('V'),
    customerId: 'C',
    state: 'PAID',
    number: 'ON-7K3M-Q2XD',
    lines: wishes.map(({ type, quantity }, index) => ({
      id: String(index + 1),
      eventId: type.eventId,
      ticketTypeId: type.ticketTypeId,
      poolId: 'p',
      quantity,
      unitPrice: type.unitPrice,
      extra: ticketPrice(type.unitPrice, 'EUR', type.charges).extra,
      takes: [{ block: 0, quantity }],
    })),
    charges,
    currency: 'EUR',
    total,
    createdAt: AT,
    expiresAt: AT,
    paidAt: AT,
    paymentIntentId: 'pi_3Qx',
    ver: 5,
    ev: 'orders.OrderPaid.v1',
    at: AT,
    cid: 'c',
    by: 'b',
    ch: 'h',
    ...more,
  });
  return { order, types: new Map(wishes.map(({ type }) => [type.ticketTypeId, type])) };
}

const NAMES = new Map([[id('A'), 'Harbour Nights']]);
function receipt(order: Order, types: ReadonlyMap<string, TicketTypeCopy>): ReceiptView {
  const made = receiptOf(order, types, NAMES);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}
const refund = (amount: number, state: OrderRefund['state']): OrderRefund => ({
  refundId: id('R'),
  cause: 'BUYER',
  state,
  amount,
  worth: amount,
  reason: 'r',
  at: AT,
});
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

describe('a receipt', () => {
  it('adds up, whatever prices, fees and taxes: items and charges to the total, the total less refunds to the balance', () => {
    const price = fc.integer({ min: 0, max: 1_000_000 });
    const wish = fc.record({ price, quantity: fc.integer({ min: 1, max: 9 }), event: fc.constantFrom('E1', 'E2') });
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 5 }), fc.subarray(FEES), (wishes, charges) => {
        const { order, types } = bought(
          wishes.map(({ price: unitPrice, quantity, event }, index) => ({
            type: typeOf(event, `T${index}`, charges, unitPrice),
            quantity,
          })),
        );
        const all = planRefund(order, { cause: 'DISPUTE' }, () => 'VALID', AT);
        const back = all.ok ? Math.floor(all.value.amount / 3) : 0;
        const shown = receipt({ ...order, refunds: [refund(back, 'SUCCEEDED'), refund(1, 'FAILED')] }, types);
        const onTop = shown.charges.filter(({ included }) => !included).map(({ amount }) => amount.amount);
        expect(sum([...shown.items.map((item) => item.price.amount), ...onTop])).toBe(shown.total.amount);
        for (const item of shown.items) expect(item.unitPrice.amount * item.quantity).toBe(item.price.amount);
        expect(shown.total.amount - shown.refunded.amount).toBe(shown.balance.amount);
        // What failed is listed, and still owed.
        expect(shown.refunded.amount).toBe(back);
        expect(shown.total.amount).toBe(order.total);
      }),
    );
  });

  it('is there once something was paid, also by a free order', () => {
    const { order, types } = bought([{ type: typeOf('E1', 'Free', [], 0), quantity: 2 }]);
    expect(receipt(order, types)).toMatchObject({ payment: { method: 'NONE' }, total: { amount: 0 }, refunds: [] });
    // Of a type that is gone the receipt is there as well.
    expect(receipt(order, new Map())).toMatchObject({ sellers: [], items: [{ quantity: 2, ticketType: null }] });
    const { paidAt: _paid, ...unpaid } = order;
    expect(receiptOf({ ...unpaid, state: 'PENDING' }, types, NAMES)).toMatchObject({ error: { code: 'NOT_PAID' } });
    expect(receiptOf({ ...order, state: 'SECURED' }, types, NAMES)).toMatchObject({ error: { code: 'NOT_PAID' } });
  });

  it('is printed with every number, hostile names as mere text, on as many pages as it takes', async () => {
    const names = ['Stalls', '山田 🎸', 'שלום', '=HYPERLINK("x")\r\nBcc: a', 'x'.repeat(300)];
    const { order, types } = bought(names.map((name) => ({ type: typeOf('E1', name, FEES, 4_500), quantity: 2 })));
    const refunds = Array.from({ length: 40 }, () => refund(100, 'SUCCEEDED'));
    const shown = receipt({ ...order, refunds }, types);
    const pdf = await receiptPdf(shown, 'en');
    const text = await pdfText(pdf);
    for (const part of [
      'ON-7K3M-Q2XD',
      'Harbour Nights',
      'Stalls',
      '2 × 45.00 EUR',
      '90.00 EUR',
      'Handling',
      '山田',
      'By card',
    ])
      expect(text).toContain(part);
    expect(text).toContain(`${(shown.total.amount / 100).toFixed(2)} EUR`);
    expect(text).toContain(`${(shown.balance.amount / 100).toFixed(2)} EUR`);
    expect(text.match(/-1\.00 EUR/g)).toHaveLength(40);
    expect(await renderPdf(pdf, 30)).toHaveLength(3);
    expect(await receiptPdf(shown, 'en')).toEqual(pdf);
  });
});
