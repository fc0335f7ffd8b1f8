import * as z from 'zod/mini';

import { defineEvent } from '../shared/runtime/events.ts';

// Messages that the mail function sends to its own queue; they are no integration events, and nobody else sees them.

/** What holders are told of, and which mail of it each gets once. */
const notice = {
  eventId: z.string(),
  news: z.enum(['moved', 'changed', 'notice']),
  /** Of the notifications: the same notice is mailed to a person once, by however many orders they hold tickets. */
  cause: z.string(),
  /** Where an organizer's words, or a reminder, are kept. */
  noticeId: z.optional(z.string()),
  wasAt: z.optional(z.int()),
};

/** Goes through the orders of an event and puts a mail for each on the queue. */
export const noticePage = defineEvent(
  'notifications.NoticePage.v1',
  'a notice goes to the next orders of its event',
  z.object({
    ...notice,
    /** When that happened: orders made until then are told. */
    at: z.int(),
    /** Orders that have been told already. */
    skip: z.int(),
    /** How often all of them were gone through, since their list is written by the hour. */
    round: z.int(),
  }),
);
export type NoticePage = z.infer<(typeof noticePage)['data']>;

/** Tells the buyer of one order. */
export const noticeDue = defineEvent(
  'notifications.NoticeDue.v1',
  'a notice is due to the buyer of an order',
  z.object({ ...notice, orderId: z.string() }),
);
