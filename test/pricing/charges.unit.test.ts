import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chargeFaults } from '../../functions/pricing/domain/charge-table.ts';
import { itemise, ticketPrice, type ChargedLine } from '../../functions/pricing/domain/charges.ts';
import type { Charge } from '../../functions/pricing/views.ts';
import { stepOf } from '../../functions/shared/kernel/money.ts';

const fee = (as: Partial<Charge> = {}): Charge => ({ name: 'Service fee', kind: 'FEE', per: 'TICKET', ...as });
const vat = (as: Partial<Charge> = {}): Charge => ({ name: 'VAT', kind: 'TAX', per: 'TICKET', rateBp: 1_900, ...as });
const line = (charges: readonly Charge[], as: Partial<ChargedLine> = {}): ChargedLine => ({
  eventId: 'e',
  quantity: 2,
  unitPrice: 4_500,
  currency: 'EUR',
  charges,
  ...as,
});
/** Names and amounts of an order's charges, and its total. */
function borne(...lines: readonly ChargedLine[]): readonly unknown[] {
  const { charges, total } = itemise(lines);
  return [...charges.map(({ name, amount }) => [name, amount]), total];
}

describe('what an order bears, in words', () => {
  it.each<readonly [string, readonly unknown[], readonly unknown[]]>([
    ['without a table, nothing', borne(line([])), [9_000]],
    ['a fixed fee for each ticket', borne(line([fee({ amount: 150 })])), [['Service fee', 300], 9_300]],
    [
      'a part of the price and a fixed amount',
      borne(line([fee({ rateBp: 250, amount: 50 })])),
      [['Service fee', 324], 9_324],
    ],
    ['a fee for the order, once', borne(line([fee({ per: 'ORDER', amount: 199 })])), [['Service fee', 199], 9_199]],
    [
      'a fee for the order, of all that its tickets cost',
      borne(line([fee({ per: 'ORDER', rateBp: 100 })], { quantity: 1 }), line([fee({ per: 'ORDER', rateBp: 100 })])),
      [['Service fee', 135], 13_635],
    ],
    ['a tax that is in the price', borne(line([vat({ included: true })])), [['VAT', 1_436], 9_000]],
    ['a tax on top of it', borne(line([vat()])), [['VAT', 1_710], 10_710]],
    [
      'a tax on price and fees',
      borne(line([fee({ amount: 500 }), vat()])),
      [['Service fee', 1_000], ['VAT', 1_900], 11_900],
    ],
    [
      'a tax that is in the price and in the fee for the order',
      borne(line([fee({ per: 'ORDER', amount: 238 }), vat({ included: true })])),
      [['VAT', 1_474], ['Service fee', 238], 9_238],
    ],
    [
      'a fee that is in the price',
      borne(line([fee({ amount: 500, included: true })])),
      [['Service fee', 1_000], 9_000],
    ],
    [
      'free tickets bear none',
      borne(line([fee({ amount: 150 }), fee({ name: 'O', per: 'ORDER', amount: 1 }), vat()], { unitPrice: 0 })),
      [0],
    ],
    [
      'each event its own, and fees for the order once for each',
      borne(
        line([fee({ per: 'ORDER', amount: 100 })]),
        line([fee({ per: 'ORDER', amount: 200 })], { eventId: 'f', quantity: 1 }),
      ),
      [['Service fee', 100], ['Service fee', 200], 13_800],
    ],
    [
      'yen without decimals',
      borne(line([fee({ rateBp: 333 })], { unitPrice: 1_500, currency: 'JPY' })),
      [['Service fee', 100], 3_100],
    ],
    [
      'dinars in tens',
      borne(line([fee({ rateBp: 333 })], { unitPrice: 1_500, currency: 'KWD' })),
      [['Service fee', 100], 3_100],
    ],
  ])('%s', (_says, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('what is given back for a ticket', () => {
  it.each<readonly [string, readonly Charge[], number]>([
    ['all that it cost, where no fee is kept', [fee({ amount: 500, refundable: true }), vat()], 5_950],
    ['not a fee that is kept', [fee({ amount: 500 })], 4_500],
    ['nor the tax on it', [fee({ amount: 500 }), vat()], 5_355],
    ['nor a kept fee that is in the price', [fee({ amount: 500, included: true })], 4_000],
    ['a tax in the price goes back with it', [vat({ included: true })], 4_500],
  ])('%s', (_says, charges, expected) => {
    expect(ticketPrice(4_500, 'EUR', charges).back).toBe(expected);
  });
});

const currencies = fc.constantFrom('EUR', 'JPY', 'KWD');
const charges = fc.array(
  fc.oneof(
    fc.record({
      name: fc.string(),
      kind: fc.constant('FEE' as const),
      per: fc.constantFrom('TICKET' as const, 'ORDER' as const),
      rateBp: fc.integer({ min: 1, max: 10_000 }),
      amount: fc.integer({ min: 0, max: 5_000 }).map((tens) => tens * 10),
      included: fc.boolean(),
      refundable: fc.boolean(),
    }),
    fc.record({
      name: fc.string(),
      kind: fc.constant('TAX' as const),
      per: fc.constant('TICKET' as const),
      rateBp: fc.integer({ min: 1, max: 10_000 }),
      included: fc.boolean(),
    }),
  ),
  { maxLength: 8 },
);
const orders = fc
  .record({
    currency: currencies,
    tables: fc.array(charges, { minLength: 2, maxLength: 2 }),
    lines: fc.array(
      fc.record({
        event: fc.integer({ min: 0, max: 1 }),
        quantity: fc.integer({ min: 1, max: 60 }),
        unitPrice: fc.integer({ min: 0, max: 100_000 }).map((tens) => tens * 10),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ currency, tables, lines }): readonly ChargedLine[] =>
    lines.map(({ event, ...rest }) => ({ ...rest, currency, eventId: String(event), charges: tables[event] ?? [] })),
  );

describe('whatever the table', () => {
  it('the total is the sum of the lines and of what is on top of them, in amounts that can be charged', () => {
    fc.assert(
      fc.property(orders, (lines) => {
        const { charges: found, total } = itemise(lines);
        const top = found.filter(({ included }) => included !== true).reduce((sum, { amount }) => sum + amount, 0);
        const prices = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
        expect(total).toBe(prices + top);
        const step = stepOf(lines[0]?.currency ?? '');
        expect(found.every(({ amount }) => Number.isSafeInteger(amount) && amount > 0 && amount % step === 0)).toBe(
          true,
        );
        expect(total % step).toBe(0);
      }),
    );
  });

  it('tickets with their extras, and what the order bears once, are the total, too', () => {
    fc.assert(
      fc.property(orders, (lines) => {
        const { tickets, total } = itemise(lines);
        const each = lines.reduce(
          (sum, { unitPrice, quantity }, index) => sum + (unitPrice + (tickets[index]?.extra ?? 0)) * quantity,
          0,
        );
        const noOrderFees = lines.map((one) => ({
          ...one,
          charges: one.charges?.filter(({ per }) => per === 'TICKET'),
        }));
        expect(itemise(noOrderFees).total).toBe(each);
        expect(total).toBeGreaterThanOrEqual(each);
      }),
    );
  });

  it('what is given back for a ticket is at least nothing and at most what it cost', () => {
    fc.assert(
      fc.property(orders, (lines) => {
        for (const { unitPrice, currency, charges: table } of lines) {
          const { extra, back } = ticketPrice(unitPrice, currency, table);
          expect(back).toBeGreaterThanOrEqual(0);
          expect(back).toBeLessThanOrEqual(unitPrice + extra);
        }
      }),
    );
  });

  it('what is contained in a price is no more than it', () => {
    fc.assert(
      fc.property(orders, (lines) => {
        for (const { unitPrice, currency, charges: table = [] } of lines) {
          const taxes = table.filter(({ kind }) => kind === 'TAX').map((tax) => ({ ...tax, included: true }));
          const contained = ticketPrice(unitPrice, currency, taxes).borne.reduce((sum, { amount }) => sum + amount, 0);
          expect(contained).toBeLessThanOrEqual(unitPrice + taxes.length * stepOf(currency));
        }
      }),
    );
  });
});

describe('tables that cannot be meant', () => {
  it.each<readonly [string, Parameters<typeof chargeFaults>[0], readonly string[]]>([
    ['no amount', { charges: [{ name: 'X', kind: 'FEE' }] }, ['charges.0.rateBp']],
    ['a tax with an amount', { charges: [{ name: 'X', kind: 'TAX', amount: 10, rateBp: 1 }] }, ['charges.0.amount']],
    [
      'a tax that says how it is borne or given back',
      { charges: [{ name: 'X', kind: 'TAX', rateBp: 1, per: 'ORDER', refundable: true }] },
      ['charges.0.per', 'charges.0.refundable'],
    ],
    [
      'two of one name',
      {
        charges: [
          { name: 'X', kind: 'FEE', amount: 1 },
          { name: 'X', kind: 'TAX', rateBp: 1 },
        ],
      },
      ['charges.1.name'],
    ],
    ['another currency than the event', { currency: 'USD', charges: [] }, ['currency']],
  ])('%s', (_says, body, paths) => {
    expect(chargeFaults(body, 'EUR').map(({ path }) => path)).toEqual(paths);
  });

  it('fixed amounts without a currency, or that it cannot be charged in', () => {
    const body = { charges: [{ name: 'X', kind: 'FEE' as const, amount: 15 }] };
    expect(chargeFaults(body, undefined).map(({ path }) => path)).toEqual(['charges.0.amount']);
    expect(chargeFaults({ ...body, currency: 'KWD' }, undefined).map(({ path }) => path)).toEqual(['charges.0.amount']);
    expect(chargeFaults({ ...body, currency: 'EUR' }, undefined)).toEqual([]);
  });
});
