import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Table } from '../../shared/table/client.ts';
import { ALL, viewSummary } from '../domain/view.ts';
import { listOrganizationEvents as route } from '../organizer-routes.ts';
import { pageOfOrganizationEvents } from '../reads.ts';
import type { EventSummary } from '../views.ts';
import { availabilityOf } from './show-events.ts';

const DEFAULT_LIMIT = 25;

/** Which page of whose events. */
export interface ListOrganizationEvents {
  readonly organizationId: string;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * A page of an organisation's events, drafts and archived ones too, newest first.
 *
 * @param cursorKey key that signs cursors
 * @throws ProblemError INVALID_INPUT for a cursor that is not of this list
 */
export async function listOrganizationEvents(
  table: Table,
  cursorKey: Uint8Array,
  { organizationId, limit = DEFAULT_LIMIT, cursor }: ListOrganizationEvents,
  now: Instant,
): Promise<{ readonly items: readonly EventSummary[]; readonly nextCursor: string | null }> {
  const scope = { route: route.id, query: { organizationId } };
  const after = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  const { events, next } = await pageOfOrganizationEvents(table, organizationId, limit, after);
  const availability = await availabilityOf(table, events);
  return {
    items: events.map((event) => viewSummary(event, availability, now, ALL)),
    nextCursor: next === undefined ? null : encodeCursor(cursorKey, scope, next),
  };
}
