import { HOLD_MS } from '../../reservations/contract.ts';
import { HOUR, MINUTE, type Instant } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Actor } from '../../shared/table/aggregate.ts';
import {
  eventCancellationStarted,
  eventCancelled,
  eventCompleted,
  eventPaymentsRefunded,
  eventRefundsBegun,
  eventTicketsArchived,
} from '../events.ts';
import type { Decision, Unchanged } from './editing.ts';
import { endOf, type EventDetails } from './event.ts';
import { notPublished, UNLISTED } from './moves.ts';

/** Why and by whom an event is cancelled. */
export interface CancellationWish {
  readonly reason: string;
  readonly by: Actor;
  readonly now: Instant;
}

/**
 * Begins to cancel a published event. Again it is as it is: the first reason stands.
 *
 * @returns EVENT_NOT_PUBLISHED for a draft, and for what is over or put away
 */
export function planCancellation(
  { eventId, status }: EventDetails,
  { reason, by, now }: CancellationWish,
): Result<Decision | Unchanged, Problem> {
  if (status === 'CANCELLING' || status === 'CANCELLED') return ok('UNCHANGED');
  if (status !== 'PUBLISHED') return err(notPublished());
  const cancellation = {
    cancellationId: derivedId('cancellation', eventId),
    reason,
    startedAt: now,
    startedBy: by,
  };
  return ok({ raises: eventCancellationStarted.name, changes: { status: 'CANCELLING', cancellation, ...UNLISTED } });
}

/** Ends a cancellation, nothing of the event being out any more. */
export function planCancelled({ status, cancellation }: EventDetails, now: Instant): Decision | Unchanged {
  if (status !== 'CANCELLING' || cancellation === undefined) return 'UNCHANGED';
  const { refunding, ticketsArchivedAt, paymentsRefundedAt } = cancellation;
  // That nothing is out is not yet that all money is back.
  if (refunding === true && (ticketsArchivedAt === undefined || paymentsRefundedAt === undefined)) return 'UNCHANGED';
  const completed = { ...cancellation, completedAt: now };
  return { raises: eventCancelled.name, changes: { status: 'CANCELLED', cancellation: completed } };
}

/** What is noted of a cancellation on its way, and the event that it raises. */
const STEPS = {
  refunding: eventRefundsBegun,
  ticketsArchivedAt: eventTicketsArchived,
  paymentsRefundedAt: eventPaymentsRefunded,
} as const;

/** Notes how far a cancellation is, once: what was true stays so. */
export function planCancellationStep(
  { status, cancellation }: EventDetails,
  what: keyof typeof STEPS,
  now: Instant,
): Decision | Unchanged {
  if (status !== 'CANCELLING' || cancellation === undefined || cancellation[what] !== undefined) return 'UNCHANGED';
  const noted = { ...cancellation, [what]: what === 'refunding' ? true : now };
  return { raises: STEPS[what].name, changes: { cancellation: noted } };
}

/** Completes a published event that is over; any other is left alone. */
export function planCompletion(event: EventDetails, now: Instant): Decision | Unchanged {
  if (event.status !== 'PUBLISHED' || endOf(event) > now) return 'UNCHANGED';
  return { raises: eventCompleted.name, changes: { status: 'COMPLETED', ...UNLISTED } };
}

/** Holds that were placed before a cancellation have lapsed and been swept by then: milliseconds after it began. */
export const HOLDS_GONE_MS = HOLD_MS + 2 * MINUTE;
/** How soon a cancellation that waits for tickets is looked at again: milliseconds. */
export const LOOK_AGAIN_MS = HOUR;
/** A workflow that has not moved for so long is dead, and another is started: longer than its longest wait. */
export const STALLED_MS = 2 * HOUR;
