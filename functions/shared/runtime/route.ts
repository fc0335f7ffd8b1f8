import type * as z from 'zod/mini';

import type { ProblemCode } from '../kernel/problems.ts';

/** Roles that a signed-in person may hold; `customer` is everybody with an account. */
export type Role = 'customer' | 'staff' | 'organizer' | 'support' | 'admin';

/**
 * Which things a caller may reach through a route, beyond having the role. Use cases enforce it when they
 * load, and answer 404 for what lies outside; the authorisation matrix tests it from this declaration.
 */
export type Scope =
  /** Nothing that belongs to anybody. */
  | 'public'
  /** The caller's own session or account. */
  | 'self'
  /** Orders, reservations and tickets of the caller. */
  | 'own'
  /** As `own`, and those of events of the caller's organisations; support and admins see all. */
  | 'own-or-organization'
  /** Events of an organisation that the caller organises. */
  | 'organization'
  /** Events at which the caller works the gate; for organizers, those of their organisations; for admins, all. */
  | 'gate';

/** Who may call a route. `signature` is for Stripe's webhook, whose body proves its sender. */
export type Access =
  | { readonly who: 'anyone' }
  | { readonly who: 'signature' }
  | { readonly who: readonly Role[]; readonly scope: Scope };

type Schema = z.ZodMiniType;

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
  /** The body is taken as raw bytes and checked by the use case (webhook signature). */
  readonly rawBody?: true;
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

/** All problems that `route` may answer with, those of the middleware included. */
export function problemsOf(declared: Route): readonly ProblemCode[] {
  const all: ProblemCode[] = [...declared.problems, 'INTERNAL_ERROR', 'BUSY', 'TOO_MANY_REQUESTS'];
  if (declared.params || declared.query || declared.body) all.push('INVALID_INPUT');
  if (declared.body) all.push('MALFORMED_JSON', 'NOT_JSON', 'BODY_TOO_LARGE');
  if (typeof declared.access.who === 'object') all.push('NOT_SIGNED_IN', 'NOT_ALLOWED', 'CSRF_TOKEN_INVALID');
  return [...new Set(all)].toSorted();
}

/** The parsed type of a schema member of a route, or `undefined` when the route has none. */
export type Parsed<S> = S extends Schema ? z.infer<S> : undefined;
