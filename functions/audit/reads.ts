import * as z from 'zod/mini';

import type { Instant } from '../shared/kernel/clock.ts';
import type { Table } from '../shared/table/client.ts';
import { MARK } from '../shared/table/aggregate.ts';
import { getItem, getItems, queryAll } from '../shared/table/read.ts';
import { keysOfStep, readSteps, stepsIn } from '../shared/table/timeline.ts';
import { stockAudit, type StockAudit } from './contract.ts';
import { spanOf, type Touched } from './domain/touched.ts';
import { LISTED_KEY, stockAuditKey, touchedPartition } from './keys.ts';

const mark = { ver: z.number(), ev: z.string(), at: z.number(), cid: z.string(), by: z.string(), ch: z.string() };
const stepRow = z.object({
  ...mark,
  set: z.record(z.string(), z.unknown()),
  removed: z.array(z.string()),
});
/** A row in its first version, which stands for its own first step. */
const firstRow = z.looseObject({ ...mark, ver: z.literal(1) });
const touchedRow = z.object({ sk: z.string(), things: z.array(z.tuple([z.string(), z.number()])) });

/** A step of an aggregate, as its timeline keeps it, without the values. */
export interface TrailStep {
  readonly pk: string;
  readonly ver: number;
  readonly ev: string;
  readonly at: Instant;
  readonly cid: string;
  readonly by: string;
  readonly ch: string;
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

function stepOf(pk: string, kept: unknown): TrailStep {
  const { set, removed, ...step } = z.parse(stepRow, kept);
  return { pk, ...step, changed: Object.keys(set).toSorted(), removed };
}

/** The steps of an aggregate, newest first. @param before only those to versions below this */
export async function* readTrail(table: Table, pk: string, before?: number): AsyncGenerator<TrailStep> {
  let found = false;
  const query = { newestFirst: true, pageSize: 101, ...(before === undefined ? {} : { before }) };
  for await (const step of readSteps(table, pk, query)) {
    found = true;
    yield stepOf(pk, step);
  }
  if (!found && before === undefined) yield* ownFirstStep(table, pk);
}

/** Most tickets never change: until one does, its row is its first step, and nothing else is written for it. */
async function* ownFirstStep(table: Table, pk: string): AsyncGenerator<TrailStep> {
  const row = z.safeParse(firstRow, await getItem(table, { pk, sk: pk.split('#')[0] ?? '' }, 'eventual'));
  if (!row.success) return;
  const { ver, ev, at, cid, by, ch, ...rest } = row.data;
  const changed = Object.keys(rest).filter((name) => !['pk', 'sk', ...MARK].includes(name));
  yield { pk, ver, ev, at, cid, by, ch, changed: changed.toSorted(), removed: [] };
}

/** The steps of an aggregate that follow each other within one span from a marked version on, newest first. */
export async function readSpan(table: Table, [pk, version]: Touched): Promise<readonly TrailStep[]> {
  const steps: TrailStep[] = [];
  for await (const kept of readSteps(table, pk, { from: version, pageSize: 12 })) {
    const step = stepOf(pk, kept);
    const [first = step] = steps;
    if (spanOf(step.at) !== spanOf(first.at)) break;
    steps.push(step);
  }
  return steps.toReversed();
}

/** What one batch of the stream has touched within one span. */
export interface TouchedTogether {
  /** Its sort key, by which a list goes on. */
  readonly position: string;
  readonly things: readonly Touched[];
}

/**
 * What was touched on the day of `at`, newest first.
 *
 * @param below only what sorts below this position
 */
export async function* readTouched(table: Table, at: Instant, below: string): AsyncGenerator<TouchedTogether> {
  for await (const item of queryAll(table, {
    pk: touchedPartition(at),
    after: below,
    newestFirst: true,
    pageSize: 50,
  })) {
    const { sk, things } = z.parse(touchedRow, item);
    yield { position: sk, things };
  }
}

/** How a step's hash is named in what {@link findHashes} answers. */
export function hashName(pk: string, ver: number): string {
  return `${pk} ${ver}`;
}

const hashOf = z.object({ ver: z.number(), ch: z.string() });

/** The hashes of steps by {@link hashName}, those that are not told left out. */
export async function findHashes(
  table: Table,
  steps: readonly { readonly pk: string; readonly ver: number }[],
): Promise<ReadonlyMap<string, string>> {
  const keys = steps.filter(({ ver }) => ver > 0).flatMap(({ pk, ver }) => keysOfStep(pk, ver));
  const items = await getItems(table, keys, 'eventual');
  return new Map(
    items.flatMap((item) =>
      stepsIn(item).map((step) => {
        const { ver, ch } = z.parse(hashOf, step);
        return [hashName(item.pk, ver), ch] as const;
      }),
    ),
  );
}

const listedRow = z.object({ until: z.number() });

/** Until when orders have been listed with their events; undefined where none ever were. */
export async function findListedUntil(table: Table): Promise<Instant | undefined> {
  const item = await getItem(table, LISTED_KEY, 'strong');
  return item === undefined ? undefined : z.parse(listedRow, item).until;
}

/** What the last look at an event's stock has found, or undefined where there was none. */
export async function findStockAudit(table: Table, eventId: string): Promise<StockAudit | undefined> {
  const item = await getItem(table, stockAuditKey(eventId), 'strong');
  return item === undefined ? undefined : z.parse(stockAudit, item);
}

/** When each of the events was looked at last, and whether something of it is to be looked at again. */
export async function findLooks(table: Table, eventIds: readonly string[]): Promise<ReadonlyMap<string, StockAudit>> {
  const rows = await getItems(table, eventIds.map(stockAuditKey), 'eventual');
  return new Map(rows.map((item) => [item.pk.slice('EVENT#'.length), z.parse(stockAudit, item)]));
}
