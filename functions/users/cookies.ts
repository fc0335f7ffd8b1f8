import { SESSION_COOKIE } from '../shared/runtime/authenticate.ts';
import { ACCESS_TOKEN_SECONDS } from '../shared/runtime/session.ts';

/** The `__Host-` prefix demands exactly Secure, Path=/ and no Domain (RFC 6265bis section 4.1.3.2). */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** The cookie by which a browser is signed in for as long as its access token lives. */
export function sessionCookie(accessToken: string): string {
  return `${SESSION_COOKIE}=${accessToken}; Max-Age=${ACCESS_TOKEN_SECONDS}; ${ATTRIBUTES}`;
}

/** Takes the cookie away from the browser. */
export function endedCookie(): string {
  return `${SESSION_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;
}
