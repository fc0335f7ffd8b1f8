import * as z from 'zod/mini';

import { noticeTemplate } from '../contract.ts';

const noticeRow = z.object({
  noticeId: z.string(),
  eventId: z.string(),
  template: z.union([noticeTemplate, z.literal('reminder')]),
  /** The organizer's own words. */
  variables: z.optional(z.object({ subject: z.optional(z.string()), message: z.string() })),
});

/** A notice to the holders of an event: what an organizer writes, or a reminder. */
export type Notice = z.infer<typeof noticeRow>;

/** Reads an item as a notice. */
export function parseNotice(item: unknown): Notice {
  return z.parse(noticeRow, item);
}
