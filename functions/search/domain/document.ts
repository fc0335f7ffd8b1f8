import type { Searchable } from '../../catalog/contract.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { decimalsOf } from '../../shared/kernel/money.ts';
import { keywordsOf } from './keywords.ts';
import { fold, tokensOf } from './text.ts';

/** Where a token of a document stands, as bits of a mask; the larger, the more it says. */
export const FIELD = { title: 16, performer: 8, venue: 4, place: 2, keyword: 1 } as const;
/** Every combination of fields is below this. */
export const MASKS = 32;

/** What a document is found by, filtered and sorted with. Amounts are in minor units. */
export interface Facts {
  readonly eventId: string;
  /** Version of the event's row that this was read from. */
  readonly version: number;
  readonly startsAt: Instant;
  /** The day on which it begins where it is, in days since 1970-01-01. */
  readonly localDay: number;
  readonly category: string;
  /** As written; empty without one. */
  readonly city: string;
  /** ISO 4217; empty where no ticket type shows a price. */
  readonly currency: string;
  readonly lowestPrice: number;
  readonly highestPrice: number;
  /** Degrees; not a number where the place is not known. */
  readonly latitude: number;
  readonly longitude: number;
  readonly featured: boolean;
  /** Tokens of the title, to tell a title that is all of what was typed. */
  readonly titleLength: number;
}

/** A document as the index takes it. */
export interface SearchDocument {
  readonly facts: Facts;
  /** The mask of {@link FIELD}s of each of its tokens. */
  readonly tokens: ReadonlyMap<string, number>;
}

/** The document of a published event. */
export function documentOf(event: Searchable): SearchDocument {
  const tokens = new Map<string, number>();
  const say = (texts: readonly (string | undefined)[], field: number): number => {
    const found = texts.flatMap((text) => (text === undefined ? [] : tokensOf(text)));
    for (const token of found) tokens.set(token, (tokens.get(token) ?? 0) | field);
    return found.length;
  };
  const titleLength = say([event.title], FIELD.title);
  say(event.performers, FIELD.performer);
  say([event.venueName], FIELD.venue);
  say([event.city, event.category, ...event.tags], FIELD.place);
  for (const word of keywordsOf(event.description, new Set(tokens.keys()))) tokens.set(word, FIELD.keyword);
  return {
    tokens,
    facts: {
      eventId: event.eventId,
      version: event.version,
      startsAt: event.startsAt,
      localDay: localDayOf(event.startsAt, event.timeZone),
      category: event.category,
      city: event.city ?? '',
      currency: event.priceRange?.currency ?? '',
      lowestPrice: event.priceRange?.lowest ?? 0,
      highestPrice: event.priceRange?.highest ?? 0,
      latitude: event.latitude ?? Number.NaN,
      longitude: event.longitude ?? Number.NaN,
      featured: event.featured,
      titleLength: Math.min(titleLength, LONGEST_TITLE),
    },
  };
}

/** Title lengths are kept in a byte. */
const LONGEST_TITLE = 255;

const calendars = new Map<string, Intl.DateTimeFormat>();

/** The day of `instant` in `timeZone`, in days since 1970-01-01. */
export function localDayOf(instant: Instant, timeZone: string): number {
  let calendar = calendars.get(timeZone);
  if (calendar === undefined) {
    calendar = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    calendars.set(timeZone, calendar);
  }
  return dayNumber(calendar.format(instant));
}

/** The number of a day written as `2026-12-24`, in days since 1970-01-01. */
export function dayNumber(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
}

/** Price in whole units of its currency: what prices of several currencies are sorted by, for want of rates. */
export function wholeUnits(amount: number, currency: string): number {
  return amount / 10 ** decimalsOf(currency);
}

/** What two spellings of a category or city have in common. */
export function labelKey(label: string): string {
  return fold(label).trim().replaceAll(/\s+/g, ' ');
}
