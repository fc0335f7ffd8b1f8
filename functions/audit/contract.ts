import * as z from 'zod/mini';

import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { route } from '../shared/runtime/route.ts';

/** Steps in one page unless the request says otherwise, and at most. */
export const DEFAULT_LIMIT = 50;
const MOST = 100;

const instant = z.iso.datetime({ offset: true });

/** One change of one thing. Values are not told: names of members say what was touched (invariant I19). */
const auditStep = z.object({
  /** Kind and id of what was changed, for example `order/01J…`. */
  aggregate: z.string(),
  /** 1 for what was made, one more with each change. */
  version: z.int(),
  event: z.string(),
  at: z.iso.datetime(),
  /** Id of a person or an API key, `anonymous`, `stripe`, `schedule:…`, `workflow:…`, `operator:…` or `system`. */
  actor: z.string(),
  /** The request, message or schedule that caused it. */
  correlationId: z.string(),
  /** Names of members that were set. */
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  /** Over the hash before it and the whole row: `npm run audit:verify` computes it anew. */
  hash: z.string(),
});
export type AuditStep = z.infer<typeof auditStep>;

export const listAudit = route({
  id: 'listAudit',
  method: 'GET',
  path: '/api/audit',
  summary: 'Who changed what and when: the steps of one thing, or of all within a time, newest first',
  access: { who: ['admin'] },
  query: z.strictObject({
    aggregate: z.optional(z.string().check(z.regex(/^[a-z]{2,20}\/[\w-]{1,80}$/, 'Write it as order/<id>'))),
    actor: z.optional(z.string().check(z.regex(/^[\w:-]{1,80}$/, 'Give the id of a person or of an API key'))),
    /** Earliest time, included. Without it and without `aggregate`, a week before `to`. */
    from: z.optional(instant),
    /** Latest time, not included; now, unless given. */
    to: z.optional(instant),
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MOST))),
    cursor: z.optional(z.string().check(z.maxLength(400))),
  }),
  responses: { 200: z.object({ items: z.array(auditStep), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});

export const auditRoutes = [listAudit] as const;

export const auditEnv = z.extend(sessionEnv, cursorEnv.shape);
