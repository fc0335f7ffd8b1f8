import { ulid } from 'ulid';

import { alignBlocks } from '../../inventory/operations.ts';
import { findStockOfType } from '../../inventory/reads.ts';
import { changeCopies, moveSale } from '../../inventory/writes.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { TicketTypePatch } from '../edit-schemas.ts';
import { isPublished, type Unchanged } from '../domain/editing.ts';
import { idsOf, type EventRecord, type TicketType } from '../domain/event.ts';
import { saleOf } from '../domain/publication.ts';
import {
  planAccessCodes,
  planNewType,
  planTypeChange,
  planTypeRemoval,
  type TypeDecision,
} from '../domain/ticket-types.ts';
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
import { apart, resizeStock, type Resized } from './change-stock.ts';
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
    if (!movesSale(patch)) {
      const resized = await resizeStock(table, type, patch.quantity, occasion);
      return resized.ok ? onSale(event, planned, resized.value) : resized;
    }
    if (patch.quantity !== undefined) return err(apart());
    const stock = await findStockOfType(table, idsOf(event), ticketTypeId);
    if (planned.value === 'UNCHANGED') {
      later = notAtOnce(stock);
      return ok('UNCHANGED');
    }
    const sale = saleOf(event, planned.value.type);
    const moved = moveSale<Problem | Moved>(stock, [sale], occasion, ROOM, movedAway);
    ({ later } = moved);
    return ok({ ...planned.value, writes: moved.writes });
  });
  if (changed.ok) await alignBlocks(table, idsOf(changed.value), later);
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
    return type === undefined ? err(typeNotFound()) : onSale(event, planAccessCodes(event, type, codes));
  });
  return withType(table, changed, ticketTypeId);
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

/** A changed type with its copy on the ticketing side, which holds are priced from. */
function onSale(
  event: EventRecord,
  planned: Result<TypeDecision | Unchanged, Problem>,
  resized?: Resized,
): Result<WithWrites | Unchanged, Problem> {
  if (!planned.ok || planned.value === 'UNCHANGED' || event.status !== 'PUBLISHED') return planned;
  const sale = saleOf(event, planned.value.type);
  const copied = changeCopies([sale.ticketTypeId], { ...sale, ...resized?.copied });
  return ok({ ...planned.value, writes: [...copied, ...(resized?.writes ?? [])] });
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
