import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { putEvent } from '../../functions/catalog/writes.ts';
import { sendNoticeMail } from '../../functions/notifications/app/send-notice-mail.ts';
import { sendPaymentMail } from '../../functions/notifications/app/send-payment-mail.ts';
import { sendTicketMail } from '../../functions/notifications/app/send-ticket-mail.ts';
import { noticeDue } from '../../functions/notifications/notices.ts';
import { findNotifications, viewNotification } from '../../functions/notifications/reads.ts';
import { putNotice } from '../../functions/notifications/writes.ts';
import { paymentFailed } from '../../functions/orders/contract.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { err, ok } from '../../functions/shared/kernel/result.ts';
import type { TextNotSent, Texter } from '../../functions/shared/runtime/text-messages.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { ADA, PAID_AT, PostOffice } from './post-office.ts';

const OCCASION = { now: PAID_AT, correlationId: 'test', by: 'system' } as const;

let office: PostOffice;
let sent: { readonly to: string; readonly text: string }[];
let refusal: TextNotSent | undefined;

beforeAll(async () => {
  office = await PostOffice.open();
  const event = publishedEventOf(office.type, 'organizer', PAID_AT);
  await commit(office.db.table, [putEvent({ ...event, status: 'PUBLISHED' }, OCCASION, () => 'THERE' as const)]);
});
afterAll(() => office.db.drop());
beforeEach(() => {
  office.reset();
  sent = [];
  refusal = undefined;
});

const texter: Texter = (to, text) => {
  if (refusal !== undefined) return Promise.resolve(err(refusal));
  sent.push({ to, text });
  return Promise.resolve(ok('sns-1'));
};

/** What sending needs for somebody who prefers text messages to a number that they proved a day ago. */
function deps(phone: string, muted: readonly 'reminders'[] = []) {
  const texts = { phone, provenAt: PAID_AT - 24 * 60 * MINUTE };
  return office.deps({ texter, recipientOf: () => Promise.resolve({ ...ADA, texts, mutedNews: muted }) });
}

let numbers = 0;
const phone = (): string => {
  numbers += 1;
  return `+4915112300${String(numbers).padStart(3, '0')}`;
};

type News = 'moved' | 'changed' | 'reminder' | 'information' | 'delay';

/** A notice to the buyer of an order of their own. */
async function due(news: News): Promise<Parameters<typeof sendNoticeMail>[1] & { readonly customerId: string }> {
  const { orderId, customerId } = (await office.issued(1)).data;
  const { eventId } = office.type;
  const noticeId = ulid();
  const isChange = news === 'moved' || news === 'changed';
  if (!isChange) {
    const words = news === 'reminder' ? {} : { variables: { message: 'At nine.' } };
    await commit(office.db.table, [
      putNotice({ noticeId, eventId, template: news, ...words }, OCCASION, () => 'THERE'),
    ]);
  }
  return {
    id: `x/${noticeId}`,
    name: noticeDue.name,
    occurredAt: new Date(office.now).toISOString(),
    correlationId: 'test',
    aggregate: { type: 'event', id: eventId },
    version: 1,
    data: {
      eventId,
      news: isChange ? news : 'notice',
      cause: `notice#${noticeId}`,
      orderId,
      ...(isChange ? {} : { noticeId }),
    },
    customerId,
  };
}

const rowsOf = async (userId: string) =>
  (await findNotifications(office.db.table, { userId })).map(viewNotification).map(({ channel, status, reason }) => ({
    channel,
    status,
    ...(reason === undefined ? {} : { reason }),
  }));

describe('who prefers text messages', () => {
  it('gets tickets by mail, and beside them once a message that they are there, which leads to our site and holds no secret', async () => {
    const event = await office.issued(2);
    const { orderId } = event.data;
    const number = phone();
    await sendTicketMail(deps(number), event);
    await sendTicketMail(deps(number), event);
    expect((await office.mails()).length).toBe(1);
    const url = `https://tickets.example.com/orders/${orderId}`;
    expect(sent).toEqual([
      { to: number, text: `Onsale: your tickets for Harbour Lights are ready, and in your mail. ${url}` },
    ]);
    const history = (await findNotifications(office.db.table, { orderId })).map(viewNotification);
    expect(history.map(({ template, channel, status }) => `${template} ${channel} ${status}`).toSorted()).toEqual([
      'tickets email SENT',
      'tickets sms SENT',
    ]);
    // Neither the number nor what was written lies in the table.
    expect(JSON.stringify(await office.db.items())).not.toContain(number);
  });

  it.each(['changed', 'reminder'] as const)('is told of "%s" by a message instead of a mail', async (news) => {
    const event = await due(news);
    const number = phone();
    await Promise.allSettled([1, 2, 3].map(() => sendNoticeMail(deps(number), event)));
    await sendNoticeMail(deps(number), event);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text).toMatch(/Harbour Lights.*22 Nov, 11:00/);
    expect(await office.mails()).toEqual([]);
    expect(await rowsOf(event.customerId)).toEqual([{ channel: 'sms', status: 'SENT' }]);
  });

  it.each(['moved', 'delay'] as const)('is told of "%s" by both, since only the mail says all of it', async (news) => {
    await sendNoticeMail(deps(phone()), await due(news));
    expect([sent.length, (await office.mails()).length]).toEqual([1, 1]);
  });

  it('gets what organizers write by mail', async () => {
    await sendNoticeMail(deps(phone()), await due('information'));
    expect([sent.length, (await office.mails()).length]).toEqual([0, 1]);
  });

  it('is told by a message that a payment failed', async () => {
    const orderId = ulid();
    const event = {
      id: `order/${orderId}/3`,
      name: paymentFailed.name,
      occurredAt: new Date(office.now).toISOString(),
      correlationId: 'test',
      aggregate: { type: 'order', id: orderId },
      version: 3,
      data: { orderId, customerId: ulid(), number: 'ON-7K3M-Q2XD', total: 4_500, currency: 'EUR' },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of the order as the mail reads
    const failed = event as unknown as Parameters<typeof sendPaymentMail>[1];
    await sendPaymentMail(deps(phone()), failed, 'paymentFailed');
    expect(sent[0]?.text).toContain('order ON-7K3M-Q2XD failed');
    // What goes back is told by mail, which people keep.
    await sendPaymentMail(deps(phone()), { ...failed, version: 4 }, 'paymentReturned');
    expect([sent.length, (await office.mails()).length]).toEqual([1, 1]);
  });

  it('and no reminders gets neither', async () => {
    const event = await due('reminder');
    await sendNoticeMail(deps(phone(), ['reminders']), event);
    expect([sent.length, (await office.mails()).length]).toEqual([0, 0]);
    expect(await rowsOf(event.customerId)).toEqual([{ channel: 'sms', status: 'OBSOLETE', reason: 'UNSUBSCRIBED' }]);
  });
});

describe('a message that does not arrive', () => {
  it('since its reader has answered STOP is followed by the mail, and is the last until the number is proven again', async () => {
    const number = phone();
    const [first, second, third] = [await due('changed'), await due('changed'), await due('changed')];
    refusal = { code: 'OPTED_OUT', reason: 'OptedOut' };
    await sendNoticeMail(deps(number), first);
    refusal = undefined;
    office.now += MINUTE;
    await sendNoticeMail(deps(number), second);
    expect([sent.length, (await office.mails()).length]).toEqual([0, 2]);
    expect(await rowsOf(first.customerId)).toContainEqual({
      channel: 'sms',
      status: 'PERMANENTLY_FAILED',
      reason: 'OPTED_OUT',
    });
    expect(await rowsOf(second.customerId)).toContainEqual({
      channel: 'sms',
      status: 'PERMANENTLY_FAILED',
      reason: 'SUPPRESSED',
    });
    const texts = { phone: number, provenAt: office.now };
    await sendNoticeMail(office.deps({ texter, recipientOf: () => Promise.resolve({ ...ADA, texts }) }), third);
    expect([sent.length, (await office.mails()).length]).toEqual([1, 2]);
  });

  it('since SNS refuses it is tried three times, then followed by the mail, and wakes nobody', async () => {
    const event = await due('reminder');
    refusal = { code: 'REFUSED', reason: 'AuthorizationErrorException' };
    await sendNoticeMail(deps(phone()), event);
    expect(await rowsOf(event.customerId)).toMatchObject([{ channel: 'sms', status: 'FAILED' }]);
    for (const wait of [5, 10]) {
      expect(await office.mails()).toEqual([]);
      office.now += wait * MINUTE;
      expect(await office.retried()).toHaveLength(1);
      await sendNoticeMail(deps(phone()), event);
    }
    expect((await office.mails()).length).toBe(1);
    expect(await rowsOf(event.customerId)).toMatchObject([
      { channel: 'email', status: 'SENT' },
      { channel: 'sms', status: 'PERMANENTLY_FAILED' },
    ]);
    // Redriven much later, it is neither sent nor mailed again.
    refusal = undefined;
    office.now += 120 * MINUTE;
    await sendNoticeMail(deps(phone()), event);
    expect([sent.length, (await office.mails()).length]).toEqual([0, 1]);
  });

  it('so far as anybody knows waits 15 minutes, is never sent again, and is followed by the mail', async () => {
    const event = await due('changed');
    refusal = { code: 'UNKNOWN', reason: 'TimeoutError' };
    await expect(sendNoticeMail(deps(phone()), event)).rejects.toThrow('nobody knows');
    refusal = undefined;
    await expect(sendNoticeMail(deps(phone()), event)).rejects.toThrow('still open');
    office.now += 16 * MINUTE;
    await sendNoticeMail(deps(phone()), event);
    await sendNoticeMail(deps(phone()), event);
    expect([sent.length, (await office.mails()).length]).toEqual([0, 1]);
    expect(await rowsOf(event.customerId)).toMatchObject([
      { channel: 'email', status: 'SENT' },
      { channel: 'sms', status: 'UNSETTLED' },
    ]);
  });

  it('beside a mail keeps nobody from the mail', async () => {
    const event = await office.issued(1);
    refusal = { code: 'UNKNOWN', reason: 'TimeoutError' };
    await expect(sendTicketMail(deps(phone()), event)).rejects.toThrow('nobody knows');
    expect((await office.mails()).length).toBe(1);
    office.now += 16 * MINUTE;
    await sendTicketMail(deps(phone()), event);
    expect([sent.length, (await office.mails()).length]).toEqual([0, 1]);
  });
});
