import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import type { Answer, PersonalRequest } from '../../shared/runtime/http.ts';
import { hasRole, holdsPost } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { queryPage } from '../../shared/table/read.ts';
import type { listScans } from '../contract.ts';
import { parseScan, viewScan } from '../domain/scan.ts';
import { scansPartition } from '../keys.ts';
import type { OrganizationOf } from '../ports.ts';

const USUAL_LIMIT = 25;

/** Answers with a page of an event's validation log, newest first, to its gate staff and organizers. */
export async function listScansFor(
  table: Table,
  organizationOf: OrganizationOf,
  { params: { eventId }, query, session }: Pick<PersonalRequest<typeof listScans>, 'params' | 'query' | 'session'>,
  cursorKey: Uint8Array,
): Promise<Result<Answer, Problem>> {
  const organizationId = await organizationOf(eventId);
  const allowed =
    organizationId !== undefined &&
    (holdsPost(session, organizationId, 'gate') || holdsPost(session, organizationId, 'organizer') || hasRole(session, ['admin']));
  if (!allowed) return err(problem('EVENT_NOT_FOUND', 'There is no such event among those that you work at.'));

  const scope: CursorScope = { route: 'listScans', query: { eventId }, callerId: session.userId };
  const after = query.cursor === undefined ? undefined : decodeCursor(cursorKey, scope, query.cursor);
  const page = { pk: scansPartition({ eventId }), newestFirst: true, ...(after === undefined ? {} : { after }) };
  const { items, more } = await queryPage(table, page, query.limit ?? USUAL_LIMIT);
  const last = items.at(-1);
  const nextCursor = more && last !== undefined ? encodeCursor(cursorKey, scope, last.sk) : null;
  return ok({ status: 200, body: { items: items.map(parseScan).map(viewScan), nextCursor } });
}
