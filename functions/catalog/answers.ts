import type { Instant } from '../shared/kernel/clock.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import type { Route } from '../shared/runtime/route.ts';
import type { ShownEvent } from './app/show-events.ts';
import { conditionally, KEEP, type RequestHeaders } from '../shared/runtime/conditional.ts';
import { isPublic } from './domain/lifecycle.ts';
import { ALL, SHOWN, viewEvent, viewTicketTypes, type Versioned } from './domain/view.ts';

type Shown = Result<ShownEvent, Problem>;

/** What an answer needs to know of its request. */
interface Asked {
  readonly headers: RequestHeaders;
  readonly now: Instant;
}

/** Answers with what anybody sees alike; `keep` says how long it may be kept. */
export function publicly(
  shown: Result<unknown, Problem>,
  { headers }: Pick<Asked, 'headers'>,
  keep: keyof typeof KEEP = 'live',
): Result<Answer, Problem> {
  return shown.ok ? ok(conditionally(headers, { status: 200, body: shown.value }, keep)) : shown;
}

/** Answers with an event; a draft is for its organizers alone and must be kept nowhere. */
export function answerEvent(shown: Shown, { headers, now }: Asked): Result<Answer, Problem> {
  if (!shown.ok) return shown;
  const { event, availability, sees } = shown.value;
  const body = viewEvent(event, availability, now, sees);
  return ok(conditionally(headers, { status: 200, body }, keptOf(shown.value), event.ver));
}

/** Answers with the ticket types of an event; see {@link answerEvent}. */
export function answerTicketTypes(shown: Shown, { headers, now }: Asked): Result<Answer, Problem> {
  if (!shown.ok) return shown;
  const { event, availability, sees } = shown.value;
  const body = { items: viewTicketTypes(event, availability, now, sees), nextCursor: null };
  return ok(conditionally(headers, { status: 200, body }, keptOf(shown.value)));
}

/** What anybody sees may be kept; drafts, and types that only some see, may not. */
function keptOf({ event, sees }: ShownEvent): keyof typeof KEEP {
  return isPublic(event.status) && sees === SHOWN ? 'live' : 'never';
}

/** Answers the creation of an event. */
export function answerCreated(created: Shown, now: Instant): Result<Answer, Problem> {
  if (!created.ok) return created;
  const event = viewEvent(created.value.event, created.value.availability, now, ALL);
  const headers = { location: `/api/events/${event.id}`, etag: `"v${event.version}"` };
  return ok({ status: 201, body: { eventId: event.id, event }, headers });
}

/** Answers a change of an event by its organizer, with the tag that the next change must send. */
export function answerChanged(changed: Shown, now: Instant): Result<Answer, Problem> {
  if (!changed.ok) return changed;
  const event = viewEvent(changed.value.event, changed.value.availability, now, ALL);
  return ok({ status: 200, body: event, headers: { etag: tagOf(changed.value.event) } });
}

/** The tag that changes of an event are made with. */
export function tagOf({ ver }: Pick<Versioned, 'ver'>): string {
  return `"v${ver}"`;
}

/** Answers with a text that a machine reads, of the media type that its route declares; `keep` says how long it may be kept. */
export function answerFile(
  { produces = '' }: Pick<Route, 'produces'>,
  text: Result<string, Problem>,
  headers: RequestHeaders,
  keep: keyof typeof KEEP = 'minutes',
): Result<Answer, Problem> {
  if (!text.ok) return text;
  const file = { bytes: Buffer.from(text.value), mediaType: produces };
  return ok(conditionally(headers, { status: 200, file }, keep));
}

/** Answers with a picture, whose content never changes: whoever has it may keep it for a year. */
export function answerPicture(bytes: Result<Uint8Array, Problem>, file: string): Result<Answer, Problem> {
  if (!bytes.ok) return bytes;
  const mediaType = file.endsWith('.webp') ? 'image/webp' : 'image/jpeg';
  return ok({
    status: 200,
    file: { bytes: bytes.value, mediaType },
    headers: { 'cache-control': 'public, max-age=31536000, immutable' },
  });
}
