import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';

import { systemClock } from '../kernel/clock.ts';
import type { Occasion } from '../table/aggregate.ts';
import { logFault, logInfo, logMetrics } from './log.ts';

const notice = z.object({ detail: z.object({ object: z.object({ key: z.string() }) }) });

/**
 * The bundle for functions that are told of new objects by EventBridge, in S3's words. They are invoked asynchronously
 * and at least once; what throws is tried again twice by Lambda, and then kept at the function's destination for
 * failures.
 *
 * @param run is handed the object's key and answers in one word what it did
 */
export function objectFunction(
  job: string,
  run: (key: string, occasion: Occasion) => Promise<string>,
): (event: unknown, context: Context) => Promise<void> {
  return middy<unknown, void>().handler(async (event, { awsRequestId }) => {
    const { key } = z.parse(notice, event).detail.object;
    try {
      const outcome = await run(key, { now: systemClock(), correlationId: awsRequestId, by: 'system' });
      logInfo('OBJECT_TAKEN', { job, key, outcome });
      countFault(0, job);
    } catch (error) {
      logFault('JOB_FAULT', error, { job, key });
      countFault(1, job);
      throw error;
    }
  });
}

/** A graph of the dashboard, not an alarm: who has sent the object is told by what waits for it. */
function countFault(value: 0 | 1, job: string): void {
  logMetrics({ objectFaults: { value, unit: 'Count' } }, { job }, systemClock());
}
