import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { queryPage } from '../../shared/table/read.ts';
import type { ScanView } from '../contract.ts';
import { parseScan, viewScan } from '../domain/scan.ts';
import { scansPartition } from '../keys.ts';

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
  { params: { eventId }, query, session }: ScanQuery,
  cursorKey: Uint8Array,
): Promise<ScanList> {
  const scope: CursorScope = { route: 'listScans', query: { eventId }, callerId: session.userId };
  const after = query.cursor === undefined ? undefined : decodeCursor(cursorKey, scope, query.cursor);
  const page = { pk: scansPartition({ eventId }), newestFirst: true, ...(after === undefined ? {} : { after }) };
  const { items, more } = await queryPage(table, page, query.limit ?? USUAL_LIMIT);
  const last = items.at(-1);
  const nextCursor = more && last !== undefined ? encodeCursor(cursorKey, scope, last.sk) : null;
  return { items: items.map(parseScan).map(viewScan), nextCursor };
}
