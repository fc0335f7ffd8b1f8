import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';

import type { Occasion } from '../table/aggregate.ts';
import { logFault, logInfo } from './log.ts';

const scheduled = z.object({ time: z.iso.datetime({ offset: true }) });

/** What a job reports: counts by name. */
export type JobReport = Readonly<Record<string, number>>;

/**
 * The bundle for scheduled jobs. `now` is the time that the schedule names, so a job that is fired twice
 * or late still sees its own minute.
 *
 * @param run is handed the event too, for a job that operators start with something to do
 */
export function scheduledFunction(
  job: string,
  run: (occasion: Occasion, event: unknown) => Promise<JobReport>,
): (event: unknown, context: Context) => Promise<JobReport> {
  return middy<unknown, JobReport>().handler(async (event) => {
    const { time } = z.parse(scheduled, event);
    try {
      const report = await run(
        { now: Date.parse(time), correlationId: `${job}/${time}`, by: `schedule:${job}` },
        event,
      );
      logInfo('JOB_DONE', { job, time, ...report });
      return report;
    } catch (error) {
      logFault('JOB_FAULT', error, { job, time });
      throw error;
    }
  });
}
