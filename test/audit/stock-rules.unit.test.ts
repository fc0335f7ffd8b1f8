import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { boundsOf, type AuditedOrder, type OrderStep } from '../../functions/audit/domain/stock-claims.ts';
import { claimFaults } from '../../functions/audit/domain/stock-rules.ts';
import type { OrderState } from '../../functions/orders/contract.ts';

const SCOPE = { poolIds: new Set(['pool']), ticketTypeIds: new Set(['type']) };
const WINDOW = { from: 1_000, to: 2_000 };

function order(
  state: OrderState,
  at: number,
  as: { quantity?: number; seats?: string[]; id?: string } = {},
): AuditedOrder {
  const { quantity = 1, seats, id = 'order' } = as;
  const take = { block: 0, quantity, ...(seats === undefined ? {} : { seats }) };
  const lines = [
    {
      id: '1',
      eventId: 'event',
      ticketTypeId: 'type',
      poolId: 'pool',
      quantity,
      unitPrice: 1,
      takes: [take],
      limited: true,
    },
  ];
  return { orderId: id, customerId: 'person', state, at, createdAt: 1, lines };
}

const out = (given: readonly AuditedOrder[], historyOf?: (of: AuditedOrder) => readonly OrderStep[]): unknown => {
  const { least, most } = boundsOf(given, WINDOW, SCOPE, historyOf);
  return [least.get('pool#B0') ?? 0, most.get('pool#B0') ?? 0];
};

describe('what orders had out while stock was looked at', () => {
  it('is certain of those that have not changed since, and either of those that have', () => {
    expect(out([order('HELD', 900)])).toEqual([1, 1]);
    expect(out([order('EXPIRED', 900)])).toEqual([0, 0]);
    for (const state of ['HELD', 'PAID', 'CANCELLED'] as const) expect(out([order(state, 1_500)])).toEqual([0, 1]);
    expect(out([{ ...order('HELD', 3_000), createdAt: 2_500 }]), 'made afterwards').toEqual([0, 0]);
  });

  it('is told by their steps, where those are known', () => {
    const now = order('CANCELLED', 5_000);
    const step = (state: OrderState, at: number): OrderStep => ({ ...order(state, at), state, at });
    expect(out([now], () => [step('HELD', 500), step('CANCELLED', 5_000)])).toEqual([1, 1]);
    expect(out([now], () => [step('HELD', 500), step('CANCELLED', 1_500)])).toEqual([0, 1]);
    expect(out([now], () => [step('HELD', 500), step('CANCELLED', 900), step('CANCELLED', 5_000)])).toEqual([0, 0]);
    expect(
      out([now], () => [step('HELD', 1_200), step('CANCELLED', 5_000)]),
      'made meanwhile',
    ).toEqual([0, 1]);
  });

  it('counts a hold that a log-in took over for the session before, and for the person after', () => {
    const now = { ...order('HELD', 1_500), customerId: 'person' };
    const steps = [
      { ...order('HELD', 500), customerId: 'guest' },
      { ...now, at: 1_500 },
    ];
    const { least, most } = boundsOf([now], WINDOW, SCOPE, () => steps);
    const counted = (name: string): readonly unknown[] => [least.get(name) ?? 0, most.get(name) ?? 0];
    // Either of them had it at the moment that its counter was looked at; its tickets were out all the time.
    expect([counted('type#guest'), counted('type#person'), counted('pool#B0')]).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
  });

  it('holds whatever the truth was: no order that was listed makes a fault of what is right', () => {
    const state = fc.constantFrom<OrderState>('HELD', 'PENDING', 'PAID', 'EXPIRED', 'CANCELLED');
    const life = fc.record({
      first: fc.integer({ min: 1, max: 3_000 }),
      later: fc.option(fc.integer({ min: 1, max: 3_000 })),
      state,
    });
    fc.assert(
      fc.property(fc.array(life), fc.integer({ min: WINDOW.from, max: WINDOW.to }), (lives, moment) => {
        let truth = 0;
        const orders = lives.map(({ first, later, state: last }, index): AuditedOrder => {
          const changed = later === null || later <= first ? undefined : later;
          const has = ['HELD', 'PENDING', 'PAID'].includes(last);
          if (first <= moment && (changed === undefined || moment < changed || has)) truth += 1;
          const now = changed === undefined ? order('HELD', first) : order(last, changed);
          return { ...now, orderId: String(index), createdAt: first };
        });
        const bounds = boundsOf(orders, WINDOW, SCOPE);
        const block = { name: 'pool#B0', size: 1_000, free: 1_000 - truth, blocked: 0, seats: new Set<string>() };
        expect(claimFaults([block], new Map(), bounds, WINDOW)).toEqual({ differences: [], suspects: [] });
      }),
    );
  });
});

describe('seats', () => {
  const block = { name: 'pool#B0', size: 2, free: 1, blocked: 0, seats: new Set(['A2']) };
  const named = (orders: readonly AuditedOrder[], seats = block.seats): unknown =>
    claimFaults([{ ...block, seats }], new Map(), boundsOf(orders, WINDOW, SCOPE), WINDOW).differences.map(
      ({ name, id }) => `${name} ${id}`,
    );

  it('that two orders have, or that are free and somebody’s, are named', () => {
    expect(named([order('PAID', 1, { seats: ['A1'] })])).toEqual([]);
    expect(named([order('PAID', 1, { seats: ['A2'] })])).toEqual(['SEAT_TAKEN_AND_FREE pool#B0 A2']);
    const both = [order('PAID', 1, { seats: ['A1'], id: 'one' }), order('HELD', 1, { seats: ['A1'], id: 'other' })];
    expect(named(both)).toContain('SEAT_SOLD_TWICE pool#B0 A1');
  });

  it('that have just changed hands are not', () => {
    expect(
      named([
        order('EXPIRED', 1_500, { seats: ['A1'], id: 'one' }),
        order('HELD', 1_600, { seats: ['A1'], id: 'other' }),
      ]),
    ).toEqual([]);
  });
});
