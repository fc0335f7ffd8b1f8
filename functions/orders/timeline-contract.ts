import * as z from 'zod/mini';

import { notificationView } from '../notifications/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { route } from '../shared/runtime/route.ts';
import { orderParams, orderState, READERS, refundState } from './contract.ts';

const id = z.string().check(z.regex(ULID_PATTERN));
const at = z.iso.datetime();

/** Money that a step of an order moved, or told of. */
export const movement = z.object({
  /** PAYMENT: taken from the buyer; REFUND: goes back of a paid order; RETURN: went back of one that came to nothing. */
  kind: z.enum(['PAYMENT', 'REFUND', 'RETURN']),
  /** Minor units. */
  amount: z.int(),
  currency: z.string(),
  /** Of a refund: which one, and how far it is by that step. */
  refundId: z.optional(id),
  status: z.optional(refundState),
});
export type Movement = z.infer<typeof movement>;

/** A change of the order, in order of its versions. */
const stepItem = z.object({
  kind: z.literal('STEP'),
  at,
  version: z.int(),
  event: z.string(),
  /** What the order was after it. */
  status: orderState,
  /** Why a card was refused, or a payment came to nothing. */
  reason: z.optional(z.string()),
  movements: z.array(movement),
});

/** A mail to the buyer about the order, its tickets or its events; at the moment at which it was first tried. */
const mailItem = z.object({ kind: z.literal('MAIL'), at, mail: notificationView });

/** A ticket let somebody in. */
const scanItem = z.object({
  kind: z.literal('SCAN'),
  at,
  scan: z.object({ id, ticketId: id, eventId: id, result: z.enum(['ADMIT', 'REFUSE']), gate: z.nullable(z.string()) }),
});

export const timelineItem = z.discriminatedUnion('kind', [stepItem, mailItem, scanItem]);
export type TimelineItem = z.infer<typeof timelineItem>;

export const getOrderTimeline = route({
  id: 'getOrderTimeline',
  method: 'GET',
  path: '/api/orders/{orderId}/timeline',
  summary: 'What became of an order, oldest first: its steps with the money that they moved, mails, admissions',
  access: READERS,
  params: orderParams,
  query: z.strictObject({
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(500))),
  }),
  responses: { 200: z.object({ items: z.array(timelineItem), nextCursor: z.nullable(z.string()) }) },
  problems: [],
});
