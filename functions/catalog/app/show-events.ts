import { roughlyAvailable } from '../../inventory/availability.ts';
import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { tryCode, type SentCode } from '../../shared/runtime/access-codes.ts';
import type { Caller } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import { CATEGORIES, type Category } from '../domain/categories.ts';
import type { EventDetails } from '../domain/event.ts';
import { isPublic } from '../domain/lifecycle.ts';
import { ALL, seesWith, SHOWN, viewTicketTypes, type Offers, type Sees, type Versioned } from '../domain/view.ts';
import { findEvent } from '../reads.ts';
import { manages, maySee } from '../scope.ts';
import type { TicketTypeView } from '../views.ts';

/** What is free of each type of `events`, as far as they are on sale, and its price. */
export async function availabilityOf(table: Table, events: readonly EventDetails[]): Promise<Offers> {
  const onSale = events.filter(({ status }) => status !== 'DRAFT').flatMap(({ ticketTypes }) => ticketTypes);
  const copies = await findTicketTypes(
    table,
    onSale.map(({ ticketTypeId }) => ticketTypeId),
  );
  return offersOf(table, copies);
}

async function offersOf(table: Table, copies: ReadonlyMap<string, TicketTypeCopy>): Promise<Offers> {
  const free = await roughlyAvailable(table, [...copies.values()]);
  return new Map([...copies].map(([id, tag]) => [id, { free: free.get(id) ?? 0, tag }]));
}

/** An event with what of it is free, and what of it the caller sees. */
export interface ShownEvent {
  readonly event: Versioned;
  readonly availability: Offers;
  readonly sees: Sees;
}

/**
 * An event that `caller` may see; what others drafted does not exist for them.
 *
 * @param code the access code that was sent, if any
 * @returns EVENT_NOT_FOUND, or TOO_MANY_REQUESTS where too many codes were tried
 */
export async function showEvent(
  table: Table,
  eventId: string,
  caller: Caller,
  code?: SentCode,
): Promise<Result<ShownEvent, Problem>> {
  const event = await findEvent(table, eventId);
  if (event === undefined || !maySee(caller, event)) return err(eventNotFound());
  const sees = manages(caller, event) ? ok(ALL) : await seenBy(event, code);
  if (!sees.ok) return sees;
  return ok({ event, availability: await availabilityOf(table, [event]), sees: sees.value });
}

async function seenBy({ ticketTypes }: EventDetails, sent: SentCode | undefined): Promise<Result<Sees, Problem>> {
  const code = await tryCode(sent, ticketTypes);
  if (!code.ok) return code;
  return ok(code.value === undefined ? SHOWN : seesWith(code.value));
}

/** Why an event is not shown: absent, or a draft of others. */
export function eventNotFound(): Problem<'EVENT_NOT_FOUND'> {
  return problem('EVENT_NOT_FOUND', 'There is no such event.');
}

/**
 * One ticket type of an event that anybody may see; a hidden one to who sends a code for it.
 *
 * @returns TICKET_TYPE_NOT_FOUND, or TOO_MANY_REQUESTS where too many codes were tried
 */
export async function showTicketType(
  table: Table,
  ticketTypeId: string,
  now: Instant,
  code?: SentCode,
): Promise<Result<TicketTypeView, Problem>> {
  const copies = await findTicketTypes(table, [ticketTypeId]);
  const copy = copies.get(ticketTypeId);
  const event = copy === undefined ? undefined : await findEvent(table, copy.eventId);
  if (event === undefined || !isPublic(event.status)) return err(typeNotFound());
  const sees = await seenBy(event, code);
  if (!sees.ok) return sees;
  const views = viewTicketTypes(event, await offersOf(table, copies), now, sees.value);
  const view = views.find(({ id }) => id === ticketTypeId);
  return view === undefined ? err(typeNotFound()) : ok(view);
}

function typeNotFound(): Problem<'TICKET_TYPE_NOT_FOUND'> {
  return problem('TICKET_TYPE_NOT_FOUND', 'There is no such ticket type.');
}

/** The governed list of categories, for forms and filters. */
export function showCategories(): {
  readonly items: readonly Pick<Category, 'id' | 'labels'>[];
  readonly nextCursor: null;
} {
  return { items: CATEGORIES.map(({ id, labels }) => ({ id, labels })), nextCursor: null };
}
