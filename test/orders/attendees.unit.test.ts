import { describe, expect, it } from 'vitest';

import type { OrderLine } from '../../functions/orders/contract.ts';
import { allAttendees, fitAttendees, placeAttendees, viewAttendees } from '../../functions/orders/domain/attendees.ts';

const [STANDING, SEATED] = ['standing', 'seated'];

function line(id: string, ticketTypeId: string, quantity: number, as: Partial<OrderLine> = {}): OrderLine {
  return { id, ticketTypeId, quantity, eventId: 'event', poolId: 'pool', unitPrice: 1, takes: [], ...as };
}

const LINES = [line('1', STANDING, 2), line('2', SEATED, 1), line('3', STANDING, 1)];

function placed(attendees: Parameters<typeof placeAttendees>[1]): unknown {
  const names = placeAttendees(LINES, attendees);
  return names.ok ? [...names.value].toSorted(([left], [right]) => left - right) : names.error.errors?.[0]?.path;
}

describe('attendees', () => {
  it.each([
    ['nobody', [], []],
    [
      'the first tickets, in their order',
      [{ name: 'A' }, { name: 'B' }],
      [
        [1, 'A'],
        [2, 'B'],
      ],
    ],
    [
      'the tickets of the types that are named for them',
      [
        { name: 'A', ticketTypeId: SEATED },
        { name: 'B', ticketTypeId: STANDING },
      ],
      [
        [1, 'B'],
        [3, 'A'],
      ],
    ],
    [
      'tickets of one type on several lines',
      Array.from({ length: 3 }, (_unused, index) => ({ name: `${index}`, ticketTypeId: STANDING })),
      [
        [1, '0'],
        [2, '1'],
        [4, '2'],
      ],
    ],
    [
      'what the choosy leave',
      [{ name: 'A' }, { name: 'B', ticketTypeId: STANDING }, { name: 'C', ticketTypeId: STANDING }],
      [
        [1, 'B'],
        [2, 'C'],
        [3, 'A'],
      ],
    ],
    [
      'no more than the tickets of a type',
      [
        { name: 'A', ticketTypeId: SEATED },
        { name: 'B', ticketTypeId: SEATED },
      ],
      'attendees.1',
    ],
    ['no more than all tickets', Array.from({ length: 5 }, () => ({ name: 'A' })), 'attendees.4'],
    ['no ticket of a type that is not there', [{ name: 'A', ticketTypeId: 'other' }], 'attendees.0'],
  ])('get %s', (_what, attendees, expected) => {
    expect(placed(attendees)).toEqual(expected);
  });

  it('fit as many as are wished, by number or by seats', () => {
    const wishes = [
      { ticketTypeId: STANDING, quantity: 1 },
      { ticketTypeId: SEATED, seatIds: ['a', 'b'] },
    ];
    expect(
      fitAttendees(
        wishes,
        Array.from({ length: 3 }, () => ({ name: 'A' })),
      ).ok,
    ).toBe(true);
    expect(
      fitAttendees(
        wishes,
        Array.from({ length: 4 }, () => ({ name: 'A' })),
      ).ok,
    ).toBe(false);
  });

  const NAMES = new Map([
    [1, 'A'],
    [3, 'C'],
    [4, 'D'],
  ]);
  const order = {
    number: 'ON-7K3M-Q2XD',
    state: 'PARTIALLY_REFUNDED' as const,
    lines: [line('1', STANDING, 2, { refunded: [0] }), line('2', SEATED, 1), line('3', STANDING, 1)],
  };

  it('are shown by their tickets, but for those that were given back', () => {
    expect(viewAttendees(order, order.lines, NAMES)).toEqual([
      { ticketNumber: 'ON-7K3M-Q2XD-2', ticketTypeId: STANDING, name: null },
      { ticketNumber: 'ON-7K3M-Q2XD-3', ticketTypeId: SEATED, name: 'C' },
      { ticketNumber: 'ON-7K3M-Q2XD-4', ticketTypeId: STANDING, name: 'D' },
    ]);
  });

  it('are shown to an organizer with the tickets of their own events only, under the same numbers', () => {
    expect(viewAttendees(order, [{ id: '2' }], NAMES)).toEqual([
      { ticketNumber: 'ON-7K3M-Q2XD-3', ticketTypeId: SEATED, name: 'C' },
    ]);
  });

  it.each(['HELD', 'EXPIRED', 'FAILED', 'CANCELLED', 'REFUNDED'] as const)(
    'are not shown of an order that is %s',
    (state) => {
      expect(viewAttendees({ ...order, state }, order.lines, NAMES)).toBeUndefined();
    },
  );

  it('are all handed out to whoever named them', () => {
    expect(allAttendees(order, NAMES).map(({ name }) => name)).toEqual(['A', null, 'C', 'D']);
  });
});
