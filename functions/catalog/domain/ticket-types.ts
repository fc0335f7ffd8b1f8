import type { Instant } from '../../shared/kernel/clock.ts';
import { accessHash } from '../../shared/kernel/access-code.ts';
import { canonicalJson } from '../../shared/kernel/hash.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { TicketTypePatch } from '../edit-schemas.ts';
import {
  eventUpdated,
  ticketTypeAdded,
  ticketTypeChanged,
  ticketTypePriceChanged,
  ticketTypeRemoved,
} from '../events.ts';
import { MOST_TICKET_TYPES, type TicketTypeDraft } from '../schemas.ts';
import { planTicketType, present } from './draft.ts';
import { draftOf, invalid, merge, readDraft, ticketTypeDraftOf } from './draft-of.ts';
import { notEditable, type Decision, type Unchanged } from './editing.ts';
import type { EventDetails, TicketType } from './event.ts';
import { isEditable } from './lifecycle.ts';

/** Prices of a type that are remembered beside the present one; each is in the event's timeline as well. */
const MOST_FORMER_PRICES = 50;

/** A change of an event's ticket types, and the type that it is about as it will be. */
export interface TypeDecision extends Decision {
  readonly type: TicketType;
}

/**
 * Adds a ticket type.
 *
 * @returns EVENT_NOT_EDITABLE, or INVALID_INPUT with every fault, also against the other types
 */
export function planNewType(
  event: EventDetails,
  draft: TicketTypeDraft,
  ticketTypeId: string,
  now: Instant,
): Result<TypeDecision, Problem> {
  if (!isEditable(event.status)) return err(notEditable());
  if (event.ticketTypes.length >= MOST_TICKET_TYPES)
    return err(invalid([{ path: '', message: `An event has at most ${MOST_TICKET_TYPES} ticket types` }]));
  const type = planTicketType(draft, ticketTypeId);
  return decided(event, [...event.ticketTypes, type], type, ticketTypeAdded.name, now);
}

/**
 * Changes a ticket type. A change of its price is a new version of it; a hold keeps the price that it was
 * placed at, since that is in its own row (seed 003, "TicketTypePriceChanged").
 *
 * @returns EVENT_NOT_EDITABLE, or INVALID_INPUT with every fault
 */
export function planTypeChange(
  event: EventDetails,
  former: TicketType,
  patch: TicketTypePatch,
  now: Instant,
): Result<TypeDecision | Unchanged, Problem> {
  if (!isEditable(event.status)) return err(notEditable());
  const index = event.ticketTypes.findIndex(({ ticketTypeId }) => ticketTypeId === former.ticketTypeId);
  const read = readTypes(event, index, merge({ ...ticketTypeDraftOf(former) }, patch));
  if (!read.ok) return read;
  const next = planTicketType(read.value, former.ticketTypeId);
  const repriced = next.unitPrice !== former.unitPrice;
  const type = present({
    ...next,
    priceVersion: repriced ? (former.priceVersion ?? 1) + 1 : former.priceVersion,
    formerPrices: repriced
      ? [{ unitPrice: former.unitPrice, until: now }, ...(former.formerPrices ?? [])].slice(0, MOST_FORMER_PRICES)
      : former.formerPrices,
    accessHashes: former.accessHashes,
    codesOf: former.codesOf,
  });
  const changed = membersChanged(former, type);
  if (changed.length === 0) return ok('UNCHANGED');
  const told = event.status === 'PUBLISHED' && changed.some((name) => HOLDERS_CARE.has(name));
  // A change raises one event, and each of these two is waited for by somebody else.
  if (told && repriced)
    return err(invalid([{ path: 'price', message: 'Change the price apart from where its tickets admit' }]));
  const raises = repriced ? ticketTypePriceChanged : told ? eventUpdated : ticketTypeChanged;
  return decided(event, event.ticketTypes.with(index, type), type, raises.name, now);
}

/** Members that say where a ticket admits: who holds one must hear of a change. */
const HOLDERS_CARE: ReadonlySet<string> = new Set(['accessLevel', 'zones']);

/**
 * Gives a hidden ticket type the codes that open it, in place of those that it had; none opens it to nobody.
 *
 * @returns EVENT_NOT_EDITABLE, or INVALID_INPUT for a type that everybody sees
 */
export function planAccessCodes(
  event: EventDetails,
  former: TicketType,
  codes: readonly string[],
): Result<TypeDecision | Unchanged, Problem> {
  if (!isEditable(event.status)) return err(notEditable());
  if (former.hidden !== true)
    return err(invalid([{ path: 'codes', message: 'Everybody sees this ticket type; hide it first' }]));
  const accessHashes = [...new Set(codes.map((code) => accessHash(former.ticketTypeId, code)))].toSorted();
  if (accessHashes.join() === (former.accessHashes ?? []).join()) return ok('UNCHANGED');
  const { codesOf: _others, ...own } = former;
  const type = { ...own, accessHashes };
  const ticketTypes = event.ticketTypes.map((each) => (each.ticketTypeId === type.ticketTypeId ? type : each));
  const changes = { ticketTypes, changedType: type.ticketTypeId, changed: ['accessCodes'] };
  return ok({ raises: ticketTypeChanged.name, changes, type });
}

/**
 * A hidden ticket type that is made like another, opened by the same codes. They are known by their hashes alone, so it
 * keeps those, and whose they are.
 */
export function withCodesOf(type: TicketType, { ticketTypeId, hidden, accessHashes, codesOf }: TicketType): TicketType {
  if (type.hidden !== true || hidden !== true || accessHashes === undefined) return type;
  return { ...type, accessHashes, codesOf: codesOf ?? ticketTypeId };
}

/** Takes a ticket type away. @returns EVENT_NOT_EDITABLE, or LAST_TICKET_TYPE: an event sells something */
export function planTypeRemoval(event: EventDetails, type: TicketType): Result<TypeDecision, Problem> {
  if (!isEditable(event.status)) return err(notEditable());
  const ticketTypes = event.ticketTypes.filter(({ ticketTypeId }) => ticketTypeId !== type.ticketTypeId);
  if (ticketTypes.length === 0)
    return err(problem('LAST_TICKET_TYPE', 'An event has at least one ticket type; add another one first.'));
  const changes = { ticketTypes, changedType: type.ticketTypeId, changed: undefined };
  return ok({ raises: ticketTypeRemoved.name, changes, type });
}

function decided(
  event: EventDetails,
  ticketTypes: readonly TicketType[],
  type: TicketType,
  raises: string,
  now: Instant,
): Result<TypeDecision, Problem> {
  const index = ticketTypes.findIndex(({ ticketTypeId }) => ticketTypeId === type.ticketTypeId);
  const read = readTypes({ ...event, ticketTypes: [...ticketTypes] }, index, { ...ticketTypeDraftOf(type) });
  if (!read.ok) return read;
  const former = event.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === type.ticketTypeId);
  if (type.saleEndsAt !== undefined && type.saleEndsAt !== former?.saleEndsAt && type.saleEndsAt <= now)
    return err(invalid([{ path: 'saleEndsAt', message: 'The sale must end in the future' }]));
  if (event.status === 'PUBLISHED' && former !== undefined && former.currency !== type.currency)
    return err(invalid([{ path: 'price.currency', message: 'The currency of a published event stays' }]));
  const changed = former === undefined ? undefined : membersChanged(former, type);
  return ok({ raises, changes: { ticketTypes: [...ticketTypes], changedType: type.ticketTypeId, changed }, type });
}

/** Names of the members that an organizer wrote otherwise, in order. */
function membersChanged(former: TicketType, type: TicketType): readonly string[] {
  const [before, after] = [former, type].map((each): Readonly<Record<string, unknown>> => ticketTypeDraftOf(each));
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].toSorted();
  return names.filter((name) => canonicalJson(before?.[name] ?? null) !== canonicalJson(after?.[name] ?? null));
}

/**
 * Reads type `index` of the event's draft; its faults, told as of the type's own body. It is read last, so that what
 * two types may not have in common is told of this one.
 */
function readTypes(
  event: EventDetails,
  index: number,
  type: Readonly<Record<string, unknown>>,
): Result<TicketTypeDraft, Problem> {
  const draft = draftOf(event);
  const others = draft.ticketTypes.toSpliced(index, 1);
  const read = readDraft({ ...draft, ticketTypes: [...others, type] });
  if (!read.ok) {
    const prefix = `ticketTypes.${others.length}`;
    const own = (read.error.errors ?? []).map(({ path, message }) => ({
      path: path.startsWith(prefix) ? path.slice(prefix.length + 1) : path,
      message,
    }));
    return err(invalid(own));
  }
  const found = read.value.ticketTypes.at(-1);
  if (found === undefined) throw new Error('A ticket type was lost on the way');
  return ok(found);
}
