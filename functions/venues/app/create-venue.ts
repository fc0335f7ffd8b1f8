import { ulid } from 'ulid';

import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { organizes, type Session } from '../../shared/runtime/session.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { planVenue } from '../domain/changes.ts';
import { parseVenue, type VenueRecord } from '../domain/venue.ts';
import { venueKey } from '../keys.ts';
import { findVenue } from '../reads.ts';
import type { VenueDraft } from '../schemas.ts';
import { putVenue } from '../writes.ts';

/** The request to create a venue. */
export interface CreateVenue {
  readonly draft: VenueDraft;
  readonly session: Session;
  /** As the client sent it, if it did. */
  readonly idempotencyKey: string | undefined;
}

/** Creates a venue. With an idempotency key its id follows from caller and key, so that a retry finds it. */
export async function createVenue(
  table: Table,
  { draft, session, idempotencyKey }: CreateVenue,
  occasion: Occasion,
): Promise<Result<VenueRecord, Problem>> {
  const requestHash = shortHash(canonicalJson(draft));
  const venueId =
    idempotencyKey === undefined ? ulid(occasion.now) : derivedId('venue', session.userId, idempotencyKey);
  const chosen = chooseOrganization(session, draft.organizationId);
  if (!chosen.ok) return chosen;
  const context = { venueId, organizationId: chosen.value, createdBy: session.userId, requestHash, now: occasion.now };
  const done = await commit(table, [putVenue(planVenue(draft, context), occasion, (found) => found ?? {})]);
  const venue = done.ok ? await findVenue(table, venueId) : parseVenue({ ...venueKey(venueId), ...done.error });
  if (venue === undefined) throw new Error('A venue is gone right after it was made');
  return venue.requestHash === requestHash
    ? ok(venue)
    : err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
}

/** The organisation that is meant: the one named, or the only one that the caller organises. */
export function chooseOrganization(session: Session, wanted: string | undefined): Result<string, Problem> {
  if (wanted !== undefined && organizes(session, wanted)) return ok(wanted);
  const organized = session.memberships.filter(({ post }) => post === 'organizer').map((held) => held.organizationId);
  const [only, ...others] = organized;
  if (wanted !== undefined || only === undefined) {
    return err(problem('ORGANIZATION_NOT_FOUND', 'You organise no such organisation.'));
  }
  if (others.length === 0) return ok(only);
  return err(
    problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', {
      errors: [{ path: 'organizationId', message: 'You organise several organisations; name the one that is meant' }],
    }),
  );
}
