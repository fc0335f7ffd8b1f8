import { decimalsOf } from '../../shared/kernel/money.ts';
import { labelKey } from './document.ts';
import type { Segment } from './segment.ts';

/** Counts of what a search finds, each kind as if its own filter were not set, so that another can be chosen. */
export interface Facets {
  readonly category: readonly { readonly value: string; readonly count: number }[];
  readonly city: readonly { readonly value: string; readonly count: number }[];
  /** By the lowest price, in minor units: from `min` to just below `max`. */
  readonly price: readonly {
    readonly currency: string;
    readonly min: number;
    readonly max: number | null;
    readonly count: number;
  }[];
  /** Months in the event's own time zone, `2026-12`. */
  readonly month: readonly { readonly value: string; readonly count: number }[];
}

/** The kinds of facets, each with the filter of its own. */
export const FACET = { category: 1, city: 2, price: 4, month: 8 } as const;

const MOST_VALUES = 20;
const MOST_MONTHS = 24;
/** Lower ends of the price bands, in hundredths of a whole unit; of a currency without decimals, in whole units. */
const BANDS = [0, 1, 2_500, 5_000, 10_000, 20_000];

/** Adds up facets over the segments of an index. */
export class FacetCounter {
  readonly #categories = new LabelCounter();
  readonly #cities = new LabelCounter();
  readonly #prices = new Map<string, Uint32Array>();
  readonly #months = new Map<number, number>();

  /** Counts of one segment by the number of its labels, to be handed back to {@link add}. */
  countersFor(segment: Segment): SegmentCounts {
    const { categoryLabels, cityLabels, currencyLabels } = segment.data;
    return {
      categories: new Uint32Array(categoryLabels.length),
      cities: new Uint32Array(cityLabels.length),
      prices: currencyLabels.map(() => new Uint32Array(BANDS.length)),
      lowerEnds: currencyLabels.map(lowerEndsOf),
      ...daysOf(segment),
    };
  }

  add(segment: Segment, counts: SegmentCounts): void {
    const { categoryLabels, cityLabels, currencyLabels } = segment.data;
    for (const [number, label] of categoryLabels.entries()) this.#categories.add(label, counts.categories[number] ?? 0);
    for (const [number, label] of cityLabels.entries()) this.#cities.add(label, counts.cities[number] ?? 0);
    for (const [number, currency] of currencyLabels.entries()) {
      const sums = this.#prices.get(currency) ?? new Uint32Array(BANDS.length);
      for (const [band, count] of (counts.prices[number] ?? new Uint32Array()).entries())
        sums[band] = (sums[band] ?? 0) + count;
      this.#prices.set(currency, sums);
    }
    for (const [offset, count] of counts.days.entries()) {
      if (count === 0) continue;
      const date = new Date((counts.firstDay + offset) * 86_400_000);
      const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
      this.#months.set(month, (this.#months.get(month) ?? 0) + count);
    }
  }

  result(): Facets {
    return {
      category: this.#categories.largest(),
      city: this.#cities.largest(),
      price: [...this.#prices]
        .filter(([currency]) => currency !== '')
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .flatMap(([currency, counts]) =>
          lowerEndsOf(currency).flatMap((min, band, ends) => {
            const count = counts[band] ?? 0;
            return count === 0 ? [] : [{ currency, min, max: ends[band + 1] ?? null, count }];
          }),
        ),
      month: [...this.#months]
        .toSorted(([left], [right]) => left - right)
        .slice(0, MOST_MONTHS)
        .map(([month, count]) => ({
          value: `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`,
          count,
        })),
    };
  }
}

/** Days are counted from the first of the segment on; what lies further ahead than this is not counted. */
const MOST_DAYS = 4_000;

function daysOf(segment: Segment): { readonly firstDay: number; readonly days: Uint32Array } {
  const { localDays } = segment.data.columns;
  // Sorted by instant, so the first local day is this one or, further east, the one before.
  const firstDay = (localDays[0] ?? 0) - 1;
  const lastDay = (localDays.at(-1) ?? 0) + 1;
  return { firstDay, days: new Uint32Array(Math.min(MOST_DAYS, Math.max(1, lastDay - firstDay + 1))) };
}

/** Counts by number of label; days are those of the calendar where the event is, from `firstDay` on. */
export interface SegmentCounts {
  readonly categories: Uint32Array;
  readonly cities: Uint32Array;
  readonly prices: readonly Uint32Array[];
  readonly lowerEnds: readonly (readonly number[])[];
  readonly firstDay: number;
  readonly days: Uint32Array;
}

/** The band that a price falls into. */
export function bandOf(price: number, lowerEnds: readonly number[]): number {
  let band = lowerEnds.length - 1;
  while (band > 0 && price < (lowerEnds[band] ?? 0)) band -= 1;
  return band;
}

function lowerEndsOf(currency: string): readonly number[] {
  const factor = decimalsOf(currency) === 3 ? 10 : 1;
  return BANDS.map((end) => (end <= 1 ? end : end * factor));
}

/** Adds counts of labels that mean the same, under the spelling that most use. */
class LabelCounter {
  readonly #counts = new Map<string, { readonly spellings: Map<string, number>; total: number }>();

  add(label: string, count: number): void {
    if (label === '' || count === 0) return;
    const key = labelKey(label);
    const entry = this.#counts.get(key) ?? { spellings: new Map<string, number>(), total: 0 };
    entry.spellings.set(label, (entry.spellings.get(label) ?? 0) + count);
    entry.total += count;
    this.#counts.set(key, entry);
  }

  largest(): readonly { readonly value: string; readonly count: number }[] {
    return [...this.#counts.values()]
      .map(({ spellings, total }) => ({ value: mostUsed(spellings), count: total }))
      .toSorted((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
      .slice(0, MOST_VALUES);
  }
}

function mostUsed(spellings: ReadonlyMap<string, number>): string {
  const [most] = [...spellings].toSorted(([left, count], [right, other]) => other - count || (left < right ? -1 : 1));
  return most?.[0] ?? '';
}
