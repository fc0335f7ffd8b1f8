import { describe, expect, it } from 'vitest';

import { takesAt, stillOut } from '../../functions/orders/contract.ts';
import { parseOrder, type Order } from '../../functions/orders/domain/order.ts';
import { planRefund, type RefundWish } from '../../functions/orders/domain/refund.ts';
import type { TakeBackTerms } from '../../functions/orders/domain/take-back.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';

const NOW = Date.parse('2027-03-01T12:00:00Z');
type Line = Order['lines'][number];

function line(as: Partial<Line> = {}): Line {
  const quantity = as.quantity ?? 2;
  return {
    id: '1',
    eventId: 'E1',
    ticketTypeId: 'T1',
    poolId: 'P1',
    quantity,
    unitPrice: 4_500,
    takes: [{ block: 0, quantity }],
    ...as,
  };
}

function order(as: Partial<Order> = {}, lines: Line[] = [line()]): Order {
  const total = lines.reduce((sum, { unitPrice, extra = 0, quantity }) => sum + (unitPrice + extra) * quantity, 0);
  return parseOrder({
    pk: 'ORDER#O',
    sk: 'ORDER',
    orderId: 'O',
    customerId: 'C',
    state: 'PAID',
    number: 'ON-1',
    lines,
    currency: 'EUR',
    total,
    createdAt: NOW,
    expiresAt: NOW,
    paidAt: NOW,
    paymentIntentId: 'pi_1',
    ver: 3,
    ev: 'orders.OrderPaid.v1',
    at: NOW,
    cid: 'c',
    by: 'b',
    ch: 'h',
    ...as,
  });
}

const VALID = (): 'VALID' => 'VALID';
const STARTS = NOW + 100 * HOUR;
function terms(policy: TakeBackTerms['policy'], startsAt = STARTS): ReadonlyMap<string, TakeBackTerms> {
  return new Map(['E1', 'E2'].map((id) => [id, { startsAt, policy }]));
}
function buyer(policy: TakeBackTerms['policy'], lines?: { orderItemId: string; quantity: number }[]): RefundWish {
  return { cause: 'BUYER', lines, terms: terms(policy) };
}
const staff = (amount: number, within = ['1']): RefundWish => ({ cause: 'SUPPORT', amount, within });
const taken = (quantity: number, orderItemId = '1', within = ['1', '2']): RefundWish => ({
  cause: 'ORGANIZER',
  lines: [{ orderItemId, quantity }],
  within,
});
function plan(from: Order, wish: RefundWish, use: Parameters<typeof planRefund>[2] = VALID, now = NOW) {
  const planned = planRefund(from, wish, use, now);
  return planned.ok ? planned.value : planned.error.code;
}

describe('what a buyer gets back', () => {
  it('is the price, until the window closes to the millisecond', () => {
    const policy = { windowHours: 48 };
    const last = STARTS - 48 * HOUR;
    expect(plan(order(), buyer(policy), VALID, last)).toMatchObject({
      amount: 9_000,
      worth: 9_000,
      state: 'CANCELLED',
    });
    expect(plan(order(), buyer(policy), VALID, last + 1)).toBe('OUTSIDE_CANCELLATION_WINDOW');
  });

  it('is all of it, fees of the order included, while an event that was moved since may be opted out of', () => {
    const fee = { name: 'f', kind: 'FEE' as const, per: 'ORDER' as const, amount: 250 };
    const lines = [line({ extra: 300, back: 4_500, policy: { windowHours: 900 } })];
    const moved = order({ charges: [fee], total: 9_850 }, lines);
    const until = NOW + HOUR;
    const optOut = (heldBefore: number): RefundWish => {
      const terms = { startsAt: STARTS, policy: undefined, optOutHeldBefore: heldBefore, optOutUntil: until };
      return { cause: 'BUYER', lines: undefined, terms: new Map([['E1', terms]]) };
    };
    const whole = { amount: 9_850, worth: 9_850, state: 'CANCELLED', optedOut: ['T1'] };
    expect(plan(moved, optOut(NOW + 1))).toMatchObject(whole);
    expect(plan(moved, optOut(NOW + 1), VALID, until - 1)).toMatchObject(whole);
    expect(plan(moved, optOut(NOW + 1), VALID, until), 'its end').toBe('OUTSIDE_CANCELLATION_WINDOW');
    expect(plan(moved, optOut(NOW)), 'held after the move').toBe('OUTSIDE_CANCELLATION_WINDOW');
    expect(
      plan(moved, optOut(NOW + 1), () => 'USED'),
      'used',
    ).toBe('TICKET_NOT_VALID');
  });

  it('is all of the lines of the event that moved, and of others what their terms say', () => {
    const both = order({}, [line(), line({ id: '2', eventId: 'E2', policy: { windowHours: 1, feeAmount: 500 } })]);
    const terms = new Map<string, TakeBackTerms>([
      ['E1', { startsAt: STARTS, policy: undefined, optOutHeldBefore: NOW + 1, optOutUntil: NOW + 1 }],
      ['E2', { startsAt: STARTS, policy: undefined }],
    ]);
    expect(plan(both, { cause: 'BUYER', lines: undefined, terms })).toMatchObject({
      lines: [{ amount: 9_000 }, { amount: 8_000 }],
      optedOut: ['T1'],
    });
  });

  it('is nothing at all where the organizer has no policy', () => {
    expect(plan(order(), buyer(undefined))).toBe('OUTSIDE_CANCELLATION_WINDOW');
  });

  it.each([
    ['tightened since', { windowHours: 24, feePercent: 10 }, { windowHours: 400, feePercent: 90 }, 8_100],
    ['taken away since', { windowHours: 24, feePercent: 10 }, undefined, 8_100],
    ['eased since', { windowHours: 400, feePercent: 90 }, { windowHours: 24, feePercent: 10 }, 8_100],
    [
      'longer and dearer since, while both windows are open',
      { windowHours: 24 },
      { windowHours: 1, feeAmount: 50 },
      9_000,
    ],
    [
      'longer and dearer since, when only the later window is',
      { windowHours: 400 },
      { windowHours: 1, feeAmount: 50 },
      8_900,
    ],
    ['promised and now closed', { windowHours: 400 }, { windowHours: 400 }, 'OUTSIDE_CANCELLATION_WINDOW'],
    ['none at the purchase, and one since', undefined, { windowHours: 24, feePercent: 10 }, 8_100],
  ])('is judged by what was promised when it was held, or what is better: %s', (_what, policy, now, outcome) => {
    const promised = order({}, [line(policy === undefined ? {} : { policy })]);
    const planned = plan(promised, buyer(now));
    expect(typeof planned === 'string' ? planned : planned.amount).toBe(outcome);
  });

  it('was promised for each event; its first line keeps it for all of them', () => {
    const lines = [
      line({ policy: { windowHours: 24 } }),
      line({ id: '2', quantity: 1 }),
      line({ id: '3', quantity: 1, eventId: 'E2', policy: { windowHours: 24, feeAmount: 500 } }),
    ];
    expect(plan(order({}, lines), buyer(undefined))).toMatchObject({
      lines: [{ amount: 9_000 }, { amount: 4_500 }, { amount: 4_000 }],
    });
    const strict = [line(), line({ id: '2', eventId: 'E2', policy: { windowHours: 24 } })];
    expect(plan(order({}, strict), buyer(undefined))).toBe('OUTSIDE_CANCELLATION_WINDOW');
  });

  it.each([
    ['a fixed fee for each ticket', { windowHours: 1, feeAmount: 500 }, 8_000],
    ['a share of the price, halves to the even unit', { windowHours: 1, feePercent: 12.5 }, 9_000 - 2 * 562],
    ['a fee above the price leaves nothing, and never less', { windowHours: 1, feeAmount: 9_999 }, 0],
  ])('bears %s', (_what, policy, amount) => {
    expect(plan(order(), buyer(policy))).toMatchObject({ amount, worth: 9_000 });
  });

  it('leaves out fees that are kept, and bears the policy fee on top of that', () => {
    const fees = order({}, [line({ extra: 300, back: 4_500 })]);
    expect(plan(fees, buyer({ windowHours: 1, feeAmount: 100 }))).toMatchObject({ amount: 8_800, worth: 9_600 });
  });

  it('pays what can be paid in a currency of three decimals', () => {
    const dinars = order({ currency: 'KWD' }, [line({ unitPrice: 4_510 })]);
    const planned = plan(dinars, buyer({ windowHours: 1, feeAmount: 5, feePercent: 3.33 }));
    expect(planned).toMatchObject({ amount: 2 * (4_510 - 10 - 150) });
  });

  it('is partial by line; the last ticket cancels the order', () => {
    const policy = { windowHours: 1 };
    const first = plan(order(), buyer(policy, [{ orderItemId: '1', quantity: 1 }]));
    expect(first).toMatchObject({ amount: 4_500, state: 'PARTIALLY_REFUNDED', lines: [{ id: '1', places: [1] }] });
    const rest = order({ state: 'PARTIALLY_REFUNDED', refundedAmount: 4_500 }, [
      line({ refunded: [1], restocked: 1, refundedAmount: 4_500 }),
    ]);
    expect(plan(rest, buyer(policy, [{ orderItemId: '1', quantity: 1 }]))).toMatchObject({
      amount: 4_500,
      state: 'CANCELLED',
      lines: [{ places: [0] }],
    });
    expect(plan(rest, buyer(policy, [{ orderItemId: '1', quantity: 2 }]))).toBe('NOT_ENOUGH_FUNDS');
  });

  it('is nothing for a ticket that has let somebody in', () => {
    const used = (_line: string, place: number): 'USED' | 'VALID' => (place === 1 ? 'USED' : 'VALID');
    expect(plan(order(), buyer({ windowHours: 1 }), used)).toBe('TICKET_NOT_VALID');
    expect(plan(order(), buyer({ windowHours: 1 }, [{ orderItemId: '1', quantity: 1 }]), used)).toMatchObject({
      lines: [{ places: [0] }],
    });
  });

  it.each([
    ['an item twice', [1, 1], 'INVALID_INPUT'],
    ['an item that is not there', [7], 'ORDER_ITEM_NOT_FOUND'],
  ])('refuses %s', (_what, ids, code) => {
    const lines = ids.map((id) => ({ orderItemId: String(id), quantity: 1 }));
    expect(plan(order(), buyer({ windowHours: 1 }, lines))).toBe(code);
  });

  it('fees of the whole order go with its last ticket where they are given back, and are kept where not', () => {
    const fee = (refundable: boolean) => ({
      name: 'f',
      kind: 'FEE' as const,
      per: 'ORDER' as const,
      amount: 200,
      refundable,
    });
    const with200 = (refundable: boolean): Order => order({ total: 9_200, charges: [fee(refundable)] });
    expect(plan(with200(true), buyer({ windowHours: 1 }))).toMatchObject({ amount: 9_200, worth: 9_200 });
    expect(plan(with200(false), buyer({ windowHours: 1 }))).toMatchObject({ amount: 9_000, worth: 9_200 });
    expect(plan(with200(true), buyer({ windowHours: 1 }, [{ orderItemId: '1', quantity: 1 }]))).toMatchObject({
      amount: 4_500,
      worth: 4_500,
    });
    expect(plan(with200(false), taken(2))).toMatchObject({ amount: 9_200 });
  });
});

describe('what staff give back', () => {
  it('is the whole price of tickets, unused ones first', () => {
    const used = (_line: string, place: number): 'USED' | 'VALID' => (place === 1 ? 'USED' : 'VALID');
    expect(plan(order(), taken(1), used)).toMatchObject({ amount: 4_500, lines: [{ places: [0] }] });
    expect(plan(order(), taken(2), used)).toMatchObject({ amount: 9_000, state: 'REFUNDED' });
  });

  it('is an amount that leaves tickets be, unless it is the last of the money', () => {
    expect(plan(order(), staff(1_000))).toMatchObject({ amount: 1_000, worth: 0, state: 'PARTIALLY_REFUNDED' });
    expect(plan(order(), staff(9_000))).toMatchObject({ worth: 9_000, state: 'REFUNDED', lines: [{ places: [0, 1] }] });
    expect(plan(order(), staff(9_001))).toBe('NOT_ENOUGH_FUNDS');
  });

  it('never exceeds what is left of a line, whatever went back before (catalogue 38)', () => {
    const goodwill = order({ state: 'PARTIALLY_REFUNDED', refundedAmount: 1_000 }, [line({ refundedAmount: 1_000 })]);
    expect(plan(goodwill, taken(2))).toMatchObject({ amount: 8_000, worth: 9_000 });
    expect(plan(goodwill, staff(8_001))).toBe('NOT_ENOUGH_FUNDS');
  });

  it('may be what was kept, of an order that the buyer had cancelled; the order stays so', () => {
    const kept = order({ state: 'CANCELLED', refundedAmount: 8_000 }, [
      line({ refunded: [1, 0], restocked: 2, refundedAmount: 8_000 }),
    ]);
    expect(plan(kept, staff(1_000))).toMatchObject({ amount: 1_000, worth: 0, state: 'CANCELLED' });
    expect(plan(kept, taken(1))).toBe('ALREADY_REFUNDED');
  });

  it('is only of the lines within reach', () => {
    const two = order({}, [line(), line({ id: '2', eventId: 'E2' })]);
    expect(plan(two, taken(1, '2', ['1']))).toBe('ORDER_ITEM_NOT_FOUND');
    expect(plan(two, staff(9_001, ['1']))).toBe('NOT_ENOUGH_FUNDS');
    expect(plan(two, staff(9_000, ['1']))).toMatchObject({ state: 'PARTIALLY_REFUNDED', lines: [{ id: '1' }] });
  });
});

describe('what nobody gets back', () => {
  it.each(['HELD', 'PENDING', 'EXPIRED', 'FAILED', 'CANCELLED'] as const)(
    'anything of an unpaid order: %s',
    (state) => {
      expect(plan(order({ state, paidAt: undefined }), staff(1))).toBe('NOT_PAID');
      expect(plan(order({ state, paidAt: undefined }), buyer({ windowHours: 1 }))).toBe('NOT_PAID');
    },
  );

  it('anything while the bank decides, but with the event', () => {
    const dispute = { disputeId: 'dp_1', status: 'needs_response', amount: 9_000, at: NOW };
    expect(plan(order({ dispute }), staff(1))).toBe('ORDER_DISPUTED');
    expect(plan(order({ dispute: { ...dispute, status: 'won' } }), staff(1))).toMatchObject({ amount: 1 });
    expect(plan(order({ dispute }), { cause: 'EVENT_CANCELLED', eventId: 'E1' })).toMatchObject({ amount: 9_000 });
  });
});

describe('an event that is cancelled', () => {
  it('takes its own lines and no other', () => {
    const two = order({}, [line(), line({ id: '2', eventId: 'E2', unitPrice: 1_000 })]);
    expect(plan(two, { cause: 'EVENT_CANCELLED', eventId: 'E2' })).toMatchObject({
      amount: 2_000,
      state: 'PARTIALLY_REFUNDED',
      lines: [{ id: '2', places: [1, 0] }],
    });
  });
});

describe('the sum of any refunds', () => {
  it('is never more than was paid, nor than a line had cost, and ends as an exact split', () => {
    // Every way to refund three times out of a set of wishes, applied by hand as the writes do.
    const wishes = [taken(1), staff(700), staff(4_000), buyer({ windowHours: 1, feeAmount: 300 }), taken(2)];
    for (const a of wishes)
      for (const b of wishes)
        for (const c of wishes) {
          let current = order();
          let [given, worth] = [0, 0];
          for (const wish of [a, b, c]) {
            const planned = planRefund(current, wish, VALID, NOW);
            if (!planned.ok) continue;
            const { amount, lines, state } = planned.value;
            given += amount;
            worth += planned.value.worth;
            const [part] = lines;
            const [own] = current.lines;
            if (own === undefined) throw new Error('no line');
            current = order({ state, refundedAmount: given }, [
              {
                ...own,
                refunded: [...(own.refunded ?? []), ...(part?.places ?? [])],
                refundedAmount: (own.refundedAmount ?? 0) + (part?.amount ?? 0),
              },
            ]);
          }
          const [own] = current.lines;
          expect(given).toBeLessThanOrEqual(9_000);
          expect(own?.refundedAmount ?? 0).toBeLessThanOrEqual(9_000);
          expect(new Set(own?.refunded).size).toBe(own?.refunded?.length ?? 0);
          expect(worth).toBe((own?.refunded?.length ?? 0) * 4_500);
        }
  });
});

describe('what of a line is still out', () => {
  it('is all but what is on sale again, block by block and seat by seat', () => {
    const takes = [
      { block: 3, quantity: 2, seats: ['a', 'b'] },
      { block: 7, quantity: 1, seats: ['c'] },
    ];
    const some = { takes, quantity: 3, refunded: [2, 0], restocked: 1 };
    expect(stillOut(some)).toEqual({ quantity: 2, takes: [takes[0]] });
    expect(stillOut({ ...some, restocked: 2 })).toEqual({
      quantity: 1,
      takes: [{ block: 3, quantity: 1, seats: ['b'] }],
    });
    expect(takesAt(takes, (place) => place === 2)).toEqual([takes[1]]);
    expect(stillOut({ takes, quantity: 3 })).toEqual({ takes, quantity: 3 });
  });
});
