import { ulid } from 'ulid';
import type * as z from 'zod/mini';

import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Limiter } from '../../shared/runtime/limits.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { sendNotice } from '../contract.ts';
import { putNotice } from '../writes.ts';

/**
 * Writes to the holders of an event's tickets; the mails follow from the change, after the answer.
 *
 * @returns EVENT_NOT_PUBLISHED where nobody can hold any, TOO_MANY_REQUESTS after five within a day for one event
 */
export async function requestNotice(
  { table, limiter }: { readonly table: Table; readonly limiter: Limiter },
  { eventId, status }: { readonly eventId: string; readonly status: string },
  { template, variables }: Omit<z.infer<(typeof sendNotice)['body']>, 'eventId'>,
  occasion: Occasion,
): Promise<Result<{ readonly noticeId: string }, Problem>> {
  if (status !== 'PUBLISHED')
    return err(problem('EVENT_NOT_PUBLISHED', 'Only holders of a published event are written to.'));
  const counted = await limiter.count('noticesPerEvent', eventId, occasion.now);
  if (!counted.ok) return counted;
  const noticeId = ulid(occasion.now);
  await commit(table, [putNotice({ noticeId, eventId, template, variables }, occasion, () => 'MADE' as const)]);
  return ok({ noticeId });
}
