import type { EventStatus } from './event.ts';

/**
 * The declared graph of an event (invariant I8). Rescheduling, editing and featuring change an event without
 * moving it. PUBLISHED leads back to DRAFT only while nothing is held or sold. CANCELLING has stopped its
 * sales and waits for what is out to be given back; an event of which nothing is out is CANCELLED right after.
 * DELETED is the stone over a draft: it is shown to nobody, but what happened to it stays provable.
 */
export const EVENT_TRANSITIONS = {
  DRAFT: ['PUBLISHED', 'ARCHIVED', 'DELETED'],
  PUBLISHED: ['DRAFT', 'CANCELLING', 'COMPLETED', 'ARCHIVED'],
  CANCELLING: ['CANCELLED'],
  CANCELLED: ['ARCHIVED'],
  COMPLETED: ['ARCHIVED'],
  ARCHIVED: [],
  DELETED: [],
} as const satisfies Record<EventStatus, readonly EventStatus[]>;

/** States in which anybody may see an event: who holds a ticket must find out what became of it. */
const PUBLIC: ReadonlySet<EventStatus> = new Set(['PUBLISHED', 'CANCELLING', 'CANCELLED', 'COMPLETED']);

/** Whether the graph has an edge from one state to another. */
export function hasEdge(from: EventStatus, to: EventStatus): boolean {
  const next: readonly EventStatus[] = EVENT_TRANSITIONS[from];
  return next.includes(to);
}

/** Whether anybody may see an event in this state. */
export function isPublic(status: EventStatus): boolean {
  return PUBLIC.has(status);
}

/** Whether an event in this state may still be changed by its organizers. */
export function isEditable(status: EventStatus): boolean {
  return status === 'DRAFT' || status === 'PUBLISHED';
}
