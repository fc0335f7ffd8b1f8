import { describe, expect, it } from 'vitest';

import { orderState, type OrderState } from '../../functions/orders/contract.ts';
import { hasEdge, HOLDS_STOCK, mayBecome, ORDER_TRANSITIONS } from '../../functions/orders/domain/lifecycle.ts';
import { move, parseOrder, type Order } from '../../functions/orders/domain/order.ts';
import { decidePurchase } from '../../functions/orders/domain/purchase.ts';
import {
  adoptPaymentIntent,
  cancelUnpaid,
  confirmPaid,
  failSecured,
  lapse,
  markReturnDue,
  markTicketsIssued,
  orderReservation,
  payFreeOrder,
  recordDecline,
  recordPaymentFailed,
  recordReturned,
  reopen,
  secureAgain,
  secureHeld,
  takeOverRun,
} from '../../functions/orders/writes.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const STATES = orderState.options;

function order(as: Partial<Order> = {}): Order {
  const row = {
    pk: 'ORDER#01ARZ3NDEKTSV4RRFFQ69G5FAV',
    sk: 'ORDER',
    orderId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    customerId: 'c',
    state: 'HELD',
    number: 'ON-1',
    currency: 'EUR',
    total: 4_500,
    lines: [
      {
        id: '1',
        eventId: 'e',
        ticketTypeId: 't',
        poolId: 'p',
        quantity: 1,
        unitPrice: 4_500,
        takes: [{ block: 0, quantity: 1 }],
      },
    ],
    createdAt: NOW,
    expiresAt: NOW + 600_000,
    ver: 1,
    ev: 'reservations.TicketsHeld.v1',
    at: NOW,
    cid: 'c',
    by: 'system',
    ch: 'h',
  };
  return parseOrder({ ...row, ...as });
}

const occasion = { now: NOW, correlationId: 'test', by: 'system' };
const otherwise = (): string => 'MOVED_ON';

/** Every write there is on an order, and the states that it is for. */
const WRITES: Readonly<Record<string, (from: Order) => Order>> = {
  orderReservation: (from) => orderReservation(from, 'pi_1', occasion, otherwise).order,
  payFreeOrder: (from) => payFreeOrder(from, occasion, otherwise).order,
  adoptPaymentIntent: (from) => adoptPaymentIntent(from, 'pi_1', occasion, otherwise).order,
  secureHeld: (from) => secureHeld(from, 'run', occasion, otherwise).order,
  takeOverRun: (from) => takeOverRun(from, 'run', occasion, otherwise).order,
  secureAgain: (from) => secureAgain(from, from.lines, new Map(), 'run', occasion, otherwise, otherwise).order,
  confirmPaid: (from) => confirmPaid(from, 'run', occasion, otherwise).order,
  reopen: (from) => reopen(from, 'run', 'declined', occasion, otherwise).order,
  recordDecline: (from) => recordDecline(from, 'declined', occasion, otherwise).order,
  failSecured: (from) => failSecured(from, 'run', 'refused', 'RETURN_DUE', occasion, otherwise).order,
  markReturnDue: (from) => markReturnDue(from, 'SOLD_OUT', occasion, otherwise).order,
  recordPaymentFailed: (from) => recordPaymentFailed(from, occasion, otherwise).order,
  recordReturned: (from) => recordReturned(from, true, occasion, otherwise).order,
  cancelUnpaid: (from) => cancelUnpaid(from, occasion, otherwise).order,
  lapse: (from) => lapse(from, occasion, otherwise).order,
  markTicketsIssued: (from) => markTicketsIssued(from, occasion, otherwise).order,
};

/** What `write` makes, or undefined where the graph has no such edge. Any other error is one. */
function unlessRefused(write: () => Order): Order | undefined {
  try {
    return write();
  } catch (error) {
    if (String(error).includes('An order cannot go from')) return undefined;
    throw error;
  }
}

/** The graph as the design states it; the code's must be this one. */
const DESIGN: Readonly<Record<OrderState, readonly OrderState[]>> = {
  HELD: ['PENDING', 'PAID', 'EXPIRED', 'FAILED', 'CANCELLED'],
  PENDING: ['SECURED', 'EXPIRED', 'FAILED', 'CANCELLED'],
  SECURED: ['PAID', 'PENDING', 'FAILED'],
  PAID: ['PARTIALLY_REFUNDED', 'REFUNDED', 'CANCELLED'],
  PARTIALLY_REFUNDED: ['REFUNDED', 'CANCELLED'],
  REFUNDED: [],
  EXPIRED: ['SECURED'],
  FAILED: ['SECURED'],
  CANCELLED: [],
};

describe('the graph of an order', () => {
  it('is the declared one', () => {
    expect(ORDER_TRANSITIONS).toEqual(DESIGN);
    expect(HOLDS_STOCK).toEqual(['HELD', 'PENDING', 'SECURED', 'PAID', 'PARTIALLY_REFUNDED']);
  });

  it.each(Object.entries(WRITES))(
    '%s only takes declared edges, adds one to the version, and refuses every other state',
    (_name, write) => {
      const moved = STATES.flatMap((state) => {
        const from = order({ state });
        const to = unlessRefused(() => write(from));
        return to === undefined ? [] : [{ from, to }];
      });
      expect(moved.length).toBeGreaterThan(0);
      for (const { from, to } of moved) {
        expect(mayBecome(from.state, to.state)).toBe(true);
        expect(to.ver).toBe(2);
        expect(to.ch).not.toBe(from.ch);
      }
    },
  );

  it('no edge that is not declared can be moved along', () => {
    for (const from of STATES) {
      for (const to of STATES.filter((state) => !hasEdge(from, state))) {
        expect(() =>
          move(order({ state: from }), to, {}, { ...occasion, event: 'orders.OrderPaid.v1' }, otherwise),
        ).toThrow('An order cannot go');
      }
    }
  });

  it('an order that gives its stock back has none, and one without stock gives none back', () => {
    for (const state of STATES) {
      if (HOLDS_STOCK.includes(state)) continue;
      expect(() => cancelUnpaid(order({ state }), occasion, otherwise)).toThrow('An order cannot go');
      expect(() => lapse(order({ state }), occasion, otherwise)).toThrow('An order cannot go');
      expect(() => failSecured(order({ state }), 'run', 'refused', undefined, occasion, otherwise)).toThrow(
        'An order cannot go',
      );
    }
  });

  it('a lapse after a decline is FAILED, otherwise EXPIRED', () => {
    expect(lapse(order({ state: 'PENDING' }), occasion, otherwise).order.state).toBe('EXPIRED');
    expect(lapse(order({ state: 'PENDING', lastError: 'card_declined' }), occasion, otherwise).order.state).toBe(
      'FAILED',
    );
  });
});

describe('every change that uses a hold is conditioned on its clock in the same write', () => {
  const stands = { op: '>', path: 'expiresAt', value: NOW };
  it.each([
    ['orderReservation', orderReservation(order(), 'pi_1', occasion, otherwise).write, stands],
    ['payFreeOrder', payFreeOrder(order(), occasion, otherwise).write, stands],
    ['secureHeld', secureHeld(order({ state: 'PENDING' }), 'run', occasion, otherwise).write, stands],
    ['reopen', reopen(order({ state: 'SECURED' }), 'run', 'declined', occasion, otherwise).write, stands],
    ['lapse', lapse(order(), occasion, otherwise).write, { op: '<=', path: 'expiresAt', value: NOW }],
    [
      'takeOverRun',
      takeOverRun(order({ state: 'SECURED' }), 'run', occasion, otherwise).write,
      { op: '<=', path: 'leaseUntil', value: NOW },
    ],
  ] as const)('%s', (_name, write, guard) => {
    expect(write.when).toEqual({ op: 'and', of: [{ op: '=', path: 'ver', value: 1 }, guard] });
  });
});

describe('what a purchase run may do', () => {
  const LEASES = {
    none: {},
    own: { run: 'me', leaseUntil: NOW + 1 },
    alive: { run: 'other', leaseUntil: NOW + 1 },
    over: { run: 'other', leaseUntil: NOW },
  };
  const HOLDS = { stands: NOW + 1, lapsed: NOW };
  const INTENTS = { none: {}, some: { paymentIntentId: 'pi_1' } };
  const SETTLEMENTS = {
    none: {},
    due: { settlement: 'RETURN_DUE' as const },
    returned: { settlement: 'RETURNED' as const },
  };

  it('decides every state × hold × lease × intent × settlement as the table says', () => {
    const decided: Record<string, number> = {};
    for (const state of STATES)
      for (const [hold, expiresAt] of Object.entries(HOLDS))
        for (const [lease, owner] of Object.entries(LEASES))
          for (const [intent, payment] of Object.entries(INTENTS))
            for (const [settled, settlement] of Object.entries(SETTLEMENTS)) {
              const found = decidePurchase(
                order({ state, expiresAt, ...owner, ...payment, ...settlement }),
                'me',
                NOW,
              ).kind;
              expect({ state, hold, lease, intent, settled, found }).toEqual({
                state,
                hold,
                lease,
                intent,
                settled,
                found: expected(state, hold, lease, intent, settled),
              });
              decided[found] = (decided[found] ?? 0) + 1;
            }
    expect(Object.keys(decided).toSorted()).toEqual([
      'BUSY',
      'DECIDED',
      'LAPSE_THEN_RETAKE',
      'RESUME',
      'RETAKE',
      'RETURN_PAYMENT',
      'SECURE_HELD',
    ]);
  });

  it('a paid order is never given back, and one whose money is due back is never captured', () => {
    expect(decidePurchase(order({ state: 'CANCELLED', paymentIntentId: 'pi_1', paidAt: NOW }), 'me', NOW).kind).toBe(
      'DECIDED',
    );
    for (const state of STATES)
      expect(decidePurchase(order({ state, settlement: 'RETURN_DUE' }), 'me', NOW).kind).toBe('RETURN_PAYMENT');
  });

  function expected(state: OrderState, hold: string, lease: string, intent: string, settled: string): string {
    if (settled === 'due') return 'RETURN_PAYMENT';
    if (settled === 'returned' || ['HELD', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'].includes(state)) return 'DECIDED';
    if (state === 'PENDING') return hold === 'stands' ? 'SECURE_HELD' : 'LAPSE_THEN_RETAKE';
    if (state === 'SECURED') return lease === 'alive' ? 'BUSY' : 'RESUME';
    if (intent === 'none') return 'DECIDED';
    return state === 'CANCELLED' ? 'RETURN_PAYMENT' : 'RETAKE';
  }
});
