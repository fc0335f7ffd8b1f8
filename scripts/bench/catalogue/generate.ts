import type { Searchable } from '../../../functions/catalog/contract.ts';
import { encodeUlid } from '../../../functions/shared/kernel/ids.ts';
import { CATEGORIES, CITIES, LANGUAGES, SYLLABLES, type City, type Language } from './words.ts';

const DAY_MS = 86_400_000;
/** Events begin within this many days after the first day. */
const SPAN_DAYS = 540;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * `count` published events like those of a large ticketing site: in eight languages, in cities of the world
 * with their places and zones, of a few thousand performers and venues, with descriptions of some sentences.
 *
 * @param from the day from which on they begin, milliseconds since the epoch
 */
export function* generatedEvents(count: number, seed: number, from: number): Generator<Searchable> {
  const random = randomFrom(seed);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('Nothing to pick from');
    return value;
  };
  const word = (language: string): string => inventedWord(language, random, pick);
  const venues = new Map(CITIES.map((city) => [city[0], venuesOf(city, word, pick)]));
  const performers = new Map(
    Object.entries(LANGUAGES).map(([name, language]) => [
      name,
      Array.from({ length: 1_500 }, () => performerOf(name, language, word, pick, random)),
    ]),
  );
  for (let number = 0; number < count; number += 1) {
    // Large cities have most of the events.
    const city = CITIES[Math.floor(random() ** 1.5 * CITIES.length)] ?? CITIES[0];
    if (city === undefined) throw new Error('There are no cities');
    const [cityName, languages, timeZone, latitude, longitude, currency] = city;
    const name = pick(languages);
    const language = LANGUAGES[name];
    const known = performers.get(name);
    if (language === undefined || known === undefined) throw new Error(`No words for ${name}`);
    // A few performers are everywhere, most are seldom seen.
    const performer = known[Math.floor(random() ** 2 * known.length)] ?? '';
    const year = new Date(from).getUTCFullYear();
    const fill = (pattern: string): string =>
      pattern.replaceAll(/\{(\w)\}/g, (_all, what: string) => {
        if (what === 'p') return performer;
        if (what === 'c') return cityName;
        return what === 'y' ? String(year) : word(name);
      });
    const lowest = Math.floor(random() * 30) * 500;
    const bytes = new Uint8Array(16);
    for (let at = 0; at < 16; at += 1) bytes[at] = Math.floor(random() * 256);
    yield {
      eventId: encodeUlid(bytes),
      version: 2 + Math.floor(random() * 5),
      title: fill(pick(language.titles)),
      description: Array.from({ length: 4 + Math.floor(random() * 8) }, () => fill(pick(language.sentences))).join(' '),
      performers: random() < 0.7 ? [performer, ...(random() < 0.3 ? [pick(known)] : [])] : [],
      tags: [pick(language.tags), ...(random() < 0.5 ? [pick(language.tags)] : [])],
      category: pick(CATEGORIES),
      venueName: pick(venues.get(cityName) ?? []),
      city: cityName,
      latitude: latitude + (random() - 0.5) * 0.2,
      longitude: longitude + (random() - 0.5) * 0.2,
      startsAt: from + Math.floor(random() * SPAN_DAYS) * DAY_MS + (15 + Math.floor(random() * 8)) * 3_600_000,
      timeZone,
      featured: random() < 0.01,
      priceRange: { lowest, highest: lowest + Math.floor(random() * 20) * 500, currency },
    };
  }
}

type Pick = <T>(values: readonly T[]) => T;

function venuesOf([, languages]: City, word: (language: string) => string, pick: Pick): readonly string[] {
  return Array.from({ length: 60 }, () => {
    const name = pick(languages);
    return pick(LANGUAGES[name]?.venues ?? []).replace('{w}', word(name));
  });
}

function performerOf(
  name: string,
  { firstNames, lastNames }: Language,
  word: (language: string) => string,
  pick: Pick,
  random: () => number,
): string {
  if (random() < 0.35) return random() < 0.5 ? `${word(name)} ${word(name)}` : word(name);
  // Of people, most last names are shared by few.
  const last = random() < 0.3 ? pick(lastNames) : word(name);
  return ['ja', 'zh'].includes(name) ? `${last}${pick(firstNames)}` : `${pick(firstNames)} ${last}`;
}

function inventedWord(language: string, random: () => number, pick: Pick): string {
  const syllables = SYLLABLES[language] ?? SYLLABLES['latin'] ?? [];
  const text = Array.from({ length: 2 + Math.floor(random() * 2) }, () => pick(syllables)).join('');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
