import type { Instant } from '../../shared/kernel/clock.ts';
import type { SearchDocument } from './document.ts';
import { SegmentBuilder } from './segment-builder.ts';
import type { SegmentData } from './segment-format.ts';
import { Segment } from './segment.ts';
import { UNSOLD, type Popularity } from './popularity.ts';

/** What has become of an event: its document as of a version of its row, or that it is not to be found any more. */
export type Update =
  | { readonly kind: 'document'; readonly document: SearchDocument }
  | { readonly kind: 'gone'; readonly eventId: string; readonly version: number };

/** A segment with which of its documents still count. */
export interface Part {
  readonly segment: Segment;
  /** 1 for a document that was replaced or removed. */
  readonly dead: Uint8Array;
}

/** Updates are gathered in a small segment that is built anew with each; when it is this large, it is left as it is. */
const LARGEST_FRESH = 500;

/**
 * The index of published events: a large segment from storage and small ones of what has changed since.
 * Updates may come late, twice and in any order: each says which version of the event it is from, and the
 * newest counts, whether it shows the event or takes it away. Prices that rules make move within a version: of
 * documents of one version with other prices the later update counts.
 */
export class LiveIndex {
  readonly #parts: Part[] = [];
  /** Documents of the last part, which is built anew while it is small. */
  #fresh = new Map<string, SearchDocument>();
  #freshPart: Part | undefined;
  /** Versions at which events went. */
  readonly #gone = new Map<string, number>();
  #updates = 0;

  constructor(base?: SegmentData) {
    if (base !== undefined) this.#parts.push(partOf(base));
  }

  /** Every part, the largest first. */
  get parts(): readonly Part[] {
    return this.#freshPart === undefined ? this.#parts : [...this.#parts, this.#freshPart];
  }

  /** Updates taken since the base. */
  get updates(): number {
    return this.#updates;
  }

  /** How many events there are. */
  get size(): number {
    return this.parts.reduce((sum, { dead }) => sum + dead.reduce((alive, one) => alive + 1 - one, 0), 0);
  }

  /** The version of an event that the index knows of, shown or gone; 0 for none. */
  versionOf(eventId: string): number {
    const gone = this.#gone.get(eventId) ?? 0;
    return Math.max(
      gone,
      ...this.parts.map(({ segment }) => {
        const document = segment.find(eventId);
        return document < 0 ? 0 : (segment.data.columns.versions[document] ?? 0);
      }),
    );
  }

  /** Takes what is newer than what is known; the rest is known already. */
  apply(updates: readonly Update[]): void {
    const newest = new Map<string, Update>();
    for (const update of updates) {
      const known = newest.get(eventIdOf(update));
      if (known === undefined || versionOf(known) < versionOf(update)) newest.set(eventIdOf(update), update);
    }
    const news = [...newest.values()].filter((update) => this.#isNews(update));
    if (news.length === 0) return;
    this.#updates += news.length;
    for (const update of news) {
      const eventId = eventIdOf(update);
      this.#bury(eventId);
      if (update.kind === 'gone') {
        this.#gone.set(eventId, update.version);
        this.#fresh.delete(eventId);
      } else {
        this.#gone.delete(eventId);
        this.#fresh.set(eventId, update.document);
      }
    }
    this.#buildFresh();
  }

  /** One segment of everything that counts at `now`; events that have begun are left behind. */
  compacted(now: Instant, popularityOf: (eventId: string, known: Popularity) => Popularity): SegmentData {
    const builder = new SegmentBuilder();
    for (const { segment, dead } of this.parts) {
      const { startsAt, popularity } = segment.data.columns;
      builder.addSegment(
        segment,
        (document) => dead[document] !== 1 && (startsAt[document] ?? 0) > now,
        (document) => popularityOf(segment.eventIdOf(document), popularity[document] ?? UNSOLD),
      );
    }
    return builder.build();
  }

  #isNews(update: Update): boolean {
    const known = this.versionOf(eventIdOf(update));
    if (versionOf(update) !== known || update.kind === 'gone') return versionOf(update) > known;
    const { eventId, lowestPrice, highestPrice } = update.document.facts;
    return this.parts.some(({ segment, dead }) => {
      const document = segment.find(eventId);
      if (document < 0 || dead[document] === 1) return false;
      const { lowestPrices, highestPrices } = segment.data.columns;
      return lowestPrices[document] !== lowestPrice || highestPrices[document] !== highestPrice;
    });
  }

  #bury(eventId: string): void {
    for (const { segment, dead } of this.#parts) {
      const document = segment.find(eventId);
      if (document >= 0) dead[document] = 1;
    }
  }

  #buildFresh(): void {
    const builder = new SegmentBuilder();
    for (const document of this.#fresh.values()) builder.add(document, this.#popularityOf(document.facts.eventId));
    this.#freshPart = this.#fresh.size === 0 ? undefined : partOf(builder.build());
    if (this.#fresh.size < LARGEST_FRESH || this.#freshPart === undefined) return;
    this.#parts.push(this.#freshPart);
    this.#freshPart = undefined;
    this.#fresh = new Map();
  }

  /** A changed event stays as popular as it was. */
  #popularityOf(eventId: string): Popularity {
    return Math.max(
      UNSOLD,
      ...this.#parts.map(({ segment }) => {
        const document = segment.find(eventId);
        return document < 0 ? UNSOLD : (segment.data.columns.popularity[document] ?? UNSOLD);
      }),
    );
  }
}

function partOf(data: SegmentData): Part {
  return { segment: new Segment(data), dead: new Uint8Array(data.count) };
}

function eventIdOf(update: Update): string {
  return update.kind === 'gone' ? update.eventId : update.document.facts.eventId;
}

function versionOf(update: Update): number {
  return update.kind === 'gone' ? update.version : update.document.facts.version;
}
