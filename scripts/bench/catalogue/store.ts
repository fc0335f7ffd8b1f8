import { marshall } from '@aws-sdk/util-dynamodb';

import type { Searchable } from '../../../functions/catalog/contract.ts';
import { prepareStock } from '../../../functions/inventory/operations.ts';
import { openSale } from '../../../functions/inventory/sale-writes.ts';
import { sha256Of } from '../../../functions/search/app/live-search.ts';
import { documentOf } from '../../../functions/search/domain/document.ts';
import { SegmentBuilder } from '../../../functions/search/domain/segment-builder.ts';
import { encodeSegment, type SegmentData } from '../../../functions/search/domain/segment-format.ts';
import { s3Snapshots } from '../../../functions/search/s3-snapshots.ts';
import { takeSnapshot } from '../../../functions/search/writes.ts';
import { putItems } from '../../../functions/shared/table/batch.ts';
import { commit } from '../../../functions/shared/table/commit.ts';
import { render } from '../../../functions/shared/table/render.ts';
import { mustHold, type Put } from '../../../functions/shared/table/writes.ts';
import { relayBatch } from '../flows.ts';
import type { RowChange } from '../meter.ts';
import type { BenchContext } from '../row.ts';
import { CAPACITY, eventRow, saleOf } from './rows.ts';

/** Streams of writes that DynamoDB Local takes best. */
const AT_ONCE = 4;
/** Events that share a batch of writes, or of the stream. */
const BATCH = 100;

/** The index of events that nothing else is known of. */
export function segmentOf(events: readonly Searchable[]): SegmentData {
  const builder = new SegmentBuilder();
  for (const event of events) builder.add(documentOf(event));
  return builder.build();
}

/**
 * Makes a snapshot the present one. It is made as the job makes one from nothing, but from the events at hand: DynamoDB
 * Local takes minutes to list a hundred thousand rows. @returns its bytes
 */
export async function storeSnapshot(
  { world: { table, environment } }: BenchContext,
  data: SegmentData,
  now: number,
): Promise<number> {
  const bytes = encodeSegment(data);
  const snapshot = {
    name: `bench-${now}`,
    sha256: sha256Of(bytes),
    bytes: bytes.length,
    events: data.count,
    changesUntil: now,
    salesUntil: now,
    rebuiltAt: now,
  };
  await s3Snapshots(environment['SNAPSHOTS_BUCKET'] ?? '').write(snapshot.name, bytes);
  const occasion = { now, correlationId: 'bench', by: 'system' };
  await commit(table, [takeSnapshot(undefined, snapshot, occasion, mustHold('it is the first'))]);
  return bytes.length;
}

/** Puts the rows of events. */
export function putRows({ world: { table } }: BenchContext, events: readonly Searchable[], now: number): Promise<void> {
  return inTurns(events, (some) =>
    putItems(
      table,
      some.map((event) => eventRow(event, now)),
    ),
  );
}

/** Puts the tickets of events on sale. */
export function putOnSale(
  { world: { table } }: BenchContext,
  events: readonly Searchable[],
  now: number,
): Promise<void> {
  const occasion = { now, correlationId: 'bench', by: 'system' };
  return inTurns(events, async (some) => {
    for (const event of some) {
      const sale = saleOf(event, now);
      const draft = { name: sale.ticketTypeId, stock: { kind: 'COUNT' as const, capacity: CAPACITY }, types: [sale] };
      await commit(table, openSale(await prepareStock(table, [draft], occasion), occasion, mustHold('the id is new')));
    }
  });
}

/** Does `work` on parts of `all`, some at once. */
async function inTurns<T>(all: readonly T[], work: (some: readonly T[]) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < all.length) {
        const some = all.slice(next, next + BATCH);
        next += BATCH;
        await work(some);
      }
    }),
  );
}

/** Gives events a title: puts their rows and hands the changes to the relay, as the stream would in batches. */
export async function retitle(context: BenchContext, events: readonly Searchable[], title: string): Promise<void> {
  for (let start = 0; start < events.length; start += BATCH)
    await retitleBatch(context, events.slice(start, start + BATCH), title);
}

async function retitleBatch(context: BenchContext, events: readonly Searchable[], title: string): Promise<void> {
  const now = Date.now();
  const { table } = context.world;
  const rows = events.map((event) => ({
    before: eventRow(event, now),
    after: eventRow({ ...event, title, version: event.version + 1 }, now),
  }));
  await putItems(
    table,
    rows.map(({ after }) => after),
  );
  const image = (put: Put<never>): RowChange['after'] =>
    marshall(render(put, table.name).Put?.Item ?? {}, { removeUndefinedValues: true });
  await relayBatch(
    context.handlers,
    rows.map(({ before, after }) => ({ before: image(before), after: image(after) })),
  );
}
