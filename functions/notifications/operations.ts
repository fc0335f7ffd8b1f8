import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { publishedInMonth } from '../catalog/reads.ts';
import { DAY, HOUR, toTimestamp, type Instant } from '../shared/kernel/clock.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit } from '../shared/table/commit.ts';
import { RETRY_EVERY_MS } from './domain/notification.ts';
import { dueRetries, type Retry } from './reads.ts';
import { putNotice, strikeRetry } from './writes.ts';

// What `notifications` offers to the jobs of other contexts.

/** SQS takes at most this many messages at once. */
const MESSAGES = 10;
/** Retries of one run; the next one goes on, five minutes later. */
const MOST_RETRIES = 1_000;

/** Where mails that were refused are put back. */
export interface RetryDeps {
  readonly table: Table;
  readonly sqs: SQSClient;
  readonly mailQueueUrl: string;
}

/** Whether mails are tried again in the minute of `now`: each five minutes (seed 002 requirement 12). */
export function isRetryMinute(now: Instant): boolean {
  return now % RETRY_EVERY_MS < 60_000;
}

/**
 * Puts the events whose mails were refused back on the mail queue, once it is time. An entry is struck off after its
 * message was taken: a run that dies between sends it twice, and the claim on the notification keeps that from being two mails.
 *
 * @throws when SQS takes a message not; it and those after it stay on the list
 */
export async function retryMails(
  { table, sqs, mailQueueUrl }: RetryDeps,
  now: Instant,
): Promise<{ readonly retried: number }> {
  let retried = 0;
  let batch: Retry[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const Entries = batch.map(({ message }, index) => ({ Id: String(index), MessageBody: message }));
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: mailQueueUrl, Entries }));
    const failed = new Set((answer.Failed ?? []).map(({ Id }) => Id));
    const taken = batch.filter((_retry, index) => !failed.has(String(index)));
    await Promise.all(taken.map(({ key }) => commit(table, [strikeRetry(key)])));
    retried += taken.length;
    batch = [];
    if (failed.size > 0) throw new Error(`${failed.size} mails could not be put back on their queue`);
  };
  for await (const retry of dueRetries(table, now)) {
    batch.push(retry);
    if (batch.length === MESSAGES) await flush();
    if (retried >= MOST_RETRIES) break;
  }
  await flush();
  return { retried };
}

/** Events of one hour that are reminded of. */
const MOST_REMINDED = 1_000;

/** Whether holders are reminded in the minute of `now`: each hour. */
export function isReminderMinute(now: Instant): boolean {
  return now % HOUR < 60_000;
}

/**
 * Makes a reminder for each published event that starts in a day: of the hour that has come up and the one before it, should
 * a run have been missed. A time of an event is reminded of once.
 */
export async function remindHolders(table: Table, occasion: Occasion): Promise<{ readonly reminders: number }> {
  let reminders = 0;
  for (const ahead of [DAY, DAY - HOUR]) {
    const hour = toTimestamp(occasion.now + ahead).slice(0, '2026-12-05T19'.length);
    for (const { eventId, startsAt } of await publishedInMonth(table, hour, MOST_REMINDED)) {
      const noticeId = derivedId('reminder', eventId, String(startsAt));
      const made = await commit(table, [
        putNotice({ noticeId, eventId, template: 'reminder' }, occasion, () => 'MADE' as const),
      ]);
      if (made.ok) reminders += 1;
    }
  }
  return { reminders };
}
