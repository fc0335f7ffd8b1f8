import { describe, expect, it } from 'vitest';

import { seatMarksOf } from '../../functions/outbox/domain/seat-marks.ts';
import type { Change } from '../../functions/outbox/domain/relay.ts';

const ORDER_ID = '01J00000000000000SEATORDER';
const MARK = { ver: 2, ev: 'orders.OrderPaid.v1', at: 1, cid: 'c', by: 'system', ch: 'h' };

type State = 'HELD' | 'PAID' | 'PARTIALLY_REFUNDED' | 'CANCELLED';
const row = (state: State, seats: readonly string[], orderId = ORDER_ID): Change['after'] => ({
  pk: `ORDER#${orderId}`,
  sk: 'ORDER',
  ...MARK,
  orderId,
  state,
  lines: [
    {
      id: '1',
      eventId: 'E',
      ticketTypeId: 'T',
      poolId: 'P',
      quantity: seats.length,
      unitPrice: 1,
      takes: [{ block: 0, quantity: seats.length, seats: [...seats] }],
    },
  ],
});
const change = (before: Change['after'] | undefined, after: Change['after']): Change => ({ before, after });
const told = (changes: readonly Change[]): unknown =>
  seatMarksOf(changes).map(({ eventId, rowId, kind, marks }) => [eventId, rowId, kind, [...marks]]);

describe('seats on a map', () => {
  it('are sold once their order is paid, row by row, and not before', () => {
    const held = row('HELD', ['3f-1', '3f-2', '4-9']);
    expect(told([change(undefined, held)])).toEqual([]);
    expect(told([change(held, row('PAID', ['3f-1', '3f-2', '4-9']))])).toEqual([
      ['E', '3f', 'sold', ['3f-1@0SEATORDER', '3f-2@0SEATORDER']],
      ['E', '4', 'sold', ['4-9@0SEATORDER']],
    ]);
    const paid = row('PAID', ['3f-1']);
    expect(told([change(paid, { ...paid, ver: 3 })]), 'nothing new').toEqual([]);
  });

  it('are not sold any more once they are given back, all or some; of one batch the last word counts', () => {
    const paid = row('PAID', ['3f-1', '3f-2']);
    const cancelled = row('CANCELLED', ['3f-1', '3f-2']);
    expect(told([change(paid, cancelled)])).toEqual([['E', '3f', 'undone', ['3f-1@0SEATORDER', '3f-2@0SEATORDER']]]);
    expect(told([change(paid, row('PARTIALLY_REFUNDED', ['3f-2']))])).toEqual([
      ['E', '3f', 'undone', ['3f-1@0SEATORDER']],
    ]);
    expect(
      told([change(row('HELD', ['3f-1']), row('PAID', ['3f-1'])), change(row('PAID', ['3f-1']), cancelled)]),
    ).toEqual([['E', '3f', 'undone', ['3f-1@0SEATORDER']]]);
  });

  it('of orders without seats, and of other rows, are none', () => {
    const standing = row('PAID', []);
    expect(told([change(undefined, standing), change(undefined, { ...standing, pk: 'TICKET#1' })])).toEqual([]);
  });
});
