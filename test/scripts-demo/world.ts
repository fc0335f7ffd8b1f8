import type { Row } from '../../scripts/audit/rows.ts';
import type { LedgerPayment, LedgerRefund } from '../../scripts/audit/ledger.ts';
import { draftTickets } from '../../functions/delivery/domain/ticket.ts';
import { putTicket } from '../../functions/delivery/writes.ts';
import { saleOpened, stockPrepared, type TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { blockKey, personLimitKey, poolKey, ticketTypeKey } from '../../functions/inventory/keys.ts';
import type { OrderLine } from '../../functions/orders/contract.ts';
import { parseOrder, type Order } from '../../functions/orders/reads.ts';
import {
  cancelUnpaid,
  confirmPaid,
  markTicketsIssued,
  orderReservation,
  putReservation,
  secureHeld,
} from '../../functions/orders/writes.ts';
import { timelineEntries, type Change } from '../../functions/outbox/domain/relay.ts';
import { mustHold, type Put } from '../../functions/shared/table/writes.ts';
import { advance, begin, marked } from '../../functions/shared/table/aggregate.ts';
import { userRegistered } from '../../functions/users/contract.ts';
import { anonymised, parseAccount } from '../../functions/users/domain/account.ts';
import { emailClaimKey, personKeyKey, userKey } from '../../functions/users/keys.ts';
import { userErased, userErasureBegun } from '../../functions/users/privacy-events.ts';

/** A moment in the middle of the sale. */
export const NOW = Date.UTC(2026, 10, 21, 12);

const never = mustHold('nothing is committed here');

/**
 * A small world as the system's own writes make it, without a table: 1,500 seats in two blocks, one order
 * of two tickets that is paid and ticketed, one that is held, one that was cancelled; a person and an erased one.
 */
export interface PlantedWorld {
  readonly rows: Record<string, unknown>[];
  readonly ledger: { readonly paymentIntents: LedgerPayment[]; readonly refunds: LedgerRefund[] };
}

export const TYPE_ID = '01TYPE';
export const PAID_ID = '01PAID';
export const HELD_ID = '01HELD';
export const CANCELLED_ID = '01CANCELLED';

export const POOL_ID = '01POOL';
export const PERSON_ID = '01PERSON';
export const ERASED_ID = '01ERASED';

const TYPE: TicketTypeCopy = {
  ticketTypeId: TYPE_ID,
  eventId: '01EVENT',
  organizationId: '01ORG',
  name: 'Standing',
  unitPrice: 4_500,
  currency: 'EUR',
  poolId: POOL_ID,
  blocks: 2,
  capacity: 1_500,
  opensAt: NOW - 1_000,
  closesAt: NOW + 86_400_000,
  maxPerPerson: 4,
  eventTitle: 'Harbour Nights',
  eventStartsAt: NOW + 2 * 86_400_000,
  timeZone: 'Europe/Berlin',
};

/** Builds it; every call gives a world of its own to plant a fault in. */
export function soundWorld(): PlantedWorld {
  const rows: Record<string, unknown>[] = [];
  const relay = (change: Change): void => void rows.push(...timelineEntries([change]).map(rowOf));

  stockUp(rows, relay);
  const paid = reserve(PAID_ID, relay);
  const ordered = orderReservation(paid, 'pi_paid', occasion(1), never).order;
  const secured = secureHeld(ordered, 'run-1', occasion(2), never).order;
  const confirmed = confirmPaid(secured, 'run-1', occasion(3), never).order;
  const ticketed = markTicketsIssued(confirmed, occasion(4), never).order;
  for (const [before, after] of [
    [paid, ordered],
    [ordered, secured],
    [secured, confirmed],
    [confirmed, ticketed],
  ] as const) {
    relay({ before, after });
  }
  const types = new Map([[TYPE_ID, TYPE]]);
  for (const draft of draftTickets(ticketed, types, NOW + 4)) {
    const ticket = rowOf(putTicket(draft, occasion(4), never));
    rows.push(ticket);
    relay({ before: undefined, after: markedRow(ticket) });
  }

  const held = reserve(HELD_ID, relay);
  const released = reserve(CANCELLED_ID, relay);
  const cancelled = cancelUnpaid(released, occasion(5), never).order;
  relay({ before: released, after: cancelled });
  rows.push({ ...ticketed }, { ...held }, { ...cancelled });

  register(rows, relay);
  for (const orderId of [PAID_ID, HELD_ID]) rows.push({ ...personLimitKey(TYPE_ID, `buyer-${orderId}`), held: 2 });
  rows.push({ ...personLimitKey(TYPE_ID, `buyer-${CANCELLED_ID}`), held: 0 });
  find(rows, `POOL#${POOL_ID}#B0`)['free'] = 750 - 4;

  return {
    rows,
    ledger: {
      paymentIntents: [
        {
          id: 'pi_paid',
          amount: 9_000,
          amount_received: 9_000,
          currency: 'eur',
          status: 'succeeded',
          metadata: { orderId: PAID_ID },
        },
      ],
      refunds: [],
    },
  };
}

/** The type, its pool and the two blocks, as publishing leaves them. */
function stockUp(rows: Record<string, unknown>[], relay: (change: Change) => void): void {
  const { eventId, organizationId, name, capacity, opensAt, closesAt } = TYPE;
  const attributes = {
    poolId: POOL_ID,
    eventId,
    organizationId,
    name,
    kind: 'COUNT',
    capacity,
    blocks: 2,
    prepared: 2,
  };
  const put = begin(
    poolKey(POOL_ID),
    { ...attributes, state: 'PREPARING', ticketTypeIds: [TYPE_ID] },
    { ...occasion(0), event: stockPrepared.name },
    never,
  );
  const prepared = markedRow(rowOf(put));
  const opened = advance(prepared, { state: 'OPEN' }, { ...occasion(0), event: saleOpened.name }, never).row;
  relay({ before: undefined, after: prepared });
  relay({ before: prepared, after: opened });
  rows.push({ ...ticketTypeKey(TYPE_ID), ...TYPE }, { ...opened });
  for (const block of [0, 1]) rows.push({ ...blockKey(POOL_ID, block), free: 750, size: 750, opensAt, closesAt });
}

/** Somebody with an account, and somebody who was erased. */
function register(rows: Record<string, unknown>[], relay: (change: Change) => void): void {
  const account = (userId: string): Change['after'] => {
    const details = { email: 'gcm2:x', firstName: 'gcm2:x', lastName: 'gcm2:x', locale: 'en', roles: ['customer'] };
    const more = { userId, status: 'VERIFIED', memberships: [], accessEpoch: 0, createdAt: NOW };
    const put = begin(userKey(userId), { ...details, ...more }, { ...occasion(0), event: userRegistered.name }, never);
    return markedRow(rowOf(put));
  };
  const [person, leaver] = [account(PERSON_ID), account(ERASED_ID)];
  rows.push({ ...person }, { ...personKeyKey(PERSON_ID), userId: PERSON_ID, wrapped: 'kms1:x' });
  rows.push({ ...emailClaimKey('hash'), userId: PERSON_ID });
  const begun = { ...occasion(1), event: userErasureBegun.name };
  const closed = advance(leaver, anonymised(parseAccount(leaver), NOW), begun, never).row;
  const erased = advance(closed, { erasedAt: NOW }, { ...occasion(2), event: userErased.name }, never).row;
  rows.push({ ...erased });
  relay({ before: undefined, after: person });
  relay({ before: undefined, after: leaver });
  relay({ before: leaver, after: closed });
  relay({ before: closed, after: erased });
}

/** The row at `pk` (and `sk`, where there are several) to plant a fault in. */
export function find(rows: readonly Record<string, unknown>[], pk: string, sk?: string): Record<string, unknown> {
  const row = rows.find((candidate) => candidate['pk'] === pk && (sk === undefined || candidate['sk'] === sk));
  if (row === undefined) throw new Error(`No row at ${pk} ${sk ?? ''}`);
  return row;
}

function reserve(orderId: string, relay: (change: Change) => void): Order {
  const line: OrderLine = {
    id: '1',
    eventId: '01EVENT',
    ticketTypeId: TYPE_ID,
    poolId: POOL_ID,
    quantity: 2,
    unitPrice: 4_500,
    takes: [{ block: 0, quantity: 2 }],
    limited: true,
  };
  const put = putReservation(
    {
      orderId,
      customerId: `buyer-${orderId}`,
      number: `ON-${orderId}`,
      lines: [line],
      currency: 'EUR',
      total: 9_000,
      expiresAt: NOW + 600_000,
      requestHash: 'hash',
    },
    occasion(0),
    never,
  );
  const after = markedRow(rowOf(put));
  relay({ before: undefined, after });
  return parseOrder(after);
}

function occasion(offset: number): { now: number; correlationId: string; by: 'system' } {
  return { now: NOW + offset, correlationId: `step-${offset}`, by: 'system' };
}

function rowOf({ key, item }: Put<never>): Record<string, unknown> {
  return { ...key, ...item };
}

function markedRow(row: Row): Change['after'] {
  return marked({ ...row, pk: String(row['pk']), sk: String(row['sk']) });
}
