import { SQSClient } from '@aws-sdk/client-sqs';

import { cancellationRuns } from '../../catalog/cancellation-runs.ts';
import { tendEvents } from '../../catalog/operations.ts';
import { isReminderMinute, isRetryMinute, remindHolders, retryMails } from '../../notifications/operations.ts';
import { tendPrices } from '../../pricing/operations.ts';
import { MINUTE, SECOND, systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { expireHolds } from '../app/expire-holds.ts';
import { expireHoldsEnv } from '../contract.ts';

const env = readEnv(expireHoldsEnv);
const table = openTable(env.TABLE_NAME);
const mails = { table, sqs: new SQSClient({}), mailQueueUrl: env.MAIL_QUEUE_URL };
const runs = cancellationRuns(env.CANCEL_EVENT_STATE_MACHINE_ARN);

/** How often the sweep looks after events, too: minutes. */
const EVENTS_EVERY = 15;

/** How long a sweep goes on, so that the function ends in time: a burst of 100,000 holds takes less. */
const SWEEP_MS = 35 * SECOND;

/**
 * Sweeps lapsed holds, then looks after prices that follow rules, every five minutes after mails that were refused,
 * every quarter of an hour after events and every hour after reminders: a job of its own would cost an alarm (ADR 33).
 */
export const handler = scheduledFunction('expire-holds', async (occasion) => {
  const until = systemClock() + SWEEP_MS;
  const holds = await expireHolds(table, occasion, () => systemClock() < until);
  const prices = await tendPrices(table, occasion);
  const retries = isRetryMinute(occasion.now) ? await retryMails(mails, occasion.now) : {};
  const reminders = isReminderMinute(occasion.now) ? await remindHolders(table, occasion) : {};
  const swept = { ...holds, ...prices, ...retries, ...reminders };
  const tends = Math.floor(occasion.now / MINUTE) % EVENTS_EVERY === 0;
  return tends ? { ...swept, ...(await tendEvents(table, runs, occasion)) } : swept;
});
