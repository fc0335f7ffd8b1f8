import { ulid } from 'ulid';

import { alignBlocks } from '../../inventory/operations.ts';
import { findStockOfType } from '../../inventory/reads.ts';
import { changeCopies, moveSale } from '../../inventory/sale-writes.ts';
import { repriceType } from '../../pricing/operations.ts';
import { findPricing } from '../../pricing/reads.ts';
import type { PriceTag } from '../../pricing/views.ts';
import { changePricing, requirePricing } from '../../pricing/writes.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { TicketTypePatch } from '../edit-schemas.ts';
import { isPublished, type Unchanged } from '../domain/editing.ts';
import { idsOf, type EventRecord, type TicketType } from '../domain/event.ts';
import { termsOf } from '../domain/publication.ts';
import { planAccessCodes, planNewType, planTypeChange, planTypeRemoval } from '../domain/ticket-types.ts';
import type { TicketTypeDraft } from '../schemas.ts';
import { pointToEvent } from '../writes.ts';
import {
  changeEvent,
  movedAway,
  notAtOnce,
  preconditionRequired,
  ROOM,
  type Moved,
  type Target,
  type WithWrites,
} from './change-event.ts';
import { apart, resizeStock } from './change-stock.ts';
import { show } from './edit-event.ts';
import { closeType, openType } from './open-type.ts';
import type { ShownEvent } from './show-events.ts';

/** An event after one of its ticket types has changed. */
export interface ChangedType extends ShownEvent {
  readonly ticketTypeId: string;
}

type Changed = Promise<Result<ChangedType, Problem>>;

/** A ticket type as it was read, and which version of its event the client means to change. */
export interface TypeTarget extends Target {
  readonly type: TicketType;
}

/** Adds a ticket type, to a published event on sale at once; under an idempotency key a retry finds the one that the first try made. */
export async function addTicketType(
  table: Table,
  target: Target,
  { draft, idempotencyKey }: { readonly draft: TicketTypeDraft; readonly idempotencyKey: string | undefined },
  occasion: Occasion,
): Changed {
  const ticketTypeId =
    idempotencyKey === undefined
      ? ulid(occasion.now)
      : derivedId('added-ticket-type', target.event.eventId, occasion.by, idempotencyKey);
  const changed = await changeEvent(table, target, occasion, async (event) => {
    if (typeOf(event, ticketTypeId) !== undefined) return ok('UNCHANGED');
    const planned = planNewType(event, draft, ticketTypeId, occasion.now);
    if (!planned.ok) return planned;
    const opened = event.status === 'PUBLISHED' ? await openType(table, event, planned.value.type, occasion) : ok([]);
    if (!opened.ok) return opened;
    return ok({ ...planned.value, writes: [pointToEvent(ticketTypeId, event.eventId), ...opened.value] });
  });
  return withType(table, changed, ticketTypeId);
}

/**
 * Changes a ticket type, only from the version of its event that the client has read. What purchases know of it and,
 * where its sale moves, the windows in its blocks change with it: in one transaction as far as that holds them, the
 * rows of large houses right after it. Sent again it brings in line what a try that died has left.
 */
export async function editTicketType(
  table: Table,
  { event: read, type: { ticketTypeId }, version }: TypeTarget,
  patch: TicketTypePatch,
  occasion: Occasion,
): Changed {
  if (version === undefined) return err(preconditionRequired());
  let later: readonly string[] = [];
  const changed = await changeEvent(table, { event: read, version }, occasion, async (event) => {
    const type = typeOf(event, ticketTypeId);
    if (type === undefined) return err(typeNotFound());
    const refused = OF_STOCK.filter((name) => patch[name] !== undefined);
    if (event.status === 'PUBLISHED' && refused.length > 0) return err(isPublished(refused));
    const planned = planTypeChange(event, type, patch, occasion.now);
    if (event.status !== 'PUBLISHED' || !planned.ok) return planned;
    if (movesSale(patch) && patch.quantity !== undefined) return err(apart());
    if (planned.value === 'UNCHANGED') {
      if (movesSale(patch)) later = notAtOnce(await findStockOfType(table, idsOf(event), ticketTypeId));
      return ok('UNCHANGED');
    }
    const price = await priceOnSale(table, type, planned.value.type, occasion);
    const terms = { ...termsOf(event, planned.value.type), ...price.copied };
    if (!movesSale(patch)) {
      const resized = await resizeStock(table, type, patch.quantity, occasion);
      if (!resized.ok) return resized;
      const copied = changeCopies([ticketTypeId], { ...terms, ...resized.value?.copied });
      return ok({ ...planned.value, writes: [...copied, ...price.writes, ...(resized.value?.writes ?? [])] });
    }
    const stock = await findStockOfType(table, idsOf(event), ticketTypeId);
    const moved = moveSale<Problem | Moved>(stock, [terms], occasion, ROOM - price.writes.length, movedAway);
    ({ later } = moved);
    return ok({ ...planned.value, writes: [...moved.writes, ...price.writes] });
  });
  if (changed.ok) await alignBlocks(table, idsOf(changed.value), later);
  // Where rules make the price, the organizer's is one of the things that they make it from.
  if (changed.ok && patch.price !== undefined) await repriceType(table, ticketTypeId, occasion);
  return withType(table, changed, ticketTypeId);
}

/** Replaces the codes that open a hidden ticket type, on the ticketing side too. */
export async function setAccessCodes(
  table: Table,
  { event: read, type: { ticketTypeId }, version }: TypeTarget,
  codes: readonly string[],
  occasion: Occasion,
): Changed {
  const changed = await changeEvent(table, { event: read, version }, occasion, (event) => {
    const type = typeOf(event, ticketTypeId);
    return type === undefined ? err(typeNotFound()) : codesOnSale(event, type, codes);
  });
  return withType(table, changed, ticketTypeId);
}

/** New codes of a type, with what the ticketing side knows of them. */
export function codesOnSale(
  event: EventRecord,
  type: TicketType,
  codes: readonly string[],
): Result<WithWrites | Unchanged, Problem> {
  const planned = planAccessCodes(event, type, codes);
  if (!planned.ok || planned.value === 'UNCHANGED' || event.status !== 'PUBLISHED') return planned;
  const { accessHashes, codesOf } = planned.value.type;
  return ok({ ...planned.value, writes: changeCopies([type.ticketTypeId], { accessHashes, codesOf }) });
}

/** Deletes a ticket type of which nothing is held or sold. */
export async function deleteTicketType(
  table: Table,
  { event: read, type: { ticketTypeId }, version }: TypeTarget,
  occasion: Occasion,
): Promise<Result<void, Problem>> {
  const changed = await changeEvent(table, { event: read, version }, occasion, async (event) => {
    const type = typeOf(event, ticketTypeId);
    if (type === undefined) return err(typeNotFound());
    const planned = planTypeRemoval(event, type);
    if (!planned.ok || event.status !== 'PUBLISHED') return planned;
    const closed = await closeType(table, event, type, occasion);
    return closed.ok ? ok({ ...planned.value, writes: closed.value }) : closed;
  });
  return changed.ok ? ok(undefined) : changed;
}

/** Members that say which stock a type on sale sells from: an edit does not move tickets. */
const OF_STOCK = ['pool', 'seatCategory'] as const;

/** Whether a change may move the times between which a type is sold, which lie in its blocks. */
function movesSale({ saleStartsAt, saleEndsAt }: TicketTypePatch): boolean {
  return saleStartsAt !== undefined || saleEndsAt !== undefined;
}

/**
 * The price of a type as its copy is to say it once `next` is in place of `former`. Where rules make it, the
 * organizer's price is theirs to work on; that they are as they were read, or that there are none still, is pinned.
 */
async function priceOnSale(
  table: Table,
  former: TicketType,
  { ticketTypeId, unitPrice, priceVersion, formerPrices: [formerPrice] = [] }: TicketType,
  occasion: Occasion,
): Promise<{ readonly copied: Partial<PriceTag>; readonly writes: readonly Write<Moved>[] }> {
  if (unitPrice === former.unitPrice) return { copied: {}, writes: [] };
  const pricing = await findPricing(table, ticketTypeId);
  return pricing?.['gsi1pk'] === undefined
    ? {
        copied: { unitPrice, priceVersion, formerPrice },
        writes: [requirePricing(ticketTypeId, pricing, movedAway)],
      }
    : {
        copied: {},
        writes: [changePricing(pricing, { basePrice: unitPrice }, true, occasion, movedAway).write],
      };
}

function typeOf({ ticketTypes }: EventRecord, ticketTypeId: string): TicketType | undefined {
  return ticketTypes.find((type) => type.ticketTypeId === ticketTypeId);
}

function typeNotFound(): Problem<'TICKET_TYPE_NOT_FOUND'> {
  return problem('TICKET_TYPE_NOT_FOUND', 'There is no such ticket type.');
}

async function withType(table: Table, changed: Result<EventRecord, Problem>, ticketTypeId: string): Changed {
  const shown = await show(table, changed);
  return shown.ok ? ok({ ...shown.value, ticketTypeId }) : shown;
}
