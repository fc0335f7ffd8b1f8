import { categoryMeant } from '../../catalog/listings.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { dayNumber } from '../domain/document.ts';
import type { Bound, SearchQuery } from '../domain/query.ts';
import { wantedBy } from '../domain/text.ts';
import { placeOf, type SearchParameters } from '../schemas.ts';

/** The search that valid parameters ask for. */
export function queryOf(parameters: SearchParameters, now: Instant): SearchQuery {
  const { q = '', category, city, dateFrom, dateTo, currency, priceMin, priceMax, radius } = parameters;
  const wanted = wantedBy(q);
  const near = parameters.near === undefined ? undefined : placeOf(parameters.near);
  return {
    now,
    wanted,
    sort: parameters.sort ?? (wanted.length > 0 ? 'relevance' : 'date'),
    ...(category === undefined ? {} : { category: categoryMeant(category) }),
    ...(city === undefined ? {} : { city }),
    ...(dateFrom === undefined ? {} : { from: boundOf(dateFrom) }),
    ...(dateTo === undefined ? {} : { to: boundOf(dateTo) }),
    ...(currency === undefined ? {} : { currency }),
    ...(priceMin === undefined ? {} : { priceMin: Number(priceMin) }),
    ...(priceMax === undefined ? {} : { priceMax: Number(priceMax) }),
    ...(near === undefined ? {} : { near }),
    ...(radius === undefined ? {} : { radiusKm: radius }),
    ...(parameters.featured === undefined ? {} : { featured: parameters.featured === 'true' }),
  };
}

/** A day is meant as the calendar shows it where the event is; a moment is the same everywhere. */
function boundOf(text: string): Bound {
  return text.length === 10 ? { day: dayNumber(text) } : { instant: Date.parse(text) };
}
