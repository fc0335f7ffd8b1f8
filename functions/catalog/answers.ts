import type { Instant } from '../shared/kernel/clock.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import type { ShownEvent } from './app/show-events.ts';
import type { EventDetails } from './domain/event.ts';
import { viewEvent, viewTicketTypes } from './domain/view.ts';

/**
 * How long anybody may keep an answer that is the same for everybody. It bears live availability, which
 * may be shown 5 s late; lists show it too, hence the same for them.
 */
const PUBLIC = { 'cache-control': 'public, max-age=5' };

type Shown = Result<ShownEvent, Problem>;

/** Answers with what anybody sees alike. */
export function publicly(shown: Result<unknown, Problem>): Result<Answer, Problem> {
  return shown.ok ? ok({ status: 200, body: shown.value, headers: PUBLIC }) : shown;
}

/** Answers with an event; a draft is for its organizers alone and must be kept nowhere. */
export function answerEvent(shown: Shown, now: Instant): Result<Answer, Problem> {
  if (!shown.ok) return shown;
  const { event, availability } = shown.value;
  return visibly(event, viewEvent(event, availability, now));
}

/** Answers with the ticket types of an event; see {@link answerEvent}. */
export function answerTicketTypes(shown: Shown, now: Instant): Result<Answer, Problem> {
  if (!shown.ok) return shown;
  const { event, availability } = shown.value;
  return visibly(event, { items: viewTicketTypes(event, availability, now), nextCursor: null });
}

function visibly({ status }: EventDetails, body: unknown): Result<Answer, Problem> {
  return status === 'PUBLISHED' ? publicly(ok(body)) : ok({ status: 200, body });
}

/** Answers the creation of an event. */
export function answerCreated(created: Shown, now: Instant): Result<Answer, Problem> {
  if (!created.ok) return created;
  const event = viewEvent(created.value.event, created.value.availability, now);
  return ok({ status: 201, body: { eventId: event.id, event }, headers: { location: `/api/events/${event.id}` } });
}

/** Answers the publishing of an event: all of its tickets are free at that moment. */
export function answerPublished(published: Result<EventDetails, Problem>, now: Instant): Result<Answer, Problem> {
  return published.ok ? ok({ status: 200, body: viewEvent(published.value, new Map(), now) }) : published;
}
