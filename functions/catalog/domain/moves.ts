import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventArchived, eventDeleted, eventFeatured } from '../events.ts';
import type { Decision, Unchanged } from './editing.ts';
import { endOf, type EventDetails } from './event.ts';
import { hasEdge } from './lifecycle.ts';
import { notDraft } from './publication.ts';

/** Attributes by which a published event is found in lists; undefined takes it out of them. */
export const UNLISTED = { gsi1pk: undefined, gsi1sk: undefined } as const;

/** Deletes a draft. @returns NOT_DRAFT for what has been published: it stays, cancelled or archived */
export function planDeletion({ status }: EventDetails): Result<Decision, Problem> {
  return status === 'DRAFT' ? ok({ raises: eventDeleted.name, changes: { status: 'DELETED' } }) : err(notDraft());
}

/**
 * Puts an event away: a draft at any time, anything else once it is over or cancelled. Again, it is as it is.
 *
 * @returns EVENT_NOT_OVER while it is on sale or tickets of it are still to be given back
 */
export function planArchiving(event: EventDetails, now: Instant): Result<Decision | Unchanged, Problem> {
  if (event.status === 'ARCHIVED') return ok('UNCHANGED');
  const over = event.status !== 'PUBLISHED' || endOf(event) <= now;
  return over && hasEdge(event.status, 'ARCHIVED')
    ? ok({ raises: eventArchived.name, changes: { status: 'ARCHIVED', ...UNLISTED } })
    : err(problem('EVENT_NOT_OVER', 'Archive it when it is over, or cancel it first.'));
}

/** Puts an event among the featured ones, or takes it from them. */
export function planFeaturing(event: EventDetails, featured: boolean): Decision | Unchanged {
  if ((event.featured ?? false) === featured) return 'UNCHANGED';
  return { raises: eventFeatured.name, changes: { featured: featured ? true : undefined } };
}
