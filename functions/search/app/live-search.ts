import { createHash } from 'node:crypto';

import { allListings, findListings, type Listing } from '../../catalog/listings.ts';
import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../shared/kernel/clock.ts';
import { problem, ProblemError } from '../../shared/kernel/problems.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { documentOf } from '../domain/document.ts';
import { LiveIndex, type Update } from '../domain/live-index.ts';
import { decodeSegment, type SegmentData } from '../domain/segment-format.ts';
import type { Snapshots } from '../ports.ts';
import { findSnapshot, listingChangesSince, type Snapshot } from '../reads.ts';

/** What the index is made from. */
export interface IndexSources {
  readonly table: Table;
  readonly snapshots: Snapshots;
}

/** The log of changes is read at most this often; a change shows at the first request after it. */
const POLL_MS = SECOND;
/**
 * How far before the last reading the log is read again. An entry bears the time at which the relay set about
 * writing it, and the relay may take 30 s for that; clocks differ by less than the rest.
 */
export const OVERLAP_MS = MINUTE;
/** Changes that old are no longer all in the log; a snapshot that is older is of no use. */
const LONGEST_CATCH_UP_MS = 6 * DAY;
/** The compaction runs every quarter of an hour and says at least once a day that it does; later is an alarm. */
const STALE_MS = DAY + 6 * HOUR;
/** Without a snapshot, so many events are read one by one: a second's work. With more, somebody must wait. */
const MOST_READ_DIRECTLY = 2_000;
/** How often an environment looks for a newer snapshot: what has sold stands there only, the log tells of changes. */
const LOOK_EVERY_MS = 5 * MINUTE;
/** After a failure, requests are turned away for so long before the next try. */
const RETRY_AFTER_SECONDS = 10;

/** An index that is kept up with the log of changes. */
export interface KeptUp {
  readonly index: LiveIndex;
  /** Every change that was logged before this has been taken. */
  caughtUpTo: Instant;
  /** For events whose prices have moved of late, the entry of the log after which they were read. */
  priced: ReadonlyMap<string, string>;
}

interface Loaded extends KeptUp {
  readonly snapshot: string | undefined;
  lookedAt: Instant;
}

/**
 * The index of one execution environment: loaded at the first request, then kept up with the log of changes.
 * It is as it was at most a second ago, or it is not there: a search is turned away rather than answered from
 * what may be wrong.
 */
export class LiveSearch {
  readonly #sources: IndexSources;
  readonly #mostReadDirectly: number;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;
  #failedAt: Instant | undefined;

  /** @param mostReadDirectly events that are read one by one where there is no snapshot; with more, nobody is answered */
  constructor(sources: IndexSources, mostReadDirectly = MOST_READ_DIRECTLY) {
    this.#sources = sources;
    this.#mostReadDirectly = mostReadDirectly;
  }

  /** The index as of `now`. @throws ProblemError SEARCH_UNAVAILABLE when there is none to be had */
  async current(now: Instant): Promise<LiveIndex> {
    const loaded = await this.#load(now);
    if (now - loaded.caughtUpTo >= POLL_MS) await catchUp(this.#sources.table, loaded, now);
    return loaded.index;
  }

  async #load(now: Instant): Promise<Loaded> {
    // Of changes that old the log may have gaps.
    if (this.#loaded !== undefined && now - this.#loaded.caughtUpTo <= LONGEST_CATCH_UP_MS)
      return this.#renewed(this.#loaded, now);
    if (this.#failedAt !== undefined && now - this.#failedAt < RETRY_AFTER_SECONDS * SECOND) throw unavailable();
    try {
      this.#loading ??= load(this.#sources, now, this.#mostReadDirectly);
      this.#loaded = await this.#loading;
      this.#failedAt = undefined;
      return this.#loaded;
    } catch (error) {
      this.#failedAt = now;
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }

  /** What is loaded, or the snapshot that has been taken since; what is loaded also where that cannot be had. */
  async #renewed(loaded: Loaded, now: Instant): Promise<Loaded> {
    if (now - loaded.lookedAt < LOOK_EVERY_MS) return loaded;
    loaded.lookedAt = now;
    const found = await findSnapshot(this.#sources.table);
    if (found === undefined || found.snapshot.name === loaded.snapshot) return loaded;
    this.#loaded = (await loadSnapshot(this.#sources, found.snapshot, now)) ?? loaded;
    return this.#loaded;
  }
}

async function load(sources: IndexSources, now: Instant, mostReadDirectly: number): Promise<Loaded> {
  const found = await findSnapshot(sources.table);
  const loaded = found === undefined ? undefined : await loadSnapshot(sources, found.snapshot, now);
  if (loaded !== undefined) return loaded;
  return {
    index: await readDirectly(sources.table, now, mostReadDirectly),
    snapshot: undefined,
    lookedAt: now,
    ...keptUp(now),
  };
}

/** What a snapshot holds, or undefined where it cannot be had. */
async function loadSnapshot(sources: IndexSources, snapshot: Snapshot, now: Instant): Promise<Loaded | undefined> {
  try {
    const index = new LiveIndex(await readSnapshot(sources.snapshots, snapshot, now));
    return { index, snapshot: snapshot.name, lookedAt: now, ...keptUp(snapshot.changesUntil) };
  } catch (error) {
    // Said loudly: an alarm hangs on it. The compaction makes a new one within a quarter of an hour.
    logFault('SEARCH_INDEX_FAULT', error, { snapshot: snapshot.name });
    return undefined;
  }
}

/** The segment of a snapshot. @throws when it cannot be had, is not what was written, or is too old to be caught up */
export async function readSnapshot(
  snapshots: Snapshots,
  { name, sha256, changesUntil }: Snapshot,
  now: Instant,
): Promise<SegmentData> {
  if (now - changesUntil > LONGEST_CATCH_UP_MS) throw new Error('The snapshot is older than the log of changes');
  if (now - changesUntil > STALE_MS) logFault('SEARCH_INDEX_FAULT', new Error('The snapshot is days old'));
  const bytes = await snapshots.read(name);
  if (sha256Of(bytes) !== sha256) throw new Error('The snapshot is not what was written');
  return decodeSegment(bytes);
}

/** Names bytes in hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A small catalogue needs no snapshot. @throws ProblemError SEARCH_UNAVAILABLE for a large one */
async function readDirectly(table: Table, now: Instant, most: number): Promise<LiveIndex> {
  const updates: Update[] = [];
  for await (const event of allListings(table, now)) {
    if (updates.length === most) throw unavailable();
    updates.push({ kind: 'document', document: documentOf(event) });
  }
  const index = new LiveIndex();
  index.apply(updates);
  return index;
}

/** What an index that knows all that was logged before `caughtUpTo` is kept up by. */
export function keptUp(caughtUpTo: Instant): Omit<KeptUp, 'index'> {
  return { caughtUpTo, priced: new Map() };
}

/** Takes the changes that were logged since the last time. Which they are is read from the events as they are now. */
export async function catchUp(table: Table, state: KeptUp, now: Instant): Promise<void> {
  const logged = await listingChangesSince(table, state.caughtUpTo - OVERLAP_MS, now);
  const news = [...logged].filter(
    ([eventId, { version, pricedAt }]) =>
      state.index.versionOf(eventId) < version || state.priced.get(eventId) !== pricedAt,
  );
  if (news.length > 0) {
    const listings = await findListings(
      table,
      news.map(([eventId]) => eventId),
      now,
    );
    state.index.apply(listings.map((listing) => updateOf(listing, logged.get(listing.eventId)?.version ?? 0)));
  }
  state.priced = new Map(
    [...logged].flatMap(([eventId, { pricedAt }]) => (pricedAt === undefined ? [] : [[eventId, pricedAt]])),
  );
  state.caughtUpTo = now;
}

/** A listing as the index takes it; an event that is no more is gone at the version that the news named. */
function updateOf({ eventId, version, searchable }: Listing, named: number): Update {
  return searchable === undefined
    ? { kind: 'gone', eventId, version: Math.max(version, named) }
    : { kind: 'document', document: documentOf(searchable) };
}

function unavailable(): ProblemError {
  return new ProblemError(
    problem('SEARCH_UNAVAILABLE', 'The search is being prepared. Events can still be opened by their address.', {
      retryAfter: RETRY_AFTER_SECONDS,
    }),
  );
}
