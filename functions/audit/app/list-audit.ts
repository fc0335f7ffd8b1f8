import type * as z from 'zod/mini';

import { DAY, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import type { Table } from '../../shared/table/client.ts';
import { DEFAULT_LIMIT, listAudit as route, type AuditStep } from '../contract.ts';
import { aggregateName, aggregatePartition } from '../keys.ts';
import { readTrail, type TrailStep } from '../reads.ts';
import { stepsWithin, type Found } from './steps-within.ts';

/** How far back a list goes that says nothing about it. */
const WEEK_MS = 7 * DAY;
/** Steps, trails and days that one request looks at; what is beyond is on the next page. */
const MOST_LOOKED_AT = 300;
type Asked = z.infer<typeof route.query>;

/**
 * A page of the audit: the steps of one aggregate, or those of all, newest first; see {@link stepsWithin}. A page may be empty and have a next one, where a filter
 * leaves little: each request looks at so much only.
 *
 * @param cursorKey key that signs cursors
 * @throws ProblemError INVALID_INPUT for a cursor that is not of this list
 */
export async function listAudit(
  table: Table,
  cursorKey: Uint8Array,
  { limit = DEFAULT_LIMIT, cursor, ...filters }: Asked,
  now: Instant,
): Promise<{ readonly items: readonly AuditStep[]; readonly nextCursor: string | null }> {
  const scope = { route: route.id, query: filters };
  const resume = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  const until = filters.to === undefined ? now + 1 : Date.parse(filters.to);
  const since = filters.from === undefined ? undefined : Date.parse(filters.from);
  const found =
    filters.aggregate === undefined
      ? stepsWithin(table, since ?? until - WEEK_MS, until, resume)
      : stepsOf(table, aggregatePartition(filters.aggregate), resume);

  const items: AuditStep[] = [];
  let lookedAt = 0;
  let last: string | undefined;
  const page = (next: string | undefined): { items: AuditStep[]; nextCursor: string | null } => ({
    items,
    nextCursor: next === undefined ? null : encodeCursor(cursorKey, scope, next),
  });
  for await (const { position, step } of found) {
    const isMeant =
      step !== undefined &&
      step.at < until &&
      step.at >= (since ?? 0) &&
      (filters.actor === undefined || step.by === filters.actor);
    if (isMeant && items.length === limit) return page(last);
    if (isMeant) items.push(viewStep(step));
    last = position ?? last;
    lookedAt += 1;
    if (lookedAt === MOST_LOOKED_AT) return page(last);
  }
  return page(undefined);
}

async function* stepsOf(table: Table, pk: string, resume: string | undefined): AsyncGenerator<Found> {
  for await (const step of readTrail(table, pk, resume === undefined ? undefined : Number(resume)))
    yield { position: String(step.ver), step };
}

function viewStep({ pk, ver, ev, at, by, cid, changed, removed, ch }: TrailStep): AuditStep {
  return {
    aggregate: aggregateName(pk),
    version: ver,
    event: ev,
    at: toTimestamp(at),
    actor: by,
    correlationId: cid,
    changed: [...changed],
    removed: [...removed],
    hash: ch,
  };
}
