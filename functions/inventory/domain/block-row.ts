import * as z from 'zod/mini';

/** A count, or seats; a set that lost its last seat is not there any more. */
const content = z.optional(z.union([z.int(), z.set(z.string())]));

/** A block as its row holds it, whether of counts or of seats. */
export const blockRow = z.object({ pk: z.string(), free: content, blocked: content });

/** How much of a block is free, or blocked. */
export function countOf(part: z.infer<typeof content>): number {
  return typeof part === 'number' ? part : (part?.size ?? 0);
}
