import * as z from 'zod/mini';

import { tableEnv } from '../shared/runtime/env.ts';

/** The queues that integration events are relayed to. */
export const QUEUES = ['tickets', 'mail', 'payments'] as const;
export type QueueName = (typeof QUEUES)[number];

export const relayEnv = z.extend(tableEnv, {
  TICKETS_QUEUE_URL: z.string(),
  MAIL_QUEUE_URL: z.string(),
  PAYMENTS_QUEUE_URL: z.string(),
});
