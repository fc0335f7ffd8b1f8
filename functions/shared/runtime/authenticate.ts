import { createHash, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

import type { Instant } from '../kernel/clock.ts';
import { problem, ProblemError } from '../kernel/problems.ts';
import { loadVendor, readApiKey, rememberUse } from './api-key.ts';
import { loadGuest, sentGuest } from './guest.ts';
import type { HttpDeps } from './http.ts';
import { checkRole } from './policy.ts';
import { policyOf, type Route } from './route.ts';
import { readRingKey } from './secrets.ts';
import { asksForChange, type Sender } from './sender.ts';
import { loadSession, verifyAccessToken, type Caller, type Session, type SessionRef } from './session.ts';

/** The cookie that carries a browser's access token; `__Host-` binds it to this host, path / and TLS. */
export const SESSION_COOKIE = '__Host-onsale-session';

/** Authentication of one request, done no further than its route asks. */
export interface Authentication {
  /** Whoever calls, without insisting on anybody: with an ended session or without its CSRF token, nobody. */
  caller(): Promise<Caller>;
  /** Insists that the token's signature is ours, without a read. @throws ProblemError */
  proven(route: Route): Promise<void>;
  /** Insists on a live session with the route's roles. @throws ProblemError */
  session(route: Route): Promise<Session>;
}

interface Credential {
  readonly token: string;
  readonly fromCookie: boolean;
}

/**
 * Prepares the authentication of `event`: a Bearer token, a browser's cookie with its CSRF token, or an API key.
 *
 * @throws ProblemError CREDENTIALS_CONFLICT for a session and a key at once (failure catalogue 58)
 */
export function authenticate(
  event: APIGatewayProxyEventV2,
  sender: Sender,
  deps: HttpDeps,
  now: Instant,
): Authentication {
  const credential = credentialOf(event);
  const { 'x-api-key': keyText, 'x-end-customer': endCustomer } = event.headers;
  if (keyText !== undefined && credential !== undefined) {
    throw new ProblemError(
      problem('CREDENTIALS_CONFLICT', 'Send a session or an API key, not both: we would not know for whom to act.'),
    );
  }
  const key = keyText === undefined ? undefined : readApiKey(keyText);
  // Whoever says who they are is not asked who they were before.
  const unnamed = credential === undefined && keyText === undefined;
  const guest = unnamed ? sentGuest(event.headers, (name) => cookieOf(event, name)) : undefined;
  let proof: Promise<SessionRef | undefined> | undefined;

  const prove = (): Promise<SessionRef | undefined> => (proof ??= proveSession(credential, deps, now));

  const live = async (): Promise<Session | undefined> => {
    if (key !== undefined && deps.table !== undefined) return loadVendor(deps.table, key, endCustomer, now);
    const ref = await prove();
    if (ref === undefined || deps.table === undefined) return undefined;
    const session = await loadSession(deps.table, ref, now);
    if (credential?.fromCookie === true && asksForChange(event)) checkCsrf(event, sender, session);
    return session;
  };

  const anonymous = async (route: Route): Promise<Session | undefined> => {
    if (guest === undefined || deps.table === undefined || !admitsGuests(route)) return undefined;
    // There is no token that another site could not send along: what the browser says of the page must do.
    if (guest.fromCookie && asksForChange(event)) checkOwnPage(sender);
    return loadGuest(deps.table, guest.guestId, now);
  };

  return {
    caller: async () => {
      const session = await live().catch((error: unknown) => {
        // An old cookie must not bar anybody from reading, or from logging in again.
        if (error instanceof ProblemError) return undefined;
        throw error;
      });
      return session === undefined ? { kind: 'anonymous' } : { kind: 'person', session };
    },
    proven: async (route) => {
      if (guest !== undefined && admitsGuests(route)) return;
      if (key === undefined && (await prove()) === undefined) throw notSignedIn(route);
    },
    session: async (route) => {
      const session = (await live()) ?? (await anonymous(route));
      if (session === undefined) throw notSignedIn(route);
      const policy = policyOf(route);
      if (policy !== undefined) checkRole(session, policy, now);
      if (session.key !== undefined && deps.table !== undefined) await rememberUse(deps.table, session.key, now);
      return session;
    },
  };
}

/**
 * Reads a request while it is still being found out whether its caller may send it: what is wrong with it is
 * told only to who may.
 *
 * @throws ProblemError the refusal of `permitted`, if there is one, before any fault of the request
 */
export async function readOnceAllowed<T>(receive: () => T, permitted: Promise<Session>): Promise<T> {
  try {
    return receive();
  } catch (fault) {
    await permitted;
    throw fault;
  }
}

function admitsGuests(route: Route): boolean {
  return policyOf(route)?.who.includes('guest') === true;
}

function notSignedIn(route: Route): ProblemError {
  const instead = admitsGuests(route) ? ' Or begin an anonymous session with POST /api/auth/guest.' : '';
  return new ProblemError(
    problem('NOT_SIGNED_IN', `Sign in and send the access token as Bearer, or use the session cookie.${instead}`),
  );
}

async function proveSession(
  credential: Credential | undefined,
  deps: HttpDeps,
  now: Instant,
): Promise<SessionRef | undefined> {
  const { sessionKeysParameter } = deps;
  if (credential === undefined || sessionKeysParameter === undefined) return undefined;
  return verifyAccessToken((keyId) => readRingKey(sessionKeysParameter, keyId), credential.token, now);
}

function credentialOf(event: APIGatewayProxyEventV2): Credential | undefined {
  const bearer = /^Bearer ([\w.-]+)$/i.exec(event.headers['authorization'] ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, fromCookie: false };
  const cookie = cookieOf(event, SESSION_COOKIE);
  return cookie === undefined ? undefined : { token: cookie, fromCookie: true };
}

/** The value of the cookie `name` of a request. */
export function cookieOf({ cookies = [] }: APIGatewayProxyEventV2, name: string): string | undefined {
  const prefix = `${name}=`;
  return cookies.find((candidate) => candidate.startsWith(prefix))?.slice(prefix.length);
}

/**
 * A browser sends cookies by itself, so whatever changes something must prove that our page sent it: by the
 * session's token, which another site cannot read, and by what the browser says of the page.
 */
function checkCsrf(event: APIGatewayProxyEventV2, sender: Sender, session: Session): void {
  checkOwnPage(sender);
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(digest(event.headers['x-xsrf-token'] ?? ''), digest(session.csrf))) {
    throw new ProblemError(problem('CSRF_TOKEN_INVALID', 'Send the csrfToken of your log-in as X-XSRF-TOKEN.'));
  }
}

function checkOwnPage(sender: Sender): void {
  if (sender === 'own page') return;
  throw new ProblemError(
    problem('CROSS_SITE_REQUEST', 'With a cookie, send the Origin of the site; a program sends its token in a header.'),
  );
}
