import type * as z from 'zod/mini';

import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import type { Table } from '../../shared/table/client.ts';
import { listCases as route, type CaseView } from '../contract.ts';
import { viewCase } from '../domain/case.ts';
import { pageOfCases } from '../reads.ts';

const USUAL_LIMIT = 25;

/** A page of cases, those that have had their status longest first. @throws ProblemError for a cursor of another list */
export async function listCases(
  table: Table,
  cursorKey: Uint8Array,
  { status = 'OPEN', limit = USUAL_LIMIT, cursor }: z.infer<typeof route.query>,
): Promise<{ readonly items: readonly CaseView[]; readonly nextCursor: string | null }> {
  const scope = { route: route.id, query: { status } };
  const after = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  const { cases, next } = await pageOfCases(table, status, limit, after);
  return {
    items: cases.map(viewCase),
    nextCursor: next === undefined ? null : encodeCursor(cursorKey, scope, next),
  };
}
