import { decodeUlid } from '../../shared/kernel/ids.ts';
import { wholeUnits } from './document.ts';
import { bandOf, FACET, FacetCounter, type Facets, type SegmentCounts } from './facets.ts';
import { filterOf } from './filter.ts';
import type { LiveIndex, Part } from './live-index.ts';
import { matchText, STAGES, type Matches, type Stage } from './match.ts';
import { distanceKm, type SearchQuery, type Sort } from './query.ts';
import { compareBytes } from './segment-builder.ts';
import type { Segment } from './segment.ts';

/**
 * Where something stands in the order of a list: three numbers, each the tie-breaker of the one before, and
 * the event's id. A page begins after such a place, so what is added or removed before it moves nothing.
 */
export interface Position {
  readonly stage: Stage;
  readonly keys: readonly [number, number, number];
  readonly eventId: string;
}

/** An event that was found. */
export interface Hit {
  readonly eventId: string;
  readonly position: Position;
  /** Kilometres from the place that was asked for. */
  readonly distanceKm?: number;
}

/** What a search found. */
export interface Found {
  readonly hits: readonly Hit[];
  readonly more: boolean;
  /** Everything that is found, on whatever page. */
  readonly total: number;
  readonly facets: Facets;
  readonly stage: Stage;
}

/** With fewer finds than this, a text is read more generously. */
const FEW = 3;

/**
 * Up to `limit` events after `after`, with counts of all that are found.
 *
 * @param after where the page before ended; it also says how generously the text was read then
 */
export function search(index: LiveIndex, query: SearchQuery, limit: number, after?: Position): Found {
  const { stage, matches } = readText(index, query, after?.stage);
  const page = new Page(limit, after);
  const facets = new FacetCounter();
  let total = 0;
  for (const [number, part] of index.parts.entries()) {
    const counts = facets.countersFor(part.segment);
    total += searchPart(part, matches?.[number], query, page, counts);
    facets.add(part.segment, counts);
  }
  return { ...page.result(stage, query), total, facets: facets.result(), stage };
}

/** The matches of the text in each part, as strictly as something is found; undefined without a text. */
function readText(
  { parts }: LiveIndex,
  { wanted, now }: SearchQuery,
  stage: Stage | undefined,
): { readonly stage: Stage; readonly matches: readonly Matches[] | undefined } {
  if (wanted.length === 0) return { stage: 'plain', matches: undefined };
  const match = (at: Stage): readonly Matches[] => parts.map(({ segment }) => matchText(segment, wanted, at));
  if (stage !== undefined) return { stage, matches: match(stage) };
  const plain = match('plain');
  const found = countFound(parts, plain, now);
  if (found >= FEW) return { stage: 'plain', matches: plain };
  const typos = match('typos');
  const similar = countFound(parts, typos, now);
  if (similar > 0 || wanted.length === 1)
    return similar > found ? { stage: 'typos', matches: typos } : { stage: 'plain', matches: plain };
  return { stage: 'some', matches: match(STAGES[2]) };
}

function countFound(parts: readonly Part[], matches: readonly Matches[], now: number): number {
  let found = 0;
  for (const [number, { segment, dead }] of parts.entries()) {
    const { scores } = matches[number] ?? { scores: new Uint32Array() };
    const { startsAt } = segment.data.columns;
    for (let document = 0; document < scores.length; document += 1)
      if (scores[document] !== 0 && dead[document] !== 1 && (startsAt[document] ?? 0) > now) found += 1;
  }
  return found;
}

function searchPart(
  { segment, dead }: Part,
  matches: Matches | undefined,
  query: SearchQuery,
  page: Page,
  counts: SegmentCounts,
): number {
  const { columns } = segment.data;
  const filter = filterOf(segment, query);
  const keysOf = sorterOf(query.sort, query, matches, segment);
  let total = 0;
  for (let document = filter.first; document < segment.count; document += 1) {
    if (dead[document] === 1 || (matches !== undefined && matches.scores[document] === 0)) continue;
    const failed = filter.failedBy(document);
    if (failed < 0) continue;
    count(segment, document, failed, counts);
    if (failed !== 0) continue;
    total += 1;
    page.offer(segment, document, keysOf(document, columns.startsAt[document] ?? 0));
  }
  return total;
}

/** Counts a document in every kind of facet of which no other filter leaves it out. */
function count(segment: Segment, document: number, failed: number, counts: SegmentCounts): void {
  const { columns } = segment.data;
  if (failed === 0 || failed === FACET.category) bump(counts.categories, columns.categories[document] ?? 0);
  if (failed === 0 || failed === FACET.city) bump(counts.cities, columns.cities[document] ?? 0);
  if (failed === 0 || failed === FACET.price) {
    const currency = columns.currencies[document] ?? 0;
    const bands = counts.prices[currency];
    const lowerEnds = counts.lowerEnds[currency];
    if (bands !== undefined && lowerEnds !== undefined)
      bump(bands, bandOf(columns.lowestPrices[document] ?? 0, lowerEnds));
  }
  if (failed === 0 || failed === FACET.month) bump(counts.days, (columns.localDays[document] ?? 0) - counts.firstDay);
}

function bump(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

type Keys = readonly [number, number, number];

/** What has no price comes after all that has. */
const NO_PRICE = 1e15;

function sorterOf(
  sort: Sort,
  { near }: SearchQuery,
  matches: Matches | undefined,
  segment: Segment,
): (document: number, startsAt: number) => Keys {
  const { columns, currencyLabels } = segment.data;
  switch (sort) {
    case 'relevance':
      // Among equals the one that is clearly more popular, then the sooner one.
      return (document, startsAt) => [
        -(matches?.scores[document] ?? 0),
        -Math.floor(columns.popularity[document] ?? 0),
        startsAt,
      ];
    case 'popularity':
      return (document, startsAt) => [-(columns.popularity[document] ?? 0), startsAt, 0];
    case 'price':
      return (document, startsAt) => {
        const currency = currencyLabels[columns.currencies[document] ?? 0] ?? '';
        return [currency === '' ? NO_PRICE : wholeUnits(columns.lowestPrices[document] ?? 0, currency), startsAt, 0];
      };
    case 'distance':
      return (document, startsAt) => [
        near === undefined
          ? 0
          : distanceKm(near, {
              latitude: columns.latitudes[document] ?? 0,
              longitude: columns.longitudes[document] ?? 0,
            }),
        startsAt,
        0,
      ];
    case 'date':
      return (_document, startsAt) => [startsAt, 0, 0];
  }
}

interface Candidate {
  readonly segment: Segment;
  readonly document: number;
  readonly keys: Keys;
}

/** The first so many candidates after a position, of any number that are offered. */
class Page {
  readonly #limit: number;
  readonly #after: { readonly keys: Keys; readonly id: Uint8Array } | undefined;
  /** Sorted; one more than the page holds, to know whether there are more. */
  readonly #best: Candidate[] = [];

  constructor(limit: number, after: Position | undefined) {
    this.#limit = limit;
    this.#after = after === undefined ? undefined : { keys: after.keys, id: decodeUlid(after.eventId) };
  }

  offer(segment: Segment, document: number, keys: Keys): void {
    const candidate = { segment, document, keys };
    if (this.#after !== undefined && !isAfter(candidate, this.#after)) return;
    const last = this.#best.length > this.#limit ? this.#best.at(-1) : undefined;
    if (last !== undefined && compare(candidate, last) >= 0) return;
    let [low, high] = [0, this.#best.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#best[middle];
      if (other !== undefined && compare(other, candidate) < 0) low = middle + 1;
      else high = middle;
    }
    this.#best.splice(low, 0, candidate);
    if (this.#best.length > this.#limit + 1) this.#best.pop();
  }

  result(stage: Stage, { near }: SearchQuery): { readonly hits: readonly Hit[]; readonly more: boolean } {
    return {
      more: this.#best.length > this.#limit,
      hits: this.#best.slice(0, this.#limit).map(({ segment, document, keys }) => {
        const eventId = segment.eventIdOf(document);
        const { latitudes, longitudes } = segment.data.columns;
        const place = { latitude: latitudes[document] ?? Number.NaN, longitude: longitudes[document] ?? Number.NaN };
        return {
          eventId,
          position: { stage, keys, eventId },
          ...(near === undefined ? {} : { distanceKm: Math.round(distanceKm(near, place) * 10) / 10 }),
        };
      }),
    };
  }
}

function compare(left: Candidate, right: Candidate): number {
  return (
    compareKeys(left.keys, right.keys) ||
    compareBytes(left.segment.idBytesOf(left.document), right.segment.idBytesOf(right.document))
  );
}

function isAfter(candidate: Candidate, after: { readonly keys: Keys; readonly id: Uint8Array }): boolean {
  const order = compareKeys(candidate.keys, after.keys);
  return order > 0 || (order === 0 && candidate.segment.compareId(candidate.document, after.id) > 0);
}

function compareKeys(left: Keys, right: Keys): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
