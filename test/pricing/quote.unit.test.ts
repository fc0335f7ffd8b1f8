import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { PricingRules } from '../../functions/pricing/contract.ts';
import { quote, type Situation } from '../../functions/pricing/domain/quote.ts';
import { faultsOf, bodyOf, rulesOf } from '../../functions/pricing/domain/rule-faults.ts';
import { explain } from '../../functions/pricing/domain/words.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { nearest, portion, stepOf } from '../../functions/shared/kernel/money.ts';

const OPENS = Date.UTC(2026, 10, 1);
const CLOSES = OPENS + 100 * DAY;

function situation(as: Partial<Situation> = {}): Situation {
  return { sold: 0, capacity: 100, opensAt: OPENS, closesAt: CLOSES, now: OPENS, ...as };
}

function priced(rules: PricingRules, as: Partial<Situation> = {}, basePrice = 4_500, currency = 'EUR') {
  const { unitPrice, reasons } = quote({ basePrice, currency, rules }, situation(as));
  return [unitPrice, ...explain(reasons, currency)];
}

const EARLY_BIRD = { name: 'Early bird', endsAt: OPENS + 10 * DAY, changeBp: -2_000 };

describe('the price of a ticket, in words', () => {
  it.each<readonly [string, PricingRules, Partial<Situation>, readonly (string | number)[]]>([
    ['without rules it is the organizer’s', {}, {}, [4_500, 'The regular price is 45.00 EUR.']],
    [
      'a tier counts from its number of sold tickets on, not before',
      { tiers: [{ afterSold: 10, price: 5_000 }] },
      { sold: 9 },
      [4_500, 'The regular price is 45.00 EUR.'],
    ],
    [
      'of several tiers the last that is reached',
      {
        tiers: [
          { afterSold: 10, price: 5_000 },
          { afterSold: 50, price: 6_000 },
        ],
      },
      { sold: 50 },
      [6_000, 'The regular price is 45.00 EUR.', 'After the first 50 tickets it is 60.00 EUR.'],
    ],
    [
      'an early bird is a part less until it ends',
      { phases: [EARLY_BIRD] },
      { now: OPENS + 10 * DAY - 1 },
      [3_600, 'The regular price is 45.00 EUR.', 'Early bird, until 2026-11-11T00:00:00.000Z: 36.00 EUR.'],
    ],
    [
      'and no longer from that very instant on',
      { phases: [EARLY_BIRD] },
      { now: OPENS + 10 * DAY },
      [4_500, 'The regular price is 45.00 EUR.'],
    ],
    [
      'a phase with a price of its own takes the place of a tier',
      { tiers: [{ afterSold: 1, price: 9_000 }], phases: [{ name: 'Last minute', startsAt: OPENS, price: 2_000 }] },
      { sold: 5 },
      [2_000, 'The regular price is 45.00 EUR.', 'After the first ticket it is 90.00 EUR.', 'Last minute: 20.00 EUR.'],
    ],
    [
      'what sells faster than time gets dearer in whole steps',
      { demand: { floor: 3_000, ceiling: 9_000 } },
      { sold: 33, now: OPENS + 20 * DAY },
      [4_950, 'The regular price is 45.00 EUR.', 'Tickets go faster than time: 10 % more, 49.50 EUR.'],
    ],
    [
      'what sells slower gets cheaper',
      { demand: { floor: 3_000, ceiling: 9_000, stepBp: 250 } },
      { sold: 7, now: OPENS + 20 * DAY },
      [3_938, 'The regular price is 45.00 EUR.', 'Tickets go slower than time: 12.5 % less, 39.38 EUR.'],
    ],
    [
      'within the floor',
      { demand: { floor: 3_000, ceiling: 9_000 } },
      { now: CLOSES },
      [
        3_000,
        'The regular price is 45.00 EUR.',
        'Tickets go slower than time: 100 % less, 0.00 EUR.',
        'It is never less than 30.00 EUR.',
      ],
    ],
    [
      'and the ceiling',
      { demand: { floor: 3_000, ceiling: 6_000 } },
      { sold: 100 },
      [
        6_000,
        'The regular price is 45.00 EUR.',
        'Tickets go faster than time: 100 % more, 90.00 EUR.',
        'It is never more than 60.00 EUR.',
      ],
    ],
    [
      'rounded to what the organizer asks for',
      { roundTo: 100, demand: { floor: 3_000, ceiling: 9_000 } },
      { sold: 33, now: OPENS + 20 * DAY },
      [5_000, 'The regular price is 45.00 EUR.', 'Tickets go faster than time: 10 % more, 50.00 EUR.'],
    ],
  ])('%s', (_says, rules, as, expected) => {
    expect(priced(rules, as)).toEqual(expected);
  });

  it('knows currencies without decimals and with three, which are charged in tens', () => {
    const rules = { phases: [{ name: 'Early', changeBp: -333 }] };
    expect(priced(rules, {}, 4_505, 'JPY')[0]).toBe(4_355);
    expect(priced(rules, {}, 4_500, 'KWD')[0]).toBe(4_350);
  });
});

const currencies = fc.constantFrom('EUR', 'JPY', 'KWD');
const basisPoints = fc.integer({ min: -10_000, max: 20_000 });
const amounts = fc.integer({ min: 0, max: 9_000_000 }).map((tens) => tens * 10);

/** Rules without faults, over all of what they may say. */
const validRules = fc
  .record({
    tiers: fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 6 }),
    prices: fc.array(amounts, { minLength: 6, maxLength: 6 }),
    cuts: fc.uniqueArray(fc.integer({ min: -10, max: 110 }), { maxLength: 6 }),
    changes: fc.array(basisPoints, { minLength: 6, maxLength: 6 }),
    bounds: fc.option(fc.tuple(amounts, amounts)),
    strengthBp: fc.integer({ min: 1, max: 50_000 }),
    stepBp: fc.integer({ min: 1, max: 5_000 }),
  })
  .map(({ tiers, prices, cuts, changes, bounds, strengthBp, stepBp }): PricingRules => {
    const rising = prices.toSorted((left, right) => left - right);
    const days = cuts.toSorted((left, right) => left - right);
    return {
      tiers: tiers
        .toSorted((left, right) => left - right)
        .map((afterSold, index) => ({ afterSold, price: rising[index] ?? 0 })),
      phases: days.slice(1).map((day, index) => ({
        name: 'Phase',
        startsAt: OPENS + (days[index] ?? 0) * DAY,
        endsAt: OPENS + day * DAY,
        changeBp: changes[index] ?? 0,
      })),
      ...(bounds === null
        ? {}
        : { demand: { floor: Math.min(...bounds), ceiling: Math.max(...bounds), strengthBp, stepBp } }),
    };
  });
const situations = fc.record({
  sold: fc.integer({ min: 0, max: 2_000 }),
  capacity: fc.integer({ min: 1, max: 2_000 }),
  opensAt: fc.constant(OPENS),
  closesAt: fc.constant(CLOSES),
  now: fc.integer({ min: OPENS - DAY, max: CLOSES + DAY }),
});
const money = fc.record({ basePrice: amounts, currency: currencies });

describe('whatever the rules', () => {
  it('the price is an amount that can be charged, between floor and ceiling, and the last reason names it', () => {
    fc.assert(
      fc.property(validRules, situations, money, (rules, at, { basePrice, currency }) => {
        expect(faultsOf(rules, currency)).toEqual([]);
        const { unitPrice, reasons } = quote({ basePrice, currency, rules }, at);
        expect(Number.isSafeInteger(unitPrice) && unitPrice >= 0).toBe(true);
        expect(unitPrice % stepOf(currency)).toBe(0);
        expect(reasons.at(-1)?.amount).toBe(unitPrice);
        expect(unitPrice).toBeGreaterThanOrEqual(rules.demand?.floor ?? 0);
        expect(unitPrice).toBeLessThanOrEqual(rules.demand?.ceiling ?? Infinity);
      }),
    );
  });

  it('more tickets sold never make it cheaper, from the first tier on', () => {
    fc.assert(
      fc.property(validRules, situations, money, fc.nat(500), (rules, at, { currency }, more) => {
        const [first] = rules.tiers ?? [];
        const basePrice = Math.min(first?.price ?? 0, 4_500);
        const one = quote({ basePrice, currency, rules }, at).unitPrice;
        expect(quote({ basePrice, currency, rules }, { ...at, sold: at.sold + more }).unitPrice).toBeGreaterThanOrEqual(
          one,
        );
      }),
    );
  });

  it('time alone, within a phase, never makes it dearer', () => {
    fc.assert(
      fc.property(validRules, situations, money, fc.nat(10 * DAY), (rules, at, { basePrice, currency }, later) => {
        const still = { basePrice, currency, rules: { ...rules, phases: [] } };
        const now = quote(still, at).unitPrice;
        expect(quote(still, { ...at, now: at.now + later }).unitPrice).toBeLessThanOrEqual(now);
      }),
    );
  });

  it('they come back from the row as they were written', () => {
    fc.assert(
      fc.property(validRules, (rules) => {
        expect(rulesOf(bodyOf(rules))).toEqual(rules);
      }),
    );
  });
});

describe('rules that cannot be meant', () => {
  const found = (rules: PricingRules, currency = 'EUR'): readonly string[] =>
    faultsOf(rules, currency).map(({ path }) => path);

  it.each<readonly [string, PricingRules, readonly string[]]>([
    [
      'tiers that begin together, or fall',
      {
        tiers: [
          { afterSold: 10, price: 500 },
          { afterSold: 10, price: 400 },
        ],
      },
      ['tiers.1.afterSold', 'tiers.1.price'],
    ],
    ['a phase with neither price nor change', { phases: [{ name: 'X' }] }, ['phases.0.price']],
    ['a phase with both', { phases: [{ name: 'X', price: 1, changeBp: 1 }] }, ['phases.0.price']],
    [
      'a phase that ends before it starts',
      { phases: [{ name: 'X', price: 1, startsAt: OPENS + HOUR, endsAt: OPENS }] },
      ['phases.0.endsAt'],
    ],
    [
      'phases that overlap',
      {
        phases: [
          { name: 'X', price: 1, endsAt: OPENS + HOUR },
          { name: 'Y', price: 1, startsAt: OPENS },
        ],
      },
      ['phases.1.startsAt'],
    ],
    ['a ceiling below the floor', { demand: { floor: 2, ceiling: 1 } }, ['demand.ceiling']],
  ])('%s', (_says, rules, paths) => {
    expect(found(rules)).toEqual(paths);
  });

  it('amounts that a three-decimal currency cannot be charged in', () => {
    expect(found({ tiers: [{ afterSold: 1, price: 1_234 }], roundTo: 5 }, 'KWD')).toEqual(['tiers.0.price', 'roundTo']);
  });
});

describe('rounding', () => {
  it.each([
    [5, 2, 2],
    [7, 2, 4],
    [-5, 2, -2],
    [-7, 2, -4],
    [1, 3, 0],
    [2, 3, 1],
  ])('%i ÷ %i is %i: halves go to the even one', (dividend, divisor, expected) => {
    expect(nearest(dividend, divisor)).toBe(expected);
  });

  it('is off by half a step at most', () => {
    fc.assert(
      fc.property(amounts, basisPoints, fc.constantFrom(1, 10, 50), (amount, bp, step) => {
        const part = portion(amount, bp, step);
        expect(Math.abs(part * 10_000 - amount * bp)).toBeLessThanOrEqual((step * 10_000) / 2);
        expect(part % step === 0).toBe(true);
      }),
    );
  });
});
