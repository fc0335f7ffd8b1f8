import { SECOND } from '../shared/kernel/clock.ts';
import { GUEST_COOKIE, GUEST_MS } from '../shared/runtime/guest.ts';

/** The `__Host-` prefix demands exactly Secure, Path=/ and no Domain; only our own pages fill carts. */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The cookie of an anonymous session. */
export function guestCookie(token: string): string {
  return `${GUEST_COOKIE}=${token}; Max-Age=${GUEST_MS / SECOND}; ${ATTRIBUTES}`;
}

/** Takes it away from the browser, once a log-in has taken the session over. */
export function endedGuestCookie(): string {
  return `${GUEST_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;
}
