import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { eventArchived, eventDeleted, eventFeatured, eventUnpublished } from '../events.ts';
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

/**
 * Takes a published event back: it is a draft as if it had never been published. That nothing of it is held or
 * sold its stock says, in the same transaction.
 */
export function planUnpublication({ status }: EventDetails): Result<Decision, Problem> {
  if (status !== 'PUBLISHED') return err(notPublished());
  const changes = {
    status: 'DRAFT',
    publishedAt: undefined,
    planId: undefined,
    rescheduledFrom: undefined,
    optOutHeldBefore: undefined,
    optOutUntil: undefined,
    rescheduledAt: undefined,
    ...UNLISTED,
  };
  return ok({ raises: eventUnpublished.name, changes });
}

/** Why an event cannot be taken back, moved or cancelled. */
export function notPublished(): Problem<'EVENT_NOT_PUBLISHED'> {
  return problem('EVENT_NOT_PUBLISHED', 'Only an event that is published can be taken back, moved or cancelled.');
}

/** Why a published event cannot be a draft again. */
export function hasSales(): Problem<'EVENT_HAS_SALES'> {
  return problem(
    'EVENT_HAS_SALES',
    'Tickets of it are held, sold or taken off sale. Wait for the holds to lapse, or cancel the event.',
  );
}

/** Puts an event among the featured ones, or takes it from them. */
export function planFeaturing(event: EventDetails, featured: boolean): Decision | Unchanged {
  if ((event.featured ?? false) === featured) return 'UNCHANGED';
  return { raises: eventFeatured.name, changes: { featured: featured ? true : undefined } };
}
