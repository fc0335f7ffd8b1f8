import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';

import { DAY, SECOND, type Instant } from '../kernel/clock.ts';
import { derivedId } from '../kernel/ids.ts';
import { problem, ProblemError } from '../kernel/problems.ts';
import type { Table } from '../table/client.ts';
import type { Key } from '../table/keys.ts';
import { getItem } from '../table/read.ts';
import { absent, allOf, equals, exists, type Check, type Otherwise, type Put, type Update } from '../table/writes.ts';
import type { Session } from './session.ts';

/**
 * Anonymous sessions: somebody who fills a cart or holds tickets before signing in. Whoever bears the token is that
 * somebody; the table keeps an id that follows from it one way, and nothing that leads back (ADR 40).
 */

/** The header in which programs send the token. */
export const GUEST_HEADER = 'x-guest-token';
/** The cookie in which browsers do; `__Host-` binds it to this host, path / and TLS. */
export const GUEST_COOKIE = '__Host-onsale-guest';
/** How long an anonymous session lasts; nothing renews it. */
export const GUEST_MS = 30 * DAY;
/**
 * Reservations that an anonymous session may have at a time, so that taking all of them over at a log-in fits one
 * transaction: four rows, their limits counted twice for ten types each, two carts and the session.
 */
export const MOST_GUEST_HOLDS = 4;

/** What every token begins with, and 256 random bits. */
const PREFIX = 'osg_';
const SHAPE = /^osg_[\w-]{43}$/;

/** A reservation of an anonymous session, and when it lapses. */
const guestHold = z.object({ orderId: z.string(), expiresAt: z.int() });
export type GuestHold = z.infer<typeof guestHold>;

const guestRow = z.object({
  guestId: z.string(),
  expiresAt: z.int(),
  holds: z.array(guestHold),
  /** Counts changes of the row, which each is decided on. */
  rev: z.int(),
  /** Who logged in with it, which is its end. */
  takenBy: z.optional(z.string()),
});

/** An anonymous session as its row keeps it. */
export type Guest = z.infer<typeof guestRow>;

/** A new token, shown to its bearer and kept nowhere, with the id that follows from it. */
export function newGuestToken(): { readonly token: string; readonly guestId: string } {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { token, guestId: derivedId('guest', token) };
}

/** The id of the session whose token `text` is; undefined for what cannot be one. */
export function guestIdOf(text: string | undefined): string | undefined {
  return text !== undefined && SHAPE.test(text) ? derivedId('guest', text) : undefined;
}

/** How a request says whose anonymous session it is of. */
export interface SentGuest {
  readonly guestId: string;
  readonly fromCookie: boolean;
}

/** The anonymous session that a request names by its header, or else its cookie. */
export function sentGuest(
  headers: APIGatewayProxyEventV2['headers'],
  cookie: (name: string) => string | undefined,
): SentGuest | undefined {
  const fromHeader = headers[GUEST_HEADER];
  const guestId = guestIdOf(fromHeader ?? cookie(GUEST_COOKIE));
  return guestId === undefined ? undefined : { guestId, fromCookie: fromHeader === undefined };
}

/** The row of an anonymous session. */
export function guestKey(guestId: string): Key {
  return { pk: `GUEST#${guestId}`, sk: 'GUEST' };
}

/** The anonymous session `guestId`, ended or not. Strong: who has logged in with it bears it no more. */
export async function findGuest(table: Table, guestId: string): Promise<Guest | undefined> {
  const item = await getItem(table, guestKey(guestId), 'strong');
  return item === undefined ? undefined : z.parse(guestRow, item);
}

/**
 * The anonymous session that a request names, as whoever calls.
 *
 * @throws ProblemError NOT_SIGNED_IN where it is unknown, past its end, or was taken over
 */
export async function loadGuest(table: Table, guestId: string, now: Instant): Promise<Session> {
  const guest = await findGuest(table, guestId);
  if (guest === undefined || guest.takenBy !== undefined || guest.expiresAt <= now)
    throw new ProblemError(guestEnded());
  return {
    sessionId: guestId,
    userId: guestId,
    roles: ['guest'],
    memberships: [],
    csrf: '',
    expiresAt: guest.expiresAt,
    guest,
  };
}

/** How an anonymous session answers that is no more. */
export function guestEnded() {
  return problem(
    'NOT_SIGNED_IN',
    'The anonymous session has ended. Sign in, or begin another with POST /api/auth/guest.',
  );
}

/** Begins an anonymous session; the table drops it some time after its end. */
export function beginGuest<E>(guestId: string, now: Instant, otherwise: Otherwise<E>): Put<E> {
  const expiresAt = now + GUEST_MS;
  return {
    kind: 'put',
    key: guestKey(guestId),
    item: { guestId, expiresAt, holds: [], rev: 1, ttl: Math.ceil(expiresAt / SECOND) },
    when: absent('pk'),
    otherwise,
  };
}

/**
 * Remembers the reservations of an anonymous session, in the transaction that places one of them: so that a log-in
 * finds every one, and none is placed once somebody has logged in.
 *
 * @param otherwise what it means that the session has changed or ended since it was read
 */
export function listGuestHolds<E>(
  { guestId, rev }: Guest,
  holds: readonly GuestHold[],
  otherwise: Otherwise<E>,
): Update<E> {
  return {
    kind: 'update',
    key: guestKey(guestId),
    set: { holds: holds.map((hold) => ({ ...hold })), rev: rev + 1 },
    when: allOf(equals('rev', rev), absent('takenBy')),
    otherwise,
  };
}

/** Insists that an anonymous session goes on, in a transaction that changes what is its own. */
export function guestLives<E>(guestId: string, otherwise: Otherwise<E>): Check<E> {
  return { kind: 'check', key: guestKey(guestId), when: allOf(exists('pk'), absent('takenBy')), otherwise };
}

/** How long it is remembered who took an anonymous session over, for who did not hear the answer. */
const TAKEN_KEPT_MS = DAY;

/** Ends an anonymous session with a log-in, in the transaction that hands over what it had. */
export function endGuest<E>({ guestId, rev }: Guest, userId: string, now: Instant, otherwise: Otherwise<E>): Update<E> {
  return {
    kind: 'update',
    key: guestKey(guestId),
    set: { takenBy: userId, rev: rev + 1, ttl: Math.ceil((now + TAKEN_KEPT_MS) / SECOND) },
    when: allOf(equals('rev', rev), absent('takenBy')),
    otherwise,
  };
}
