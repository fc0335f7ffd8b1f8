import { problem } from '../shared/kernel/problems.ts';
import { err, ok } from '../shared/kernel/result.ts';
import { SESSION_COOKIE } from '../shared/runtime/authenticate.ts';
import { endedGuestCookie } from '../reservations/take-over.ts';
import { sentGuest } from '../shared/runtime/guest.ts';
import { serve, serveTo, type Served } from '../shared/runtime/http.ts';
import type { Limiter } from '../shared/runtime/limits.ts';
import type { Table } from '../shared/table/client.ts';
import { logIn, type LogInSecrets } from './app/log-in.ts';
import { logOut } from './app/log-out.ts';
import { refreshTokens } from './app/refresh-session.ts';
import { signOutEverywhere } from './app/sessions-of.ts';
import { takeGuestOver } from './app/take-guest-over.ts';
import { showAccount } from './app/show-account.ts';
import { showSessions } from './app/show-sessions.ts';
import { login, logout } from './contract.ts';
import {
  DEVICE_COOKIE,
  deviceCookie,
  endedCookies,
  readDeviceCookie,
  REFRESH_COOKIE,
  sessionCookies,
} from './cookies.ts';
import type { PersonalData } from './personal-data.ts';
import * as api from './session-contract.ts';

/** What sessions are begun and ended with. */
export interface SessionDeps {
  readonly table: Table;
  readonly personalData: PersonalData;
  readonly secrets: LogInSecrets;
  readonly limiter: Limiter;
}

/** Routes by which sessions begin, go on and end. */
export function serveSessions({ table, personalData, secrets, limiter }: SessionDeps): readonly Served[] {
  return [
    serve(login, async ({ body, headers, cookie, client, now, occasion }) => {
      const counted = await limiter.count('logInsPerAddress', client.limitKey, now);
      if (!counted.ok) return counted;
      const device = { deviceToken: readDeviceCookie(cookie(DEVICE_COOKIE)), network: client.network };
      const earlier = { accessToken: cookie(SESSION_COOKIE), refreshToken: cookie(REFRESH_COOKIE) };
      const begun = await logIn(table, secrets, { ...body, ...device, earlier, occasion });
      if (!begun.ok) return begun;
      const { account, session, limitKey, deviceToken } = begun.value;
      const { accessToken, csrfToken, expiresIn } = session;
      const user = await showAccount(table, personalData, account);
      const sent = sentGuest(headers, cookie);
      const { userId } = session;
      const guest =
        sent === undefined
          ? undefined
          : await takeGuestOver(table, sent.guestId, { userId, limitKey }, { ...occasion, by: userId });
      const cookies = [...sessionCookies(session, now), deviceCookie(deviceToken)];
      // One that was not taken over is kept for another try.
      if (guest?.status === 'TAKEN_OVER' || guest?.status === 'NOTHING') cookies.push(endedGuestCookie());
      const answer = { user, accessToken, expiresIn, csrfToken, ...(guest === undefined ? {} : { guest }) };
      return ok({ status: 200, body: answer, cookies });
    }),
    serve(api.refresh, async ({ cookie, client, now, occasion }) => {
      const counted = await limiter.count('refreshesPerAddress', client.limitKey, now);
      if (!counted.ok) return counted;
      const refreshed = await refreshTokens(table, secrets.sessionKeys, cookie(REFRESH_COOKIE), occasion);
      if (!refreshed.ok) return refreshed;
      const { accessToken, expiresIn, csrfToken } = refreshed.value;
      const cookies = sessionCookies(refreshed.value, now);
      return ok({ status: 200, body: { accessToken, expiresIn, csrfToken }, cookies });
    }),
    serveTo(logout, async ({ session, now }) => {
      await logOut(table, session, now);
      return ok({ status: 204, cookies: endedCookies() });
    }),
    serveTo(api.logoutAll, async ({ session: { userId }, occasion }) => {
      await signOutEverywhere(table, userId, occasion);
      return ok({ status: 204, cookies: endedCookies() });
    }),
    serveTo(api.listSessions, async ({ session, now }) =>
      ok({ status: 200, body: { items: await showSessions(table, session, now), nextCursor: null } }),
    ),
    serveTo(api.endSession, async ({ session: { userId }, params: { sessionId }, now }) => {
      const ended = await logOut(table, { userId, sessionId }, now);
      return ended ? ok({ status: 204 }) : err(problem('SESSION_NOT_FOUND', 'It has ended already, or is not yours.'));
    }),
  ];
}
