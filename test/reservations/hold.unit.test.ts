import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planHold, toOrderLines } from '../../functions/reservations/domain/hold.ts';
import { viewReservation } from '../../functions/reservations/domain/view.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { orderState } from '../../functions/orders/contract.ts';
import { itemBytes } from '../../scripts/bench/capacity.ts';
import { LARGEST_AMOUNT } from '../../functions/shared/kernel/money.ts';
import { ticketType } from '../inventory/on-sale.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

function plan(
  types: readonly TicketTypeCopy[],
  quantities: readonly (readonly [number, number])[],
  now = NOW,
): ReturnType<typeof planHold> {
  const wishes = quantities.map(([index, quantity]) => ({
    ticketTypeId: types[index]?.ticketTypeId ?? 'nothing on sale',
    quantity,
  }));
  return planHold(wishes, new Map(types.map((type) => [type.ticketTypeId, type])), now);
}

describe('the lines of a hold', () => {
  it('keep the terms of giving back once for each event, in few bytes', () => {
    const of = (eventId: string, cancellationPolicy?: TicketTypeCopy['cancellationPolicy']): TicketTypeCopy =>
      ticketType(NOW, { eventId, ...(cancellationPolicy === undefined ? {} : { cancellationPolicy }) });
    const strict = { windowHours: 8_784, feePercent: 12.25 };
    const types = [of('E1', strict), of('E1', strict), of('E2'), of('E3', { windowHours: 24, feeAmount: 500 })];
    const planned = plan(
      types,
      types.map((_type, index) => [index, 1]),
    );
    const lines = planned.ok ? toOrderLines(planned.value.lines, new Map()) : [];
    expect(lines.map(({ policy }) => policy)).toEqual([
      strict,
      undefined,
      undefined,
      { windowHours: 24, feeAmount: 500 },
    ]);
    // The row of an order of two tickets is 675 bytes (docs/benchmarks.md); a write unit is for 1,024.
    expect(itemBytes(marshall({ policy: strict }))).toBeLessThan(50);
  });
});

describe('planning a hold', () => {
  it('prices lines by the copies, in one currency', () => {
    const types = [ticketType(NOW, { unitPrice: 4_500 }), ticketType(NOW, { unitPrice: 999 })];
    const planned = plan(types, [
      [0, 2],
      [1, 3],
    ]);
    expect(planned).toMatchObject({ ok: true, value: { total: { amount: 11_997, currency: 'EUR' } } });
    expect(planned.ok && planned.value.lines.map(({ quantity, unitPrice }) => quantity * unitPrice)).toEqual([
      9_000, 2_997,
    ]);
  });

  it('adds repeated lines up, so that none slips under a limit', () => {
    const limited = [ticketType(NOW, { maxPerPerson: 4 })];
    expect(
      plan(limited, [
        [0, 2],
        [0, 2],
      ]),
    ).toMatchObject({ ok: true, value: { lines: [{ quantity: 4 }] } });
    expect(
      plan(limited, [
        [0, 2],
        [0, 3],
      ]),
    ).toMatchObject({ ok: false, error: { code: 'LIMIT_EXCEEDED', extra: { limit: 4, held: 0 } } });
  });

  it.each([
    [
      'a type that is not there',
      [ticketType(NOW)],
      [
        [0, 1],
        [1, 1],
      ],
      'TICKET_TYPE_NOT_FOUND',
    ],
    ['no line at all', [ticketType(NOW)], [], 'INVALID_INPUT'],
    [
      'two currencies',
      [ticketType(NOW), ticketType(NOW, { currency: 'JPY' })],
      [
        [0, 1],
        [1, 1],
      ],
      'CURRENCIES_DIFFER',
    ],
    [
      '61 tickets over several types',
      [ticketType(NOW), ticketType(NOW)],
      [
        [0, 31],
        [1, 30],
      ],
      'LIMIT_EXCEEDED',
    ],
    [
      '61 tickets over repeated lines',
      [ticketType(NOW)],
      [
        [0, 31],
        [0, 30],
      ],
      'LIMIT_EXCEEDED',
    ],
    [
      'more money than a payment takes',
      [ticketType(NOW, { unitPrice: LARGEST_AMOUNT })],
      [[0, 2]],
      'AMOUNT_NOT_PAYABLE',
    ],
  ] as const)('refuses %s', (_what, types, quantities, code) => {
    expect(plan(types, quantities)).toMatchObject({ ok: false, error: { code } });
  });

  it('takes 60 tickets, and the largest amount', () => {
    expect(
      plan(
        [ticketType(NOW), ticketType(NOW)],
        [
          [0, 30],
          [1, 30],
        ],
      ).ok,
    ).toBe(true);
    expect(plan([ticketType(NOW, { unitPrice: LARGEST_AMOUNT })], [[0, 1]]).ok).toBe(true);
  });

  it.each([
    [-1, 'SALE_NOT_OPEN'],
    [0, undefined],
    [999, undefined],
    [1_000, 'SALE_NOT_OPEN'],
  ])('%i ms after the sale opens it answers %s: opening is included, closing is not', (offset, code) => {
    const planned = plan([ticketType(NOW, { opensAt: NOW, closesAt: NOW + 1_000 })], [[0, 1]], NOW + offset);
    expect(planned.ok ? undefined : planned.error.code).toBe(code);
  });

  it('a total is the sum of its lines, to the minor unit, for any prices', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 6 })), {
          minLength: 1,
          maxLength: 10,
        }),
        (lines) => {
          const types = lines.map(([unitPrice]) => ticketType(NOW, { unitPrice }));
          const planned = plan(
            types,
            lines.map(([, quantity], index) => [index, quantity] as const),
          );
          expect(planned).toMatchObject({
            ok: true,
            value: { total: { amount: lines.reduce((total, [price, quantity]) => total + price * quantity, 0) } },
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps on the row where each line was taken from, and which count against a limit', () => {
    const [free, limited] = [ticketType(NOW), ticketType(NOW, { maxPerPerson: 2 })];
    const lines = toOrderLines(
      [
        { copy: free, quantity: 3, unitPrice: free.unitPrice },
        { copy: limited, quantity: 1, unitPrice: limited.unitPrice },
      ],
      new Map([
        [
          free.ticketTypeId,
          {
            takes: [
              { block: 0, quantity: 2 },
              { block: 4, quantity: 1 },
            ],
          },
        ],
        [limited.ticketTypeId, { takes: [{ block: 1, quantity: 1 }] }],
      ]),
    );
    expect(lines).toMatchObject([
      {
        id: '1',
        quantity: 3,
        takes: [
          { block: 0, quantity: 2 },
          { block: 4, quantity: 1 },
        ],
      },
      { id: '2', limited: true },
    ]);
    expect(lines[0]).not.toHaveProperty('limited');
  });
});

describe('how a reservation is shown', () => {
  const reservation = { orderId: 'o', lines: [], currency: 'EUR', total: 0, expiresAt: NOW };
  const shown = (state: Parameters<typeof viewReservation>[1], now: number): string =>
    viewReservation(reservation, state, new Map(), now).status;

  it('a hold whose time has come is lapsed, swept or not', () => {
    expect(shown('HELD', NOW - 1)).toBe('HELD');
    expect(shown('HELD', NOW)).toBe('EXPIRED');
  });

  it('every state has a status of the contract', () => {
    expect(orderState.options.map((state) => shown(state, NOW - 1))).toEqual([
      'HELD',
      'ORDERED',
      'ORDERED',
      'ORDERED',
      'ORDERED',
      'ORDERED',
      'EXPIRED',
      'EXPIRED',
      'RELEASED',
    ]);
  });
});
