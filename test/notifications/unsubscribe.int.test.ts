import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { putEvent } from '../../functions/catalog/writes.ts';
import { sendNoticeMail } from '../../functions/notifications/app/send-notice-mail.ts';
import { noticeDue } from '../../functions/notifications/notices.ts';
import { putNotice } from '../../functions/notifications/writes.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { unsubscribedBy } from '../../functions/users/unsubscribing.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { ADA, PAID_AT, PostOffice } from './post-office.ts';

let office: PostOffice;
let orderId: string;
let customerId: string;

const OCCASION = { now: PAID_AT, correlationId: 'test', by: 'system' } as const;

beforeAll(async () => {
  office = await PostOffice.open();
  const event = publishedEventOf(office.type, 'organizer', PAID_AT);
  await commit(office.db.table, [putEvent({ ...event, status: 'PUBLISHED' }, OCCASION, () => 'THERE' as const)]);
  ({ orderId, customerId } = (await office.issued(1)).data);
});
afterAll(() => office.db.drop());
beforeEach(() => office.reset());

type Due = Parameters<typeof sendNoticeMail>[1];

/** What puts a notice of this template, or a change, to the one order. */
async function due(news: 'moved' | 'changed' | 'reminder' | 'information' | 'entry' | 'delay'): Promise<Due> {
  const { eventId } = office.type;
  const noticeId = ulid();
  const isChange = news === 'moved' || news === 'changed';
  const words = news === 'reminder' ? {} : { variables: { message: 'At eight.' } };
  if (!isChange)
    await commit(office.db.table, [
      putNotice({ noticeId, eventId, template: news, ...words }, OCCASION, () => 'THERE'),
    ]);
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
  };
}

const KINDS = { reminder: 'reminders', information: 'notices', entry: 'notices' } as const;

it.each(['reminder', 'information', 'entry'] as const)(
  '%s can be unsubscribed from by one click and by a page, with a token of its own kind',
  async (news) => {
    await sendNoticeMail(office.deps(), await due(news));
    const { headerLines, text, html } = await office.onlyMail();
    const header = (name: string) => headerLines.find(({ key }) => key === name)?.line ?? '';
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    const [, token = ''] =
      /<https:\/\/tickets\.example\.com\/unsubscribe\?token=([\w-]{64})>/.exec(header('list-unsubscribe')) ?? [];
    const key = await office.deps().linkKey();
    expect(unsubscribedBy(key, token)).toEqual({ userId: customerId, kind: KINDS[news] });
    expect(unsubscribedBy(new Uint8Array(32), token)).toBeUndefined();
    const page = `https://tickets.example.com/unsubscribe#token=${token}`;
    expect(text).toContain(page);
    expect(html).toContain(`href="${page}"`);
    // Nothing about the reader but their id.
    expect(Buffer.from(token, 'base64url').includes('ada')).toBe(false);
  },
);

it.each(['moved', 'changed', 'delay'] as const)('%s must be read, so it offers no way out', async (news) => {
  const deps = office.deps({ recipientOf: () => Promise.resolve({ ...ADA, mutedNews: ['notices', 'reminders'] }) });
  await sendNoticeMail(deps, await due(news));
  const mail = await office.onlyMail();
  expect(mail.headers.has('list')).toBe(false);
  expect(mail.text).not.toContain('unsubscribe');
});

it.each(['reminder', 'information', 'entry'] as const)(
  '%s does not go to who has unsubscribed while it was on its way, nor when it is delivered again after they came back',
  async (news) => {
    const event = await due(news);
    const muted = office.deps({ recipientOf: () => Promise.resolve({ ...ADA, mutedNews: [KINDS[news]] }) });
    await sendNoticeMail(muted, event);
    await sendNoticeMail(office.deps(), event);
    expect(await office.mails()).toEqual([]);
    const row = (await office.db.items()).find(({ sk }) => sk === `NOTE#${event.data.cause}`);
    expect(row).toMatchObject({ status: 'OBSOLETE' });
  },
);

it('of one kind leaves the other', async () => {
  const deps = office.deps({ recipientOf: () => Promise.resolve({ ...ADA, mutedNews: ['reminders'] }) });
  await sendNoticeMail(deps, await due('information'));
  expect((await office.mails()).length).toBe(1);
});
