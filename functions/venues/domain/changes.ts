import type { Instant } from '../../shared/kernel/clock.ts';
import { canonicalJson } from '../../shared/kernel/hash.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { VenueChanges, VenueDraft } from '../schemas.ts';
import type { VenueDetails } from './venue.ts';

/** What a venue gets from elsewhere than its draft. */
export interface DraftContext {
  readonly venueId: string;
  readonly organizationId: string;
  readonly createdBy: string;
  readonly requestHash: string;
  readonly now: Instant;
}

/** The venue that a draft describes. */
export function planVenue(draft: VenueDraft, { now, ...context }: DraftContext): VenueDetails {
  const { organizationId: _chosen, ...said } = draft;
  return { ...said, ...context, status: 'ACTIVE', createdAt: now };
}

/** Members of a row to be set, or, where undefined, removed. */
export type Changes = Readonly<Record<string, VenueChanges[keyof VenueChanges] & (string | object | undefined)>>;

/**
 * What of `changes` is not so already. Null removes, what is left out stays.
 *
 * @returns VENUE_ARCHIVED for a venue that is archived: it is kept for what was published there
 */
export function planChanges(venue: VenueDetails, changes: VenueChanges): Result<Changes, Problem> {
  if (venue.status === 'ARCHIVED') return err(venueArchived());
  const named = new Map<string, unknown>(Object.entries(venue));
  return ok(
    Object.fromEntries(
      Object.entries(changes).flatMap(([name, value]) =>
        value === undefined || canonicalJson(value) === canonicalJson(named.get(name) ?? null)
          ? []
          : [[name, value ?? undefined] as const],
      ),
    ),
  );
}

/** Why an archived venue cannot be changed. */
export function venueArchived(): Problem<'VENUE_ARCHIVED'> {
  return problem('VENUE_ARCHIVED', 'Create another venue: an archived one stays as it is.');
}

/** Why a change that was made to another version is refused. */
export function changedMeanwhile(): Problem<'PRECONDITION_FAILED'> {
  return problem(
    'PRECONDITION_FAILED',
    'Read it again, look at what has changed, and send your change with the new ETag.',
  );
}
