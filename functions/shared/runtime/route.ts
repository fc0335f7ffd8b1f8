import type * as z from 'zod/mini';

import type { Instant } from '../kernel/clock.ts';
import { PROBLEM_CODES, type ProblemCode } from '../kernel/problems.ts';

/** Roles that a signed-in person may hold; `customer` is everybody with an account. */
export type Role = 'customer' | 'staff' | 'organizer' | 'support' | 'admin';

/**
 * Who may call a route: people by their roles, `vendor`, a program with an API key, and `guest`, somebody with an
 * anonymous session.
 */
export type Who = Role | 'vendor' | 'guest';

/** What a person does in an organisation: `organizer` leads it, the others are the posts of staff. */
export type Post = 'organizer' | 'gate' | 'box-office' | 'support';

/**
 * What an API key may be made for: a closed list, from the permission names of seed 003. Each is asked for by
 * at least one route.
 */
export const KEY_SCOPES = ['reservations:write', 'orders:read', 'orders:write', 'tickets:read'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** `TICKET_TYPE` as `ticketType`. */
type Camel<Words extends string> = Words extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<Camel<Rest>>}`
  : Lowercase<Words>;

/**
 * The kinds of things that belong to somebody. There is one for each problem `<KIND>_NOT_FOUND`, which is how a
 * thing out of the caller's reach answers; paths and bodies name it by `<kind>Id`.
 */
export type Kind = {
  [Code in ProblemCode]: Code extends `${infer Words}_NOT_FOUND` ? Camel<Words> : never;
}[ProblemCode];

/**
 * The policy of a route: which roles may call it, and whose the thing must be that it is about. Written once,
 * beside the route; `http.ts` enforces it before the use case runs, the authorisation matrix tests it, and
 * `docs/roles.md` is derived from it.
 */
export interface Policy {
  readonly who: readonly Who[];
  /**
   * The kind of thing that `<kind>Id` names. It must be the caller's: a customer's own, of an organisation that
   * the organizer leads, of one (or an event) that staff are assigned to now; support and admins reach all,
   * a vendor what it made, and its own organisation's things, a guest what it made. Anything else answers 404.
   */
  readonly owns?: Kind;
  /** Where the id is, unless in the path. */
  readonly by?: 'body' | 'query';
  /** The posts that count for `staff`; all three unless said. */
  readonly posts?: readonly Exclude<Post, 'organizer'>[];
  /** The scope that an API key needs; goes with the role `vendor`. */
  readonly key?: KeyScope;
  /** The session must have begun within the last ten minutes. */
  readonly recent?: true;
  /**
   * The use case judges ownership itself, because it is decided by a condition, a later step or several things:
   * reading first would cost a read on the hot path, or say nothing.
   */
  readonly checkedBy?: 'use case';
}

/** Who may call a route. `signature` is for Stripe's webhook, whose body proves its sender. */
export type Access = { readonly who: 'anyone' } | { readonly who: 'signature' } | Policy;

type Schema = z.ZodMiniType;

/** What is wrong with a body, and where in it. */
export interface BodyFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** One route of the public API: written once in a `contract.ts`, everything else is derived from it. */
export interface Route {
  /** Unique name, camelCase; also the operationId of the OpenAPI document. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for parameters, as API Gateway writes them. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: Access;
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  /**
   * What the time has against a body, told beside the faults that its schema finds, so that a client hears of all
   * at once. A body that its schema takes is judged by the use case.
   */
  readonly faultsAt?: (body: unknown, now: Instant) => readonly BodyFault[];
  /** Headers that it reads beside those of every route, each with what it is for. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The body may be larger than usual, up to so many bytes, and may come as gzip (`application/gzip`, or with
   * `Content-Encoding`): what Lambda takes is 6 MB, packed or not.
   */
  readonly largeBody?: { readonly mostBytes: number };
  /** The body is taken as raw bytes and checked by the use case (webhook signature). */
  readonly rawBody?: true;
  /** Media type of a raw body; JSON unless said. */
  readonly takes?: 'application/json' | 'application/x-www-form-urlencoded';
  /** Answers by status; null for one without a JSON body. */
  readonly responses: Readonly<Record<number, Schema | null>>;
  /** Media type of a successful answer that is not JSON. */
  readonly produces?: string;
  /** The expected failures of the use case; those of the middleware are added by {@link problemsOf}. */
  readonly problems: readonly ProblemCode[];
}

/** Declares a route, keeping the exact types of its schemas. */
export function route<const R extends Route>(declared: R): R {
  return declared;
}

/** `POST /api/orders`: how API Gateway names a route and how a handler is chosen. */
export function routeKey({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** The policy of a route that not anyone may call; undefined where anyone may, or a signature decides. */
export function policyOf({ access }: Pick<Route, 'access'>): Policy | undefined {
  return access.who === 'anyone' || access.who === 'signature' ? undefined : access;
}

/** The problem by which a thing of `kind` answers that is absent or out of the caller's reach. */
export function notFoundOf(kind: Kind): ProblemCode {
  const wanted = `${kind.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_NOT_FOUND`;
  const code = PROBLEM_CODES.find((candidate) => candidate === wanted);
  if (code === undefined) throw new Error(`There is no problem ${wanted}`);
  return code;
}

/** All problems that `route` may answer with, those of the middleware included. */
export function problemsOf(declared: Route): readonly ProblemCode[] {
  const all: ProblemCode[] = [
    ...declared.problems,
    'CREDENTIALS_CONFLICT',
    'INTERNAL_ERROR',
    'BUSY',
    'TOO_MANY_REQUESTS',
  ];
  if (declared.method !== 'GET') all.push('CROSS_SITE_REQUEST');
  if (declared.rawBody !== true) all.push('CARD_NUMBER_REFUSED');
  if (declared.params || declared.query || declared.body) all.push('INVALID_INPUT');
  if (declared.body) all.push('MALFORMED_JSON', 'NOT_JSON', 'BODY_TOO_LARGE');
  const policy = policyOf(declared);
  if (policy !== undefined) all.push('NOT_SIGNED_IN', 'NOT_ALLOWED', 'CSRF_TOKEN_INVALID');
  if (policy?.key !== undefined) all.push('INVALID_INPUT');
  if (policy?.owns !== undefined) all.push(notFoundOf(policy.owns));
  if (policy?.recent === true) all.push('RECENT_LOGIN_REQUIRED');
  return [...new Set(all)].toSorted();
}

/** The parsed type of a schema member of a route, or `undefined` when the route has none. */
export type Parsed<S> = S extends Schema ? z.infer<S> : undefined;
