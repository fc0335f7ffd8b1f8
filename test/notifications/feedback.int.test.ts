import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { takeFeedback } from '../../functions/notifications/app/take-feedback.ts';
import { sendTicketMail, type OrderMailDeps } from '../../functions/notifications/app/send-ticket-mail.ts';
import { mailFeedback } from '../../functions/notifications/contract.ts';
import type { Feedback } from '../../functions/notifications/domain/notification.ts';
import type { MailTags } from '../../functions/notifications/keys.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { PostOffice } from './post-office.ts';

let office: PostOffice;
let deps: OrderMailDeps;

beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office.db.drop());
beforeEach(() => {
  office.reset();
  deps = office.deps({}, 'mails');
});

/** The tags of the last mail, as SES gives them back. */
function lastTags(): MailTags {
  const input = office.ses.commandCalls(SendRawEmailCommand).at(-1)?.args[0].input;
  const tags = Object.fromEntries((input?.Tags ?? []).map(({ Name, Value }) => [Name, Value]));
  return { about: tags['about'] ?? '', cause: tags['cause'] ?? '', to: tags['to'] ?? '' };
}

const tell = (told: Feedback): Promise<string> =>
  takeFeedback(office.db.table, { told, tags: lastTags(), at: office.now });

describe('what SES tells of a mail', () => {
  it('finds its notification by tags that name no address and that SES takes', async () => {
    const event = await office.issued(1);
    await sendTicketMail(deps, event);
    const { about, cause, to } = lastTags();
    expect(JSON.stringify([about, cause])).not.toContain('ada@');
    expect(
      mailFeedback.parse({ told: 'Delivery', about: [about], cause: [cause], to: [to], at: '2026-11-21T10:00:00Z' })
        .told,
    ).toBe('Delivery');
    expect(await tell('DELIVERED')).toBe('DELIVERED');
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'DELIVERED',
      deliveredAt: office.now,
    });
  });

  it('settles a sending whose answer was lost: nothing is sent again, and nothing is parked (failure 45)', async () => {
    const event = await office.issued(1);
    office.ses.on(SendRawEmailCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError' }));
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    await tell('DELIVERED');
    office.now += 20 * MINUTE;
    await sendTicketMail(deps, event);
    expect(await office.mails()).toHaveLength(1);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'DELIVERED' });
  });

  it.each([
    [['DELIVERED', 'BOUNCED'], 'BOUNCED'],
    [['BOUNCED', 'DELIVERED'], 'BOUNCED'],
    [['COMPLAINED', 'DELIVERED', 'BOUNCED_FOR_GOOD'], 'COMPLAINED'],
    [['DELIVERED', 'COMPLAINED', 'COMPLAINED'], 'COMPLAINED'],
    [['REJECTED', 'REJECTED'], 'PERMANENTLY_FAILED'],
  ] as const)('comes in any order and twice: %j leaves %s', async (told, status) => {
    const event = await office.issued(1);
    await sendTicketMail({ ...deps, addressHash: async () => `order-${event.data.orderId}` }, event);
    for (const each of told) await tell(each);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status });
  });

  it('before the answer is noted loses neither: the mail was sent and delivered', async () => {
    const event = await office.issued(1);
    office.ses.on(SendRawEmailCommand).callsFake(async () => {
      await tell('DELIVERED');
      return { MessageId: 'ses-early' };
    });
    await sendTicketMail(deps, event);
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'DELIVERED',
      messageId: 'ses-early',
      sentAt: office.now,
    });
  });

  it('of a mail that nobody knows changes nothing', async () => {
    const before = await office.db.items();
    const tags = { about: 'T1JERVIjMDFK', cause: 'eA', to: 'x' };
    expect(await takeFeedback(office.db.table, { told: 'DELIVERED', tags, at: office.now })).toBe('NO_NEWS');
    expect(await office.db.items()).toEqual(before);
  });
});

describe('an address that bounced for good or complained', () => {
  it.each(['BOUNCED_FOR_GOOD', 'COMPLAINED'] as const)('is not written to again after %s', async (told) => {
    const hashed = { ...deps, addressHash: async () => `hash-${told}` };
    const [first, second] = [await office.issued(1), await office.issued(1)];
    await sendTicketMail(hashed, first);
    await tell(told);
    await sendTicketMail(hashed, second);
    expect(await office.mails()).toHaveLength(1);
    expect(await office.notification(second.data.orderId)).toMatchObject({
      status: 'PERMANENTLY_FAILED',
      reason: 'SUPPRESSED',
    });
    // Nobody is woken, and the message is done with.
    await sendTicketMail(hashed, second);
    // The address itself is nowhere in the table.
    expect(JSON.stringify(await office.db.items())).not.toContain('ada@example.com');
  });

  it('is written to after a bounce that may pass', async () => {
    const hashed = { ...deps, addressHash: async () => 'hash-soft' };
    await sendTicketMail(hashed, await office.issued(1));
    await tell('BOUNCED');
    await sendTicketMail(hashed, await office.issued(1));
    expect(await office.mails()).toHaveLength(2);
  });
});

describe('an address that no mail can go to', () => {
  it.each([
    'no-at-sign',
    'two@at@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com, eve@example.com',
    `${'a'.repeat(310)}@example.com`,
    'ada <ada@example.com>',
    '',
  ])('is told apart before anything is sent: %j', async (email) => {
    const event = await office.issued(1);
    const bad = office.deps({ recipientOf: async () => ({ email, firstName: 'Ada', lastName: '', locale: 'en' }) });
    await sendTicketMail(bad, event);
    expect(await office.mails()).toEqual([]);
    expect(await office.notification(event.data.orderId)).toMatchObject({
      status: 'PERMANENTLY_FAILED',
      reason: 'UNUSABLE_ADDRESS',
    });
  });
});
