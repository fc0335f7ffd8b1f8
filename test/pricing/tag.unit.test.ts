import { describe, expect, it } from 'vitest';

import { planPrice, type PricingDetails } from '../../functions/pricing/domain/record.ts';
import { HONOURED_MS, priceAt, priceFor } from '../../functions/pricing/domain/tag.ts';
import type { PriceTag } from '../../functions/pricing/views.ts';
import { DAY, MINUTE } from '../../functions/shared/kernel/clock.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const next = { unitPrice: 5_000, from: NOW, reasons: [] };

describe('the price in force', () => {
  it('is the announced one from its instant on, whether or not a job has been there', () => {
    const tag: PriceTag = { unitPrice: 4_000, priceVersion: 3, nextPrice: next };
    expect(priceAt(tag, NOW - 1)).toMatchObject({ unitPrice: 4_000, priceVersion: 3 });
    expect(priceAt(tag, NOW)).toMatchObject({ unitPrice: 5_000, priceVersion: 4 });
  });
});

describe('what a ticket costs who was shown a price', () => {
  const risen: PriceTag = { unitPrice: 5_000, formerPrice: { unitPrice: 4_000, until: NOW } };

  it.each<readonly [string, PriceTag, number | undefined, number, number | undefined]>([
    ['nobody said what was shown: the present price', risen, undefined, NOW, 5_000],
    ['the present price', risen, 5_000, NOW, 5_000],
    ['a price that has fallen since: the lower one', risen, 9_000, NOW, 5_000],
    ['the former price, for as long as it is honoured', risen, 4_000, NOW + HONOURED_MS - 1, 4_000],
    ['and not a moment longer', risen, 4_000, NOW + HONOURED_MS, undefined],
    ['a price that never was', risen, 4_500, NOW, undefined],
    ['nothing at all', risen, 0, NOW, undefined],
    ['the price before an announced one that has begun', { unitPrice: 4_000, nextPrice: next }, 4_000, NOW + 1, 4_000],
    ['the same, too late', { unitPrice: 4_000, nextPrice: next }, 4_000, NOW + HONOURED_MS, undefined],
    ['an announced price that has not begun', { unitPrice: 6_000, nextPrice: next }, 5_000, NOW - 1, undefined],
  ])('%s', (_says, tag, seen, at, expected) => {
    expect(priceFor(tag, seen, at)).toBe(expected);
  });
});

describe('the next tag of a price', () => {
  const sale = { sold: 0, capacity: 100, opensAt: NOW - DAY, closesAt: NOW + DAY };
  const pricing: PricingDetails = {
    ticketTypeId: 't',
    eventId: 'e',
    organizationId: 'o',
    currency: 'EUR',
    rulesVersion: 1,
    rules: {
      tiers: [{ afterSold: 10, price: 6_000 }],
      phases: [{ name: 'Early bird', endsAt: NOW + MINUTE, changeBp: -5_000 }],
    },
    basePrice: 4_000,
    unitPrice: 4_000,
    priceVersion: 1,
  };
  const after = (details: PricingDetails, sold: number, now: number): PricingDetails => {
    const planned = planPrice(details, { ...sale, sold, now });
    return planned === 'UNCHANGED' ? details : { ...details, ...planned.changes };
  };

  it('names what comes with the next phase, and is left alone once it says so', () => {
    const first = after(pricing, 0, NOW);
    expect(first).toMatchObject({
      unitPrice: 2_000,
      priceVersion: 2,
      formerPrice: { unitPrice: 4_000, until: NOW },
      nextPrice: { unitPrice: 4_000, from: NOW + MINUTE },
    });
    expect(planPrice(first, { ...sale, sold: 9, now: NOW + 1 })).toBe('UNCHANGED');
  });

  it('follows sales up and, when holds lapse, down again', () => {
    const first = after(pricing, 0, NOW);
    const tier = after(first, 10, NOW + 1);
    expect(tier).toMatchObject({ unitPrice: 3_000, priceVersion: 3, nextPrice: { unitPrice: 6_000 } });
    expect(after(tier, 9, NOW + 2)).toMatchObject({ unitPrice: 2_000, priceVersion: 4 });
  });

  it('tells of an announced price that has begun before anything else that has changed', () => {
    const first = after(pricing, 0, NOW);
    const begun = after(first, 50, NOW + 2 * MINUTE);
    expect(begun).toMatchObject({
      unitPrice: 4_000,
      priceVersion: 3,
      formerPrice: { unitPrice: 2_000, until: NOW + MINUTE },
      nextPrice: undefined,
    });
    expect(after(begun, 50, NOW + 2 * MINUTE)).toMatchObject({ unitPrice: 6_000, priceVersion: 4 });
  });
});
