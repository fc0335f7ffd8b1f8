import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod/mini';

import { findListedUntil } from '../../audit/reads.ts';
import type { eventRescheduled, eventUpdated } from '../../catalog/events.ts';
import { orderIdsOfEvent } from '../../orders/reads.ts';
import { MINUTE, type Clock } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { noticeRequested } from '../contract.ts';
import { noticeDue, noticePage, type NoticePage } from '../notices.ts';
import { putLater } from '../writes.ts';

/** What sending one notice to many needs. */
export interface SpreadDeps {
  readonly table: Table;
  readonly sqs: SQSClient;
  readonly mailQueueUrl: string;
  /** Mails of one notice a second. */
  readonly perSecond: number;
  readonly clock: Clock;
}

/** SQS takes at most this many messages at once. */
const MESSAGES = 10;
/** What is put on the queue at a time is spread over so many seconds; the list of retries brings the rest. */
const SPREAD_SECONDS = 300;
/** Orders are listed with their events by the hour, and may be late from the stream. */
const LISTED_WITHIN_MS = 75 * MINUTE;
const MOST_ROUNDS = 8;

type OfEvent = Envelope<string, { readonly eventId: string }>;

/** Begins to tell the holders of an event that it has changed. */
export const spreadChange = (deps: SpreadDeps, event: Envelope<string, z.infer<(typeof eventUpdated)['data']>>) =>
  begin(deps, event, { news: 'changed' });

/** Begins to tell them that it has another time. */
export const spreadMove = (deps: SpreadDeps, event: Envelope<string, z.infer<(typeof eventRescheduled)['data']>>) =>
  begin(deps, event, {
    news: 'moved',
    ...(event.data.rescheduledFrom === undefined ? {} : { wasAt: event.data.rescheduledFrom }),
  });

/** Begins to tell them what an organizer writes, or that it is tomorrow. */
export const spreadNotice = (deps: SpreadDeps, event: Envelope<string, z.infer<(typeof noticeRequested)['data']>>) =>
  begin(deps, event, { news: 'notice', noticeId: event.data.noticeId });

function begin(deps: SpreadDeps, event: OfEvent, what: Pick<NoticePage, 'news' | 'noticeId' | 'wasAt'>): Promise<void> {
  const cause = `${event.name}#${event.aggregate.id}#${event.version}`;
  const { eventId } = event.data;
  const data = { eventId, cause, ...what, at: Date.parse(event.occurredAt), skip: 0, round: 1 };
  return spreadPage(deps, { ...event, name: noticePage.name, data });
}

/**
 * Puts a mail for each order of an event on the mail queue, at the rate that the stage allows: five minutes' worth at a
 * time, and the rest by the list of retries. When all orders are through, those that were not listed yet come an hour
 * later, in a round of their own. Whatever of it is done twice asks for the same mails, which their claims send once.
 *
 * @throws when SQS takes a message not: the page comes again
 */
export async function spreadPage(deps: SpreadDeps, event: Envelope<string, NoticePage>): Promise<void> {
  const { skip, round, at, ...notice } = event.data;
  const most = deps.perSecond * SPREAD_SECONDS;
  const seen = new Set<string>();
  let sent = 0;
  let batch: { readonly orderId: string; readonly delay: number }[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await put(deps, event, notice, batch);
    batch = [];
  };
  for await (const orderIds of orderIdsOfEvent(deps.table, notice.eventId)) {
    for (const orderId of orderIds) {
      if (seen.has(orderId)) continue;
      seen.add(orderId);
      if (seen.size <= skip) continue;
      if (sent === most) {
        await flush();
        return later(deps, event, { skip: seen.size - 1, round }, 0);
      }
      batch.push({ orderId, delay: Math.floor(sent / deps.perSecond) });
      sent += 1;
      if (batch.length === MESSAGES) await flush();
    }
  }
  await flush();
  logInfo('NOTICE_SPREAD', { eventId: notice.eventId, cause: notice.cause, orders: seen.size, round });
  const listed = (await findListedUntil(deps.table)) ?? 0;
  if (listed < at && round < MOST_ROUNDS)
    return later(deps, event, { skip: 0, round: round + 1 }, Math.max(0, at + LISTED_WITHIN_MS - deps.clock()));
}

async function put(
  { sqs, mailQueueUrl }: SpreadDeps,
  event: Envelope,
  notice: Omit<NoticePage, 'skip' | 'round' | 'at'>,
  batch: readonly { readonly orderId: string; readonly delay: number }[],
): Promise<void> {
  const Entries = batch.map(({ orderId, delay }, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify({
      ...event,
      id: `${event.id}/${orderId}`,
      name: noticeDue.name,
      data: { ...notice, orderId },
    }),
    DelaySeconds: delay,
  }));
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: mailQueueUrl, Entries }));
  if (Failed.length > 0) throw new Error(`${Failed.length} mails of a notice could not be put on their queue`);
}

/** Goes on at the next look at the list of retries after `waitMs`. */
async function later(
  { table, clock }: SpreadDeps,
  event: Envelope<string, NoticePage>,
  next: Pick<NoticePage, 'skip' | 'round'>,
  waitMs: number,
): Promise<void> {
  const id = derivedId('notice-page', event.data.cause, `${next.round}`, `${next.skip}`);
  await commit(table, [putLater(id, clock() + waitMs, JSON.stringify({ ...event, data: { ...event.data, ...next } }))]);
}
