import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sendNoticeMail } from '../../functions/notifications/app/send-notice-mail.ts';
import { spreadPage, type SpreadDeps } from '../../functions/notifications/app/spread-notice.ts';
import { noticeDue, noticePage, type NoticePage } from '../../functions/notifications/notices.ts';
import { retryMails } from '../../functions/notifications/operations.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { listForEvents } from '../../functions/orders/writes.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { parseEnvelope, type Envelope } from '../../functions/shared/runtime/events.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { putEvent } from '../../functions/catalog/writes.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { PAID_AT, PostOffice } from './post-office.ts';

const OCCASION = { now: PAID_AT, correlationId: 'test', by: 'system' } as const;

const sqs = mockClient(SQSClient);
let office: PostOffice;
let queued: { message: Envelope; delay: number }[] = [];

beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office.db.drop());
beforeEach(() => {
  office.reset();
  queued = [];
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake((input: { Entries: { MessageBody: string; DelaySeconds?: number }[] }) => {
    for (const { MessageBody, DelaySeconds = 0 } of input.Entries)
      queued.push({ message: parseEnvelope(MessageBody), delay: DelaySeconds });
    return {};
  });
});

const spread = (perSecond = 10): SpreadDeps => ({
  table: office.db.table,
  sqs: new SQSClient({ region: 'eu-central-1' }),
  mailQueueUrl: 'https://sqs.example/mail',
  perSecond,
  clock: () => office.now,
});

function page(news: NoticePage['news'] = 'moved'): Envelope<string, NoticePage> {
  const { eventId } = office.type;
  return {
    id: 'event/x/3',
    name: noticePage.name,
    occurredAt: new Date(office.now).toISOString(),
    correlationId: 'test',
    aggregate: { type: 'event', id: eventId },
    version: 3,
    data: { eventId, news, cause: `moved#${ulid()}`, at: office.now, skip: 0, round: 1 },
  };
}

async function orders(count: number): Promise<readonly string[]> {
  const made: string[] = [];
  for (let each = 0; each < count; each += 1) made.push((await office.issued(1)).data.orderId);
  const rows = await Promise.all(made.map((orderId) => findOrder(office.db.table, orderId)));
  await putItems(office.db.table, listForEvents(rows.flatMap((row) => row ?? [])));
  return made;
}

const orderOf = ({ message: { data } }: { message: Envelope }): unknown =>
  typeof data === 'object' && data !== null && 'orderId' in data ? data.orderId : undefined;

/** What the list of retries brings back by then. */
async function later(minutes: number): Promise<readonly Envelope<string, NoticePage>[]> {
  office.now += minutes * MINUTE;
  queued = [];
  await retryMails({ ...spread() }, office.now);
  const pages = queued.map(({ message }) => ({ ...message, data: noticePage.data.parse(message.data) }));
  queued = [];
  return pages;
}

describe('a notice to the holders of an event', () => {
  it('becomes a mail for each order at the rate of the stage, five minutes of them at a time, and resumes', async () => {
    const made = await orders(7);
    const notice = page();
    await spreadPage(spread(0.02), notice); // six in five minutes
    expect(queued.map(({ delay }) => delay)).toEqual([0, 50, 100, 150, 200, 250]);
    const first = queued.map(orderOf);
    const [next, ...others] = await later(5);
    expect(others).toEqual([]);
    expect(next?.data).toMatchObject({ skip: 6, round: 1, cause: notice.data.cause });
    if (next === undefined) throw new Error('The rest does not come');
    await spreadPage(spread(), next);
    expect(new Set([...first, ...queued.map(orderOf)])).toEqual(new Set(made));
    expect(queued).toHaveLength(1);
    // Orders are listed by the hour: an hour later those that were not yet are told, in a round of their own.
    expect(await later(60)).toEqual([]);
    expect((await later(15)).map(({ data }) => [data.skip, data.round])).toEqual([[0, 2]]);
  });

  it('reaches a person once, by however many orders and however often it is delivered', async () => {
    const event = publishedEventOf(office.type, 'organizer', PAID_AT);
    await commit(office.db.table, [putEvent({ ...event, status: 'PUBLISHED' }, OCCASION, () => 'THERE' as const)]);
    const customerId = ulid();
    const [one, other] = [
      await office.issued(1, office.type, customerId),
      await office.issued(2, office.type, customerId),
    ];
    const { cause, eventId } = page().data;
    const due = (orderId: string): Parameters<typeof sendNoticeMail>[1] => ({
      ...page(),
      name: noticeDue.name,
      data: { eventId, news: 'moved', cause, orderId },
    });
    const deps = office.deps();
    // An order that nobody has, and one of another event, are nobody's business.
    await sendNoticeMail(deps, due(ulid()));
    await sendNoticeMail(deps, {
      ...due(other.data.orderId),
      data: { ...due(other.data.orderId).data, eventId: ulid() },
    });
    expect(await office.mails()).toEqual([]);
    for (const orderId of [one, one, other, other].map(({ data }) => data.orderId))
      await sendNoticeMail(deps, due(orderId));
    expect((await office.onlyMail()).subject).toContain('New time');
  });
});
