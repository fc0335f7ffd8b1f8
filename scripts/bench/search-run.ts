import { setTimeout as pause } from 'node:timers/promises';

import type { Searchable } from '../../functions/catalog/contract.ts';
import { queryOf } from '../../functions/search/app/query-of.ts';
import { LiveIndex } from '../../functions/search/domain/live-index.ts';
import { search as findIn } from '../../functions/search/domain/search.ts';
import { searchQuery } from '../../functions/search/schemas.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { generatedEvents } from './catalogue/generate.ts';
import { queriesOver, type Query } from './catalogue/queries.ts';
import { putOnSale, putRows, retitle, segmentOf, storeSnapshot } from './catalogue/store.ts';
import { Environment, type Call } from './environment.ts';
import type { BenchContext } from './row.ts';

const EVENTS = 100_000;
const QUERIES = 140;
/** How often each is asked. */
const ROUNDS = 2;
/** Calls before any is timed, in which the code is compiled. */
const WARM_UP = 28;
/** Events on a page. */
const SHOWN = 25;
const SEED = 20_261_125;
const EDITS = 10;
/** Events that change at once, as when an organizer's import is published. */
const BURST = 500;

/** What searching a catalogue of {@link EVENTS} came to. */
export interface SearchRun {
  readonly events: number;
  readonly words: number;
  readonly snapshotBytes: number;
  /** The first call of an environment: it loads the index. */
  readonly first: Call;
  readonly calls: readonly Call[];
  /** A text looked for in each event by itself, processor milliseconds by query with a text. */
  readonly scans: readonly number[];
  /** Queries that found nothing. */
  readonly empty: number;
  /** Milliseconds from the write of a change to the answer that shows it. */
  readonly visibleAfter: readonly number[];
  /** The job's merge of the snapshot and all those changes. */
  readonly compaction: Call;
  /** Many changes; the time is from when the relay has told of the last. */
  readonly burst: { readonly changes: number; readonly visibleAfter: number; readonly call: Call };
}

const runs = new WeakMap<BenchContext['world'], Promise<SearchRun>>();

/** Fills the table, compacts the index and searches it, through the deployed functions; once a world. */
export function searchRun(context: BenchContext): Promise<SearchRun> {
  const known = runs.get(context.world) ?? measure(context);
  runs.set(context.world, known);
  return known;
}

async function measure(context: BenchContext): Promise<SearchRun> {
  const { world, bundles, progress } = context;
  const now = Date.now();
  progress(`indexing ${EVENTS} events`);
  const events = [...generatedEvents(EVENTS, SEED, now + DAY)];
  const queries = queriesOver(events, QUERIES, SEED);
  // Past the meter: what is timed is the handler and DynamoDB Local.
  const environment = { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: world.dynamoDbUrl };
  const data = segmentOf(events);
  const snapshotBytes = await storeSnapshot(context, data, now);
  const shown = shownBy(new LiveIndex(data), queries, now);
  const found = events.filter(({ eventId }) => shown.has(eventId));
  progress(`putting ${found.length} events on sale`);
  await putRows(context, [...events.slice(0, EDITS + BURST), ...found], now);
  await putOnSale(context, found, now);

  const start = (entry: string): Environment => new Environment(bundles.pathOf(entry), environment);
  const search = start('search/handlers/http-search.ts');
  const compact = start('search/handlers/schedule-compact-index.ts');
  try {
    const first = (await search.search({ q: 'live' })).call;
    for (const query of queries.slice(0, WARM_UP)) await search.search(query);
    const calls: Call[] = [];
    let empty = 0;
    for (const query of Array.from({ length: ROUNDS }, () => queries).flat()) {
      if (calls.length % 20 === 0) progress(`searching, ${calls.length} of ${QUERIES * ROUNDS}`);
      const { found, call } = await search.search(query);
      empty += Number(found.items.length === 0);
      calls.push(call);
    }
    const visibleAfter = await edit(context, search, events.slice(0, EDITS));
    const many = await burst(context, search, events.slice(EDITS, EDITS + BURST));
    progress('compacting the index');
    const compaction = (await compact.call({ time: new Date(Date.now()).toISOString() })).call;
    return {
      events: EVENTS,
      words: data.columns.tokenStarts.length - 1,
      snapshotBytes,
      first,
      calls,
      empty,
      scans: scan(events, queries),
      visibleAfter,
      burst: many,
      compaction,
    };
  } finally {
    search.end();
    compact.end();
  }
}

/** The events on the first pages of `queries`: those whose rows are needed. */
function shownBy(index: LiveIndex, queries: readonly Query[], now: number): ReadonlySet<string> {
  const pages = queries.map((query) => findIn(index, queryOf(searchQuery.parse(query), now), SHOWN));
  return new Set(pages.flatMap(({ hits }) => hits.map(({ eventId }) => eventId)));
}

/** The least that a search without an index would do: looks for the query's words in the text of each event. */
function scan(events: readonly Searchable[], queries: readonly Query[]): readonly number[] {
  const texts = events.map(({ title, performers, venueName, city, tags }) =>
    [title, ...performers, venueName, city, ...tags].join(' ').toLowerCase(),
  );
  return queries.flatMap(({ q }) => {
    if (q === undefined) return [];
    const words = q.toLowerCase().split(' ');
    const before = process.cpuUsage();
    const found = texts.filter((text) => words.every((word) => text.includes(word))).length;
    const { user, system } = process.cpuUsage(before);
    return found <= EVENTS ? [(user + system) / 1_000] : [];
  });
}

/** Changes events one by one. @returns how long each took to be found by its new title */
async function edit(context: BenchContext, search: Environment, events: readonly Searchable[]): Promise<number[]> {
  const after: number[] = [];
  for (const [number, event] of events.entries()) {
    context.progress(`an event changes, ${number} of ${EDITS}`);
    const word = `umbenannt${number}`;
    const startedAt = performance.now();
    await retitle(context, [event], `${event.title} ${word}`);
    await until(search, word, 1);
    after.push(performance.now() - startedAt);
  }
  return after;
}

async function burst(
  context: BenchContext,
  search: Environment,
  events: readonly Searchable[],
): Promise<SearchRun['burst']> {
  context.progress(`${events.length} events change at once`);
  await retitle(context, events, 'sammelaenderung');
  const startedAt = performance.now();
  const call = await until(search, 'sammelaenderung', events.length);
  return { changes: events.length, visibleAfter: performance.now() - startedAt, call };
}

/** Searches until `count` are found. @returns the longest of the calls */
async function until(search: Environment, q: string, count: number): Promise<Call> {
  let longest: Call | undefined;
  for (let look = 0; look < 300; look += 1) {
    const { found, call } = await search.search({ q });
    if (longest === undefined || call.wall > longest.wall) longest = call;
    if (found.total === count) return longest;
    await pause(50);
  }
  throw new Error(`${q} was not found within 15 seconds`);
}
