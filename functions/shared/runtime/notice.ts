import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';

import { logFault, logInfo } from './log.ts';

/**
 * The bundle for functions that EventBridge hands what a rule makes of an event. They are invoked asynchronously and at
 * least once; what throws is tried again twice by Lambda, and then kept at the function's destination for failures.
 *
 * @param schema of what the rule makes
 * @param run answers in one word what it did
 */
export function noticeFunction<Schema extends z.ZodMiniType>(
  job: string,
  schema: Schema,
  run: (notice: z.infer<Schema>) => Promise<string>,
): (event: unknown, context: Context) => Promise<void> {
  return middy<unknown, void>().handler(async (event) => {
    try {
      logInfo('NOTICE_TAKEN', { job, outcome: await run(z.parse(schema, event)) });
    } catch (error) {
      logFault('JOB_FAULT', error, { job });
      throw error;
    }
  });
}
