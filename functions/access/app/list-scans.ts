import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import { hasRole, holdsPost, type Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { queryPage } from '../../shared/table/read.ts';
import type { ScanView } from '../contract.ts';
import { parseScan, viewScan } from '../domain/scan.ts';
import { scansPartition } from '../keys.ts';
import type { OrganizationOf } from '../ports.ts';

const USUAL_LIMIT = 25;

/** A page of a validation log. */
export interface ScanList {
  readonly items: readonly ScanView[];
  readonly nextCursor: string | null;
}

/** Which page of which event's log, and who asks. */
export interface ScanQuery {
  readonly params: { readonly eventId: string };
  readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
  readonly session: Session;
}

/** A page of an event's validation log, newest first, to its gate staff and organizers. */
export async function listScansFor(
  table: Table,
  organizationOf: OrganizationOf,
  { params: { eventId }, query, session }: ScanQuery,
  cursorKey: Uint8Array,
): Promise<Result<ScanList, Problem>> {
  const organizationId = await organizationOf(eventId);
  const allowed =
    organizationId !== undefined &&
    (holdsPost(session, organizationId, 'gate') ||
      holdsPost(session, organizationId, 'organizer') ||
      hasRole(session, ['admin']));
  if (!allowed) return err(problem('EVENT_NOT_FOUND', 'There is no such event among those that you work at.'));

  const scope: CursorScope = { route: 'listScans', query: { eventId }, callerId: session.userId };
  const after = query.cursor === undefined ? undefined : decodeCursor(cursorKey, scope, query.cursor);
  const page = { pk: scansPartition({ eventId }), newestFirst: true, ...(after === undefined ? {} : { after }) };
  const { items, more } = await queryPage(table, page, query.limit ?? USUAL_LIMIT);
  const last = items.at(-1);
  const nextCursor = more && last !== undefined ? encodeCursor(cursorKey, scope, last.sk) : null;
  return ok({ items: items.map(parseScan).map(viewScan), nextCursor });
}
