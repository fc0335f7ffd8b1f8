import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { listVenues as route } from '../contract.ts';
import type { VenueRecord } from '../domain/venue.ts';
import { pageOfVenues } from '../reads.ts';
import { chooseOrganization } from './create-venue.ts';

const DEFAULT_LIMIT = 25;

/** Which venues are asked for. */
export interface ListVenues {
  readonly organizationId?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A page of venues and where the next one begins. */
export interface VenuePage {
  readonly venues: readonly VenueRecord[];
  readonly nextCursor: string | null;
}

/**
 * A page of the venues of an organisation that the caller leads.
 *
 * @param cursorKey key that signs cursors
 * @throws ProblemError INVALID_INPUT for a cursor that is not of this list
 */
export async function listVenues(
  table: Table,
  cursorKey: Uint8Array,
  { organizationId, limit = DEFAULT_LIMIT, cursor }: ListVenues,
  session: Session,
): Promise<Result<VenuePage, Problem>> {
  const chosen = chooseOrganization(session, organizationId);
  if (!chosen.ok) return chosen;
  const scope = { route: route.id, query: { organizationId: chosen.value }, callerId: session.userId };
  const after = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  const { venues, next } = await pageOfVenues(table, chosen.value, limit, after);
  return ok({ venues, nextCursor: next === undefined ? null : encodeCursor(cursorKey, scope, next) });
}
