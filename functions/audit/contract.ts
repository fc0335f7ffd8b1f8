import * as z from 'zod/mini';

import { cursorEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
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

/** A way in which an event's stock, limits, tickets and history do not agree, with whose and what. */
export const stockDifference = z.object({
  /** Stable upper-case name, as `npm run audit` uses it, too. */
  name: z.enum([
    'BLOCK_NOT_CONSERVED',
    'NOT_A_COUNT',
    'BLOCKS_MISSING',
    'CAPACITY_DIFFERS',
    'BLOCKED_DIFFERS',
    'LINE_NOT_TAKEN',
    'TAKEN_FROM_NO_BLOCK',
    'SEAT_SOLD_TWICE',
    'SEAT_TAKEN_AND_FREE',
    'COUNTER_DIFFERS',
    'HOLD_OUTLIVED',
    'TICKET_MISSING',
    'TICKET_NOT_PAID',
    'HISTORY_MISSING',
    'HISTORY_DIFFERS',
  ]),
  /** Of a block, a counter, an order or a ticket. */
  id: z.string(),
  detail: z.string(),
});
export type StockDifference = z.infer<typeof stockDifference>;

/** What was seen and may still be explained by an order that was not listed yet: looked at again. */
export const stockSuspect = z.object({
  kind: z.enum(['BLOCK', 'LIMIT']),
  id: z.string(),
  /** Tickets that must be out, by what was seen. */
  out: z.int(),
  /** Between when it was seen, milliseconds. */
  from: z.int(),
  to: z.int(),
});
export type StockSuspect = z.infer<typeof stockSuspect>;

/** What the last look at an event's stock has found, as it is kept. */
export const stockAudit = z.object({
  lookedAt: z.int(),
  checked: z.object({ blocks: z.int(), orders: z.int(), tickets: z.int(), limits: z.int() }),
  differences: z.array(stockDifference),
  /** Differences in all, where there are more than are kept. */
  found: z.int(),
  suspects: z.array(stockSuspect),
});
export type StockAudit = z.infer<typeof stockAudit>;

export const auditRoutes = [listAudit] as const;

export const auditEnv = z.extend(sessionEnv, cursorEnv.shape);

/** The job that looks at the stock of events. */
export const auditStockEnv = tableEnv;
