import { describe, expect, it } from 'vitest';

import { pageOf, placeMail, placeScan, placeSteps, type Step } from '../../functions/orders/domain/timeline.ts';

const AT = Date.parse('2027-03-01T12:00:00Z');
const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const step = (ver: number, ev: string, set: Step['set'] = {}, at = AT + ver * 1_000): Step => ({ ver, ev, at, set });
const refund = (state: string, amount = 500) => ({
  refundId: ID,
  cause: 'BUYER',
  state,
  amount,
  worth: 500,
  reason: 'r',
  at: AT,
});
const mail = (second: number, id = 'm1') =>
  placeMail({
    id,
    template: 'tickets',
    channel: 'email',
    status: 'DELIVERED',
    attempts: 1,
    possibleDuplicate: false,
    createdAt: new Date(AT + second * 1_000).toISOString(),
    sentAt: null,
    deliveredAt: null,
    retryAt: null,
  });

const LIFE = [
  step(1, 'reservations.TicketsHeld.v1', { state: 'HELD', total: 9_000, currency: 'EUR' }),
  step(2, 'orders.OrderCreated.v1', { state: 'PENDING' }),
  step(3, 'orders.PaymentDeclined.v1', { lastError: 'card_declined' }),
  step(4, 'orders.OrderSecured.v1', { state: 'SECURED' }),
  step(5, 'orders.OrderPaid.v1', { state: 'PAID' }),
  step(6, 'orders.OrderRefunded.v1', { state: 'PARTIALLY_REFUNDED', refunds: [refund('DUE')] }),
  step(7, 'orders.RefundSettled.v1', { refunds: [refund('SUCCEEDED')] }),
  step(8, 'orders.TicketsRestocked.v1', { lines: [] }),
];

describe('the timeline of an order', () => {
  it('tells each step with the money that it moved, and why a card was refused', () => {
    const items = placeSteps(LIFE).map(({ item }) => item);
    expect(items.map((item) => item.kind === 'STEP' && [item.status, item.reason, item.movements])).toEqual([
      ['HELD', undefined, []],
      ['PENDING', undefined, []],
      ['PENDING', 'card_declined', []],
      ['PENDING', undefined, []],
      ['PAID', undefined, [{ kind: 'PAYMENT', amount: 9_000, currency: 'EUR' }]],
      [
        'PARTIALLY_REFUNDED',
        undefined,
        [{ kind: 'REFUND', amount: 500, currency: 'EUR', refundId: ID, status: 'DUE' }],
      ],
      [
        'PARTIALLY_REFUNDED',
        undefined,
        [{ kind: 'REFUND', amount: 500, currency: 'EUR', refundId: ID, status: 'SUCCEEDED' }],
      ],
      ['PARTIALLY_REFUNDED', undefined, []],
    ]);
  });

  it('moves no money of what was free, and tells what went back of an order that came to nothing', () => {
    const free = [
      step(1, 'reservations.TicketsHeld.v1', { total: 0, currency: 'EUR' }),
      step(2, 'orders.OrderPaid.v1'),
    ];
    const late = [
      step(1, 'reservations.TicketsHeld.v1', { total: 700, currency: 'EUR' }),
      step(2, 'orders.LatePaymentReturned.v1'),
    ];
    const moved = (steps: readonly Step[]) =>
      placeSteps(steps).flatMap(({ item }) => (item.kind === 'STEP' ? item.movements : []));
    expect(moved(free)).toEqual([]);
    expect(moved(late)).toEqual([{ kind: 'RETURN', amount: 700, currency: 'EUR' }]);
  });

  it('keeps the order of the versions where a clock was behind, and puts mails and scans between by time', () => {
    const steps = [step(1, 'a', {}, AT), step(2, 'b', {}, AT + 9_000), step(3, 'c', {}, AT + 4_000)];
    const scan = placeScan(new Date(AT + 9_000).toISOString(), {
      id: ID,
      ticketId: ID,
      eventId: ID,
      result: 'ADMIT',
      gate: null,
    });
    const { items } = pageOf([scan, mail(9), mail(5, 'm0'), ...placeSteps(steps)], 10, undefined);
    expect(items.map((item) => (item.kind === 'STEP' ? item.event : item.kind))).toEqual([
      'a',
      'MAIL',
      'b',
      'c',
      'MAIL',
      'SCAN',
    ]);
  });

  it('is the same in pages of any size, also while it grows and a mail arrives', () => {
    const all = [...placeSteps(LIFE), mail(5), mail(5, 'm2')];
    for (const limit of [1, 2, 3, 10, 11]) {
      const seen = [];
      let next: string | undefined;
      let grown = all;
      do {
        const page = pageOf(grown, limit, next);
        seen.push(...page.items);
        ({ next } = page);
        grown = [...all, mail(60, 'later')];
      } while (next !== undefined);
      expect(seen.slice(0, all.length)).toEqual(pageOf(all, 100, undefined).items);
    }
  });
});
