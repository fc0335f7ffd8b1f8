import { ulid } from 'ulid';

import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { isDynamic } from '../../pricing/operations.ts';
import { findPricings } from '../../pricing/reads.ts';
import { copyPricing } from '../../pricing/writes.ts';
import { chooseOrganization, planEvent } from '../domain/draft.ts';
import { parseEvent, type EventDetails, type EventRecord } from '../domain/event.ts';
import { withCodesOf } from '../domain/ticket-types.ts';
import { ALL } from '../domain/view.ts';
import type { EventDraft } from '../schemas.ts';
import { organizationsOf } from '../scope.ts';
import { eventKey } from '../keys.ts';
import { findEvent } from '../reads.ts';
import { listForOrganization, pointToEvent, putEvent, type Occasion } from '../writes.ts';
import { availabilityOf, type ShownEvent } from './show-events.ts';

/** The request to create an event. */
export interface CreateEvent {
  readonly draft: EventDraft;
  readonly session: Session;
  /** As the client sent it, if it did. */
  readonly idempotencyKey: string | undefined;
  /** What tells this request from another under its key, where that is not the draft. */
  readonly requestHash?: string;
  /** The event that it is made like, whose ticket types give access codes and price rules to those in the same places. */
  readonly like?: Pick<EventDetails, 'ticketTypes' | 'startsAt'>;
}

/**
 * Creates an event as a draft. With an idempotency key the event's id follows from caller and key, so a
 * retry finds the event that the first try made, also when its dates have passed meanwhile.
 */
export async function createEvent(
  table: Table,
  { draft, session, idempotencyKey, requestHash = shortHash(canonicalJson(draft)), like }: CreateEvent,
  occasion: Occasion,
): Promise<Result<ShownEvent, Problem>> {
  const eventId = idempotencyKey === undefined ? ulid(occasion.now) : eventIdFor(session.userId, idempotencyKey);
  const earlier = idempotencyKey === undefined ? undefined : await findEvent(table, eventId);
  if (earlier !== undefined) return answerRetry(table, earlier, requestHash);

  const chosen = chooseOrganization(organizationsOf(session), draft.organizationId);
  if (!chosen.ok) return chosen;
  const context = { eventId, organizationId: chosen.value, createdBy: session.userId, requestHash, now: occasion.now };
  const planned = planEvent(draft, context);
  if (!planned.ok) return planned;
  const ticketTypes = planned.value.ticketTypes.map((type, place) => {
    const model = like?.ticketTypes[place];
    return model === undefined ? type : withCodesOf(type, model);
  });
  const event = { ...planned.value, ticketTypes };

  const pricing = like === undefined ? [] : await pricingLike(table, event, like, occasion);
  const done = await commit(table, [...createWrites(event, occasion), ...pricing]);
  if (done.ok) return ok({ event: { ...event, ver: 1 }, availability: new Map(), sees: ALL });
  return answerRetry(table, parseEvent({ ...eventKey(eventId), ...done.error }), requestHash);
}

/** What stands where a new row was to be put. */
type Taken = Readonly<Record<string, unknown>>;

/** A new event, where its organisation finds it, and where its ticket types find it. */
function createWrites(event: EventDetails, occasion: Occasion): readonly Write<Taken>[] {
  return [
    putEvent(event, occasion, (found) => found ?? {}),
    listForOrganization(event),
    ...event.ticketTypes.map(({ ticketTypeId }) => pointToEvent(ticketTypeId, event.eventId)),
  ];
}

/** The price rules of the types that an event is made like, for its own: phases keep their distance to its start. */
async function pricingLike(
  table: Table,
  event: EventDetails,
  like: Pick<EventDetails, 'ticketTypes' | 'startsAt'>,
  occasion: Occasion,
): Promise<readonly Write<Taken>[]> {
  const models = await findPricings(
    table,
    like.ticketTypes.map(({ ticketTypeId }) => ticketTypeId),
  );
  const laterMs = event.startsAt - like.startsAt;
  return models
    .filter(({ rules }) => isDynamic(rules))
    .flatMap((model) => {
      const type = event.ticketTypes[like.ticketTypes.findIndex((each) => each.ticketTypeId === model.ticketTypeId)];
      const { eventId, organizationId } = event;
      return type === undefined
        ? []
        : [copyPricing(model, { ...type, eventId, organizationId }, laterMs, occasion, (found) => found ?? {})];
    });
}

/** The id is taken: the same request is answered with the event as it is, another one is refused. */
async function answerRetry(
  table: Table,
  event: EventRecord,
  requestHash: string,
): Promise<Result<ShownEvent, Problem>> {
  if (event.requestHash !== requestHash) {
    return err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
  }
  return ok({ event, availability: await availabilityOf(table, [event]), sees: ALL });
}

/** The id of the event that a person creates under an idempotency key. */
export function eventIdFor(userId: string, idempotencyKey: string): string {
  return derivedId('event', userId, idempotencyKey);
}
