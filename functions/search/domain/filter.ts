import { labelKey } from './document.ts';
import { FACET } from './facets.ts';
import { distanceKm, type Bound, type SearchQuery } from './query.ts';
import type { Segment } from './segment.ts';

/** The conditions of a query, made ready for one segment. */
export interface Filter {
  /** Documents before this one have begun: they are sorted by start. */
  readonly first: number;
  /**
   * Which facet's own filter a document fails: 0 for none, one of {@link FACET}, or -1 when it fails another
   * filter or several, so that it counts nowhere.
   */
  readonly failedBy: (document: number) => number;
}

/** Where nothing else is said; about what people travel for an evening. */
export const USUAL_RADIUS_KM = 50;

/** Makes the conditions of `query` ready for `segment`. */
export function filterOf(segment: Segment, query: SearchQuery): Filter {
  const { columns, categoryLabels, cityLabels, currencyLabels } = segment.data;
  const inCategory = membersOf(categoryLabels, query.category);
  const inCity = membersOf(cityLabels, query.city);
  const inCurrency = query.currency === undefined ? undefined : currencyLabels.map((label) => label === query.currency);
  const { from, to, priceMin, priceMax, near, radiusKm = USUAL_RADIUS_KM, featured } = query;
  const byPrice = priceMin !== undefined || priceMax !== undefined || inCurrency !== undefined;
  const begins = (document: number): Begin => ({
    startsAt: columns.startsAt[document] ?? 0,
    localDay: columns.localDays[document] ?? 0,
  });

  const failedBy = (document: number): number => {
    if (featured !== undefined && (columns.featured[document] === 1) !== featured) return -1;
    if (near !== undefined) {
      const place = { latitude: columns.latitudes[document] ?? NaN, longitude: columns.longitudes[document] ?? NaN };
      // Not a number, where the place is not known, is within no distance.
      if (!(distanceKm(near, place) <= radiusKm)) return -1;
    }
    let failed = 0;
    if (inCategory !== undefined && inCategory[columns.categories[document] ?? 0] !== true) failed = FACET.category;
    if (inCity !== undefined && inCity[columns.cities[document] ?? 0] !== true) failed = failed === 0 ? FACET.city : -1;
    if (byPrice) {
      const currency = columns.currencies[document] ?? 0;
      const priced = currencyLabels[currency] !== '' && (inCurrency === undefined || inCurrency[currency] === true);
      const high = (columns.highestPrices[document] ?? 0) >= (priceMin ?? 0);
      const low = (columns.lowestPrices[document] ?? 0) <= (priceMax ?? Number.POSITIVE_INFINITY);
      if (!(priced && high && low)) failed = failed === 0 ? FACET.price : -1;
    }
    if ((from !== undefined && isBefore(begins(document), from)) || (to !== undefined && isAfter(begins(document), to)))
      failed = failed === 0 ? FACET.month : -1;
    return failed;
  };
  return { first: firstAfter(columns.startsAt, query.now), failedBy };
}

interface Begin {
  readonly startsAt: number;
  readonly localDay: number;
}

function isBefore({ startsAt, localDay }: Begin, bound: Bound): boolean {
  return 'day' in bound ? localDay < bound.day : startsAt < bound.instant;
}

function isAfter({ startsAt, localDay }: Begin, bound: Bound): boolean {
  return 'day' in bound ? localDay > bound.day : startsAt > bound.instant;
}

function membersOf(labels: readonly string[], wanted: string | undefined): readonly boolean[] | undefined {
  if (wanted === undefined) return undefined;
  const key = labelKey(wanted);
  return labels.map((label) => labelKey(label) === key);
}

function firstAfter(startsAt: Float64Array, now: number): number {
  let [low, high] = [0, startsAt.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((startsAt[middle] ?? 0) > now) high = middle;
    else low = middle + 1;
  }
  return low;
}
