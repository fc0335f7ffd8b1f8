import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor, type CursorScope } from '../../shared/runtime/cursor.ts';
import type { Session } from '../../shared/runtime/session.ts';
import type { Table } from '../../shared/table/client.ts';
import type { TicketView } from '../contract.ts';
import { orderTicketsFor, ownTickets, viewsOf, type ShowDeps, type TicketsPosition } from './read-tickets.ts';

const USUAL_LIMIT = 25;
const position = z.object({ received: z.optional(z.string()), after: z.optional(z.string()), skip: z.int() });

/** Which tickets: those of an order, or a page of the caller's own. */
export interface TicketsQuery {
  readonly orderId?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A query for tickets and who makes it. */
export interface TicketsAsked {
  readonly session: Session;
  readonly query: TicketsQuery;
  readonly now: Instant;
}

/** A page of tickets. */
export interface TicketList {
  readonly items: readonly TicketView[];
  readonly nextCursor: string | null;
}

/** The tickets of the order asked for (60 at most), or else with a page of the caller's own. */
export async function listTicketsFor(
  table: Table,
  { session, query, now }: TicketsAsked,
  deps: ShowDeps,
  cursorKey: Uint8Array,
): Promise<Result<TicketList, Problem>> {
  if (query.orderId !== undefined) {
    const found = await orderTicketsFor(table, session, query.orderId, now);
    return found.ok ? ok({ items: await viewsOf(found.value, deps), nextCursor: null }) : found;
  }
  const scope: CursorScope = { route: 'listTickets', query: {}, callerId: session.userId };
  const start =
    query.cursor === undefined ? { received: '', skip: 0 } : readPosition(decodeCursor(cursorKey, scope, query.cursor));
  const { tickets, next } = await ownTickets(table, session.userId, query.limit ?? USUAL_LIMIT, start);
  const nextCursor = next === undefined ? null : encodeCursor(cursorKey, scope, JSON.stringify(next));
  return ok({ items: await viewsOf(tickets, deps), nextCursor });
}

function readPosition(text: string): TicketsPosition {
  const { received, after, skip } = z.parse(position, JSON.parse(text));
  return {
    ...(received === undefined ? {} : { received }),
    ...(after === undefined ? {} : { after }),
    skip,
  };
}
