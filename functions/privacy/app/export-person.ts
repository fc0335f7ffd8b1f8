import { findAdmissions } from '../../access/reads.ts';
import type { Ticket } from '../../delivery/contract.ts';
import { findIssuedTicketsOf, pageOfReceivedTickets, viewTicket } from '../../delivery/reads.ts';
import { phonesOf } from '../../delivery/pass-news.ts';
import { holderNamesOf } from '../../delivery/holder-names.ts';
import { findNotifications, type StoredNotification } from '../../notifications/reads.ts';
import { allAttendees, findAttendees, openAttendees } from '../../orders/attendees.ts';
import { pageOfCustomerOrders, readTimeline, viewOrder, type Order } from '../../orders/reads.ts';
import { findKeyLists, findOrganizations } from '../../organizations/reads.ts';
import { findCart } from '../../reservations/reads.ts';
import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import { viewAssignment } from '../../shared/runtime/membership.ts';
import { outOfReach } from '../../shared/runtime/policy.ts';
import type { Table } from '../../shared/table/client.ts';
import { discloseAccount, PersonErasedError, type personalDataIn } from '../../users/disclosure.ts';
import type { Account } from '../../users/reads.ts';
import type { ExportedOrder, ExportedTicket, PersonExport } from '../contract.ts';
import { actorFor } from '../domain/actor.ts';

/**
 * Orders read at a time, and bytes after which a part ends: Lambda answers with 6 MB at most, Base64 of an
 * encrypted part adds a third, and 25 orders of 60 tickets each are below 800 KB.
 */
const ORDERS_AT_A_TIME = 25;
const PART_BYTES = 3_000_000;
/** Received tickets read at a time. */
const TICKETS_AT_A_TIME = 100;

type Opener = ReturnType<typeof personalDataIn>;

/** Which part of whose export, and for whom. */
export interface ExportRequest {
  readonly account: Account;
  /** Of the part before; without it the first part, which has the account. */
  readonly cursor: string | undefined;
  readonly callerId: string;
  readonly now: Instant;
  /** After how many bytes of orders the part ends; {@link PART_BYTES} unless said. */
  readonly partBytes?: number;
}

/** Whose export it is and for whom: what its cursors are bound to. */
function scopeOf(userId: string, callerId: string): CursorScope {
  return { route: 'exportUser', query: { userId }, callerId };
}

/**
 * Insists that a cursor is of this very export, before it is written down that somebody exports.
 *
 * @throws ProblemError INVALID_INPUT
 */
export function checkCursor(
  cursorKey: Uint8Array,
  {
    userId,
    callerId,
    cursor,
  }: { readonly userId: string; readonly callerId: string; readonly cursor: string | undefined },
): void {
  if (cursor !== undefined) decodeCursor(cursorKey, scopeOf(userId, callerId), cursor);
}

/**
 * A part of everything that is kept about a person, personal values opened. Nearly always the first part is all.
 *
 * @throws ProblemError INVALID_INPUT for a cursor that is not of this very export, USER_NOT_FOUND for a person who is
 *   erased meanwhile
 */
export async function exportPerson(
  table: Table,
  personalData: Opener,
  cursorKey: Uint8Array,
  { account, cursor, callerId, now, partBytes = PART_BYTES }: ExportRequest,
): Promise<PersonExport> {
  const { userId } = account;
  const scope = scopeOf(userId, callerId);
  let after = cursor === undefined ? undefined : decodeCursor(cursorKey, scope, cursor);
  const person = cursor === undefined ? await exportAccount(table, personalData, account, now) : undefined;
  const orders: ExportedOrder[] = [];
  let bytes = 0;
  do {
    const page = await pageOfCustomerOrders(table, userId, ORDERS_AT_A_TIME, after);
    const exported = await Promise.all(page.orders.map((order) => exportOrder(table, personalData, userId, order)));
    orders.push(...exported);
    bytes += Buffer.byteLength(JSON.stringify(exported));
    after = page.next;
  } while (after !== undefined && bytes < partBytes);
  return {
    format: 'onsale.person',
    formatVersion: 1,
    exportedAt: toTimestamp(now),
    userId,
    ...(person === undefined ? {} : { person }),
    orders,
    nextCursor: after === undefined ? null : encodeCursor(cursorKey, scope, after),
  };
}

async function exportAccount(
  table: Table,
  personalData: Opener,
  account: Account,
  now: Instant,
): Promise<NonNullable<PersonExport['person']>> {
  const { userId, memberships } = account;
  const ids = [...new Set(memberships.map(({ organizationId }) => organizationId))];
  const [disclosed, organizations, keyLists, notifications, cart, received, phones] = await Promise.all([
    discloseAccount(table, personalData, account, now).catch(asGone),
    findOrganizations(table, ids),
    findKeyLists(table, ids),
    findNotifications(table, { userId }),
    findCart(table, { id: userId }, now),
    receivedTickets(table, personalData, userId),
    phonesOf(table, personalData, userId).catch(asGone),
  ]);
  return {
    account: disclosed.account,
    sessions: [...disclosed.sessions],
    history: disclosed.history.map(({ by, set, removed, ...step }) => ({
      ...step,
      by: actorFor(userId, by),
      set: { ...set },
      removed: [...removed],
    })),
    organizations: organizations.map(({ organizationId, name, members }) => {
      const member = members.find((each) => each.userId === userId);
      return {
        id: organizationId,
        name,
        since: member === undefined ? null : toTimestamp(member.since),
        posts: (member?.posts ?? []).map(viewAssignment),
      };
    }),
    apiKeys: keyLists.flatMap(({ organizationId, keys }) =>
      keys
        .filter(({ createdBy }) => createdBy === userId)
        .map(({ apiKeyId: id, name, createdAt }) => ({ id, organizationId, name, createdAt: toTimestamp(createdAt) })),
    ),
    cart: cart.lines.map((line) => ({ ...line })),
    receivedTickets: [...received],
    passesInPhones: phones.map(({ pass, pushTokens }) => ({ pass, pushTokens: [...pushTokens] })),
    notifications: notifications.map(exportMail),
  };
}

async function receivedTickets(table: Table, personalData: Opener, userId: string): Promise<readonly ExportedTicket[]> {
  const all: Ticket[] = [];
  let after: string | undefined;
  do {
    const page = await pageOfReceivedTickets(table, userId, TICKETS_AT_A_TIME, after);
    all.push(...page.tickets);
    after = page.next;
  } while (after !== undefined);
  return exportTickets(table, personalData, all);
}

function asGone(error: unknown): never {
  throw error instanceof PersonErasedError ? outOfReach('user') : error;
}

async function exportOrder(table: Table, personalData: Opener, userId: string, order: Order): Promise<ExportedOrder> {
  const [steps, notifications, tickets, sealed] = await Promise.all([
    readTimeline(table, order.orderId),
    findNotifications(table, { orderId: order.orderId }),
    findIssuedTicketsOf(table, [order], 'eventual'),
    findAttendees(table, [order.orderId]),
  ]);
  const names = (await openAttendees(personalData, sealed)).get(order.orderId);
  return {
    ...viewOrder(order),
    ...(names === undefined ? {} : { attendees: allAttendees(order, names) }),
    history: steps.map(({ ver, ev, at, by }) => ({
      version: ver,
      event: ev,
      at: toTimestamp(at),
      by: actorFor(userId, by),
    })),
    notifications: notifications.map(exportMail),
    tickets: [...(await exportTickets(table, personalData, tickets))],
  };
}

/** Tickets without what would let somebody in, and without who has bought them. */
async function exportTickets(
  table: Table,
  personalData: Opener,
  tickets: readonly Ticket[],
): Promise<readonly ExportedTicket[]> {
  const [scans, names] = await Promise.all([
    findAdmissions(table, tickets),
    holderNamesOf(table, personalData, tickets),
  ]);
  const admissions = new Map(
    scans.map((scan) => [scan.ticketId, { at: toTimestamp(scan.at), gate: scan.gate ?? null }]),
  );
  return tickets.map((ticket) => {
    const {
      qr: _qr,
      qrImage: _image,
      usedAt: _usedAt,
      customerId: _customer,
      orderId: _order,
      ...view
    } = viewTicket(ticket, null, names.get(ticket.ticketId));
    return { ...view, admission: admissions.get(ticket.ticketId) ?? null };
  });
}

function exportMail({
  cause,
  status,
  attempts,
  claimedAt,
  sentAt,
}: StoredNotification): ExportedOrder['notifications'][number] {
  return {
    cause,
    status,
    attempts,
    at: toTimestamp(claimedAt),
    sentAt: sentAt === undefined ? null : toTimestamp(sentAt),
  };
}
