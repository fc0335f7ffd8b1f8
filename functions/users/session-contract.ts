import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { route } from '../shared/runtime/route.ts';
import { sessionTokens } from './contract.ts';

const sessionId = z.string().check(z.regex(ULID_PATTERN));

/** A session as its person sees it. */
export const sessionView = z.object({
  id: sessionId,
  /** Whether it is the one that asks. */
  current: z.boolean(),
  /** What the program called itself at its log-in. */
  deviceName: z.nullable(z.string()),
  rememberMe: z.boolean(),
  createdAt: z.iso.datetime(),
  /** When it was begun or last refreshed. */
  lastSeenAt: z.iso.datetime(),
  /** When it ends unless it is refreshed before. */
  expiresAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof sessionView>;

export const refresh = route({
  id: 'refresh',
  method: 'POST',
  path: '/api/auth/refresh',
  summary: 'Go on with a session: its refresh cookie, which is good once, gets new tokens',
  // The cookie proves the session when the access token has ended, so nobody needs to be signed in.
  access: { who: 'anyone' },
  body: z.strictObject({}),
  responses: { 200: sessionTokens },
  problems: ['NOT_SIGNED_IN'],
});

export const logoutAll = route({
  id: 'logoutAll',
  method: 'POST',
  path: '/api/auth/logout-all',
  summary: "End all of the caller's sessions at once, this one too",
  access: { who: ['customer'] },
  body: z.strictObject({}),
  responses: { 204: null },
  problems: [],
});

export const listSessions = route({
  id: 'listSessions',
  method: 'GET',
  path: '/api/auth/sessions',
  summary: "The caller's live sessions, the latest first",
  access: { who: ['customer'] },
  responses: { 200: z.object({ items: z.array(sessionView), nextCursor: z.null() }) },
  problems: [],
});

export const endSession = route({
  id: 'endSession',
  method: 'DELETE',
  path: '/api/auth/sessions/{sessionId}',
  summary: "End one of the caller's sessions",
  access: { who: ['customer'], owns: 'session', checkedBy: 'use case' },
  params: z.object({ sessionId }),
  responses: { 204: null },
  problems: [],
});

export const sessionRoutes = [refresh, logoutAll, listSessions, endSession] as const;
