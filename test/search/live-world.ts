import type { EventDetails } from '../../functions/catalog/domain/event.ts';
import { publishedPosition, PUBLISHED_EVENTS } from '../../functions/catalog/keys.ts';
import type { IndexSources, LiveSearch } from '../../functions/search/app/live-search.ts';
import { searchEvents } from '../../functions/search/app/search-events.ts';
import type { Snapshots } from '../../functions/search/ports.ts';
import type { SearchParameters } from '../../functions/search/schemas.ts';
import { logListingChanges } from '../../functions/search/writes.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { begin, chainHash, type Occasion } from '../../functions/shared/table/aggregate.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { mustHold, type Put } from '../../functions/shared/table/writes.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';

/** The moment at which these tests begin. */
export const START = Date.UTC(2026, 10, 24, 12);
export const CURSOR_KEY = new Uint8Array(32).fill(7);

export const occasion = (now: number): Occasion => ({ now, correlationId: 'test', by: 'schedule:compact-index' });

/** A bucket in memory that can be lost, damaged or unreachable. */
export class MemorySnapshots implements Snapshots {
  readonly objects = new Map<string, { bytes: Uint8Array; writtenAt: number }>();
  unreachable = false;
  now = START;

  async read(name: string): Promise<Uint8Array> {
    const found = this.objects.get(name);
    if (this.unreachable || found === undefined) throw new Error(`No answer for ${name}`);
    return found.bytes;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.objects.set(name, { bytes, writtenAt: this.now });
  }

  async list(): Promise<readonly { name: string; writtenAt: number }[]> {
    return [...this.objects].map(([name, { writtenAt }]) => ({ name, writtenAt }));
  }

  async remove(name: string): Promise<void> {
    this.objects.delete(name);
  }
}

/** A table with events and their log of changes, and a bucket for snapshots of their index. */
export class LiveWorld {
  readonly snapshots = new MemorySnapshots();
  readonly #db: TestTable;

  private constructor(db: TestTable) {
    this.#db = db;
  }

  static async start(): Promise<LiveWorld> {
    return new LiveWorld(await startTestTable());
  }

  get table(): Table {
    return this.#db.table;
  }

  items(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.#db.items();
  }

  drop(): Promise<void> {
    return this.#db.drop();
  }

  sources(): IndexSources {
    return { table: this.table, snapshots: this.snapshots };
  }

  /** Puts the row of an event in `version` as the catalogue would have left it, listed or not, and tells of it. */
  async given(
    name: string,
    {
      version = 2,
      at = START,
      listed = true,
      told = true,
      ...more
    }: Partial<EventDetails> & {
      version?: number;
      at?: number;
      listed?: boolean;
      told?: boolean;
    } = {},
  ): Promise<string> {
    const eventId = derivedId('event', name);
    const startsAt = more.startsAt ?? START + 10 * DAY;
    const details: EventDetails = {
      eventId,
      organizationId: derivedId('organization'),
      createdBy: derivedId('user'),
      title: name,
      description: '',
      category: 'concert',
      timeZone: 'Europe/Berlin',
      ticketTypes: [
        { ticketTypeId: derivedId('type', name), name: 'Standing', unitPrice: 2_500, currency: 'EUR', quantity: 10 },
      ],
      status: listed ? 'PUBLISHED' : 'DRAFT',
      createdAt: START,
      requestHash: 'hash',
      ...(listed ? { publishedAt: at } : {}),
      ...more,
      startsAt,
    };
    const key = { pk: `EVENT#${eventId}`, sk: 'EVENT' };
    const { item } = begin(key, details, { ...occasion(at), event: 'catalog.EventPublished.v1' }, mustHold('test'));
    const index = listed ? { gsi1pk: PUBLISHED_EVENTS, gsi1sk: publishedPosition(startsAt, eventId) } : {};
    const row: Put<never> = {
      kind: 'put',
      key,
      item: { ...item, ...index, ver: version, ch: chainHash('', { ...item }) },
      otherwise: mustHold('test'),
    };
    await putItems(this.table, [row, ...(told ? logListingChanges([{ eventId, version }], at) : [])]);
    return eventId;
  }

  /** Titles of what a search finds, in their order. */
  async titles(live: LiveSearch, now: number, query: Partial<SearchParameters> = {}): Promise<string[]> {
    const { items } = await searchEvents({ table: this.table, live, cursorKey: CURSOR_KEY }, query, now);
    return items.map(({ title }) => title);
  }
}

/** Turns one bit of what is stored. */
export function damageIn(bytes: Uint8Array): void {
  const at = bytes.length - 9;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
}
