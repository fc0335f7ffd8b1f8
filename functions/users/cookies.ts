import { DAY, SECOND, type Instant } from '../shared/kernel/clock.ts';
import { SESSION_COOKIE } from '../shared/runtime/authenticate.ts';
import type { MintedSession } from './app/mint-session.ts';

/** The cookie that carries a browser's refresh token; only `refresh` looks at it. */
export const REFRESH_COOKIE = '__Host-onsale-refresh';
/** The cookie by which a browser is known that has logged in before (invariant I24). */
export const DEVICE_COOKIE = '__Host-onsale-device';

/** What a device's cookie looks like: 128 bits in base64url. */
const DEVICE_TOKEN = /^[\w-]{22}$/;
/** As long as browsers keep any cookie (RFC 6265bis section 5.5). */
const DEVICE_KEPT_MS = 400 * DAY;

/** The `__Host-` prefix demands exactly Secure, Path=/ and no Domain (RFC 6265bis section 4.1.3.2). */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly';
/** Mails and 3-D Secure lead back to us from other sites, and find people signed in. */
const LAX = `${ATTRIBUTES}; SameSite=Lax`;
/** Only our own pages refresh. */
const STRICT = `${ATTRIBUTES}; SameSite=Strict`;

/**
 * The cookies of a session: by one a browser is signed in for as long as its access token lives, by the other it gets
 * the next. Unless the person is to be remembered, that one goes when the browser is closed.
 */
export function sessionCookies(
  { accessToken, expiresIn, refreshToken, rememberMe, expiresAt }: MintedSession,
  now: Instant,
): readonly string[] {
  const kept = rememberMe ? `; Max-Age=${Math.floor((expiresAt - now) / SECOND)}` : '';
  return [
    `${SESSION_COOKIE}=${accessToken}; Max-Age=${expiresIn}; ${LAX}`,
    `${REFRESH_COOKIE}=${refreshToken}${kept}; ${STRICT}`,
  ];
}

/** The cookie that a device is known by. */
export function deviceCookie(token: string): string {
  return `${DEVICE_COOKIE}=${token}; Max-Age=${DEVICE_KEPT_MS / SECOND}; ${STRICT}`;
}

/** The token of a device's cookie, unless it is none of ours. */
export function readDeviceCookie(value: string | undefined): string | undefined {
  return value !== undefined && DEVICE_TOKEN.test(value) ? value : undefined;
}

/** Takes the cookies of a session away from the browser. The device stays known: that signs nobody in. */
export function endedCookies(): readonly string[] {
  return [`${SESSION_COOKIE}=; Max-Age=0; ${LAX}`, `${REFRESH_COOKIE}=; Max-Age=0; ${STRICT}`];
}
