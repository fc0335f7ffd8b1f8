import { inject } from 'vitest';
import { ulid } from 'ulid';
import { beforeEach, expect, it } from 'vitest';

import { findNotifications, type StoredNotification } from '../../functions/notifications/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { mailsTo } from '../support/mailbox.ts';
import {
  call,
  confirm,
  demoBuyer,
  fire,
  mailsAbout,
  order,
  organizer,
  payByCard,
  person,
  publishEvent,
  settled,
  systemRows,
  systemTable,
} from '../support/shop.ts';

/** Has the local SES play a fault on the next mails to an address. */
async function plan(kind: string, to: string, times = 1): Promise<void> {
  const body = JSON.stringify({ kind, to, times });
  expect((await fetch(`${inject('system').inboxUrl}/faults`, { method: 'POST', body })).status).toBe(204);
}

beforeEach(async () => {
  await fetch(`${inject('system').inboxUrl}/faults`, { method: 'DELETE' });
});

/** Somebody registers, so that one mail is due. @returns what became of it */
async function register(
  email: string,
): Promise<{ userId: string; notes: () => Promise<readonly StoredNotification[]> }> {
  const name = { firstName: 'Ada', lastName: 'Quay', dateOfBirth: '1990-05-17' };
  const made = await call('POST', '/api/auth/register', { email, password: 'Quartz-Lantern-58!', ...name });
  expect(made.status, made.text).toBe(201);
  const { userId } = made.json;
  return {
    userId,
    notes: async () => {
      await settled();
      return findNotifications(systemTable(), { userId });
    },
  };
}

const address = (): string => `mail-${ulid().toLowerCase()}@example.com`;

/** The sweep, at the next time at which it looks after mails. */
async function nextRetries(minutes: number): Promise<void> {
  const at = Date.now() + minutes * MINUTE;
  await fire('expire-holds', at - (at % (5 * MINUTE)) + 5 * MINUTE);
  await settled();
}

it('is delivered, and the provider tells so', async () => {
  const email = address();
  const { notes } = await register(email);
  expect(await notes()).toMatchObject([{ status: 'DELIVERED', attempts: 1, sentAt: expect.any(Number) }]);
  expect(await mailsTo(email)).toHaveLength(1);
});

it('comes once, after SES refused it twice and then asked to slow down', async () => {
  const email = address();
  await plan('refuse', email, 2);
  const { userId, notes } = await register(email);
  expect(await notes()).toMatchObject([{ status: 'FAILED', failures: 1, reason: 'MessageRejected' }]);
  expect(await mailsTo(email)).toHaveLength(0);
  await nextRetries(5);
  expect(await notes()).toMatchObject([{ status: 'FAILED', failures: 2 }]);
  await plan('throttle', email, 2);
  await nextRetries(10);
  expect(await notes()).toMatchObject([{ status: 'DELIVERED', failures: 2, attempts: 3 }]);
  expect(await mailsTo(email)).toHaveLength(1);
  const waiting = (await systemRows()).filter(({ pk }) => pk === 'MAILRETRY');
  expect(waiting.filter(({ message }) => String(message).includes(userId))).toEqual([]);
});

it('is not sent again when SES took it and its answer was lost (failure 45)', async () => {
  const email = address();
  await plan('lose-answer', email);
  const { notes } = await register(email);
  expect(await notes()).toMatchObject([{ status: 'DELIVERED', attempts: 1 }]);
  expect(await mailsTo(email)).toHaveLength(1);
});

it('that bounces for good, or is called spam, is the last to its address; one that bounces for now is not', async () => {
  for (const [kind, status, later] of [
    ['bounce', 'BOUNCED', 'PERMANENTLY_FAILED'],
    ['complain', 'COMPLAINED', 'PERMANENTLY_FAILED'],
    ['soft-bounce', 'BOUNCED', 'DELIVERED'],
  ] as const) {
    const email = address();
    await plan(kind, email);
    const { notes } = await register(email);
    expect(await notes(), kind).toMatchObject([{ status }]);
    expect((await call('POST', '/api/auth/resend-verification', { email })).status).toBe(202);
    expect(
      (await notes()).map((note) => note.status),
      kind,
    ).toEqual([status, later]);
  }
});

it('shows its buyer and support what was mailed about an order, and sends the tickets again, three times an hour', async () => {
  const sale = await publishEvent();
  const buyer = await demoBuyer();
  const placed = await order(buyer, sale.ticketTypeId);
  expect((await buyer.call('POST', '/api/notifications/resend', { orderId: placed.orderId })).json).toMatchObject({
    status: 409,
    code: 'TICKETS_NOT_ISSUED',
  });
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  const history = `/api/orders/${placed.orderId}/notifications`;
  expect((await buyer.call('GET', history)).json.items).toMatchObject([
    { template: 'tickets', channel: 'email', status: 'DELIVERED', possibleDuplicate: false, retryAt: null },
  ]);
  const support = await person({ roles: ['customer', 'support'] });
  for (const caller of [buyer, support, buyer])
    expect((await caller.call('POST', '/api/notifications/resend', { orderId: placed.orderId })).status).toBe(202);
  const fourth = await buyer.call('POST', '/api/notifications/resend', { orderId: placed.orderId });
  expect(fourth.status).toBe(429);
  expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(0);
  await settled();
  const mails = await mailsAbout(placed.orderNumber);
  expect(mails).toHaveLength(4);
  const { items } = (await support.call('GET', history)).json;
  expect(items.map((item: { status: string }) => item.status)).toEqual(Array(4).fill('DELIVERED'));
  expect(JSON.stringify(items)).not.toContain('@');
  const stranger = await person();
  expect((await stranger.call('GET', history)).status).toBe(404);
  expect((await stranger.call('POST', '/api/notifications/resend', { orderId: placed.orderId })).status).toBe(404);
});

async function moveTo(eventId: string, at: number): Promise<void> {
  const host = await organizer();
  const read = await host.call('GET', `/api/events/${eventId}`);
  const startsAt = new Date(at).toISOString();
  const etag = { 'if-match': read.headers.get('etag') ?? '' };
  const moved = await host.call('POST', `/api/events/${eventId}/reschedule`, { startsAt }, etag);
  expect(moved.status, moved.text).toBe(200);
  await settled();
}

it('tells the holders of an event when it moves and what its organizer writes, once a person and nobody else', async () => {
  const sale = await publishEvent();
  const buyer = await demoBuyer();
  const bought: string[] = [];
  for (const _order of [1, 2]) {
    const placed = await order(buyer, sale.ticketTypeId);
    await payByCard(placed);
    await confirm(buyer, placed);
    bought.push(placed.orderId);
  }
  const unpaid = await order(await person(), sale.ticketTypeId);
  expect(unpaid.orderId).not.toBe('');
  await settled();
  // Orders are listed with their events by the hour.
  await fire('stock', Date.now() + MINUTE);
  const host = await organizer();
  await moveTo(sale.eventId, Date.now() + 31 * 24 * 60 * MINUTE);
  const title = `<b>Doors</b> {{constructor}} ${ulid()}`;
  const body = {
    eventId: sale.eventId,
    template: 'entry',
    variables: { subject: title, message: 'At eight.\n\n=1+1 <script>' },
  };
  expect((await host.call('POST', '/api/notifications', body)).status).toBe(202);
  await settled();
  const mails = await mailsTo('buyer@onsale.example');
  const moved = mails.filter(({ subject }) => subject === 'New time: Lighthouse Concert');
  expect(moved).toHaveLength(1);
  expect(moved[0]?.body.text).toMatch(/you may give your tickets back in full until \w+, \d+ \w+ \d{4}/);
  const [own, ...more] = mails.filter(({ subject }) => subject === title);
  expect(more).toEqual([]);
  expect(own?.body.text).toContain('At eight.\n\n=1+1 <script>');
  expect(own?.body.html).toContain('=1+1 &lt;script&gt;');
  expect(own?.body.html).not.toContain('<script>');
  // Neither a stranger, nor an organizer of others, nor a line break in the subject.
  expect((await buyer.call('POST', '/api/notifications', body)).status).toBe(403);
  const other = await person({
    roles: ['customer', 'organizer'],
    memberships: [{ organizationId: ulid(), post: 'organizer' }],
  });
  expect((await other.call('POST', '/api/notifications', body)).status).toBe(404);
  const broken = { ...body, variables: { subject: 'a\r\nBcc: eve@example.com', message: 'x' } };
  const sent = await host.call('POST', '/api/notifications', broken);
  await settled();
  expect(sent.status).toBe(202);
  expect(await mailsTo('eve@example.com')).toEqual([]);

  // The event takes no tickets back by itself; since it has moved, who had them by then gets all of their money.
  const shown = await buyer.call('GET', `/api/orders/${bought[0]}`);
  expect(Date.parse(shown.json.items[0].fullRefundUntil)).toBeGreaterThan(Date.now() + 13 * 24 * 60 * MINUTE);
  const back = await buyer.call('POST', `/api/orders/${bought[0]}/cancel`, {});
  expect(back.json, back.text).toMatchObject({ status: 'CANCELLED', refund: { amount: shown.json.totalPrice.amount } });
});

it('reminds holders a day before, once for each time of the event', async () => {
  const sale = await publishEvent();
  const buyer = await demoBuyer();
  const placed = await order(buyer, sale.ticketTypeId);
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  await fire('stock', Date.now() + MINUTE);
  const before = (await mailsTo('buyer@onsale.example')).filter(({ subject }) =>
    subject.startsWith('Tomorrow:'),
  ).length;
  const hour = 60 * MINUTE;
  const starts = Math.ceil(Date.now() / hour) * hour + 25 * hour;
  await moveTo(sale.eventId, starts);
  for (const ahead of [24, 23]) await fire('expire-holds', starts - ahead * hour);
  const after = (await mailsTo('buyer@onsale.example')).filter(({ subject }) => subject.startsWith('Tomorrow:')).length;
  expect(after).toBe(before + 1);
});
