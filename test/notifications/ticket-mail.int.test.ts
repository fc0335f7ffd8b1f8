import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import ical from 'ical.js';
import jsqr from 'jsqr';
import type { ParsedMail } from 'mailparser';
import * as z from 'zod/mini';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { verifyQr } from '../../functions/delivery/codes.ts';
import { nameHolder } from '../../functions/delivery/app/name-holder.ts';
import { findLiveTicketsOf, findTicket } from '../../functions/delivery/reads.ts';
import { ticketLink } from '../../functions/delivery/web-tickets.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import { sendTicketMail, type OrderMailDeps } from '../../functions/notifications/app/send-ticket-mail.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { readPng, renderPdf } from '../delivery/pixels.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { giveKey, plainlyKeyed } from '../users/kept-keys.ts';
import { ADA, PAID_AT, PostOffice, SEEDS } from './post-office.ts';

let office: PostOffice;
let deps: OrderMailDeps;

beforeAll(async () => {
  office = await PostOffice.open();
  deps = office.deps();
});
afterAll(() => office.db.drop());
beforeEach(() => office.reset());
afterEach(() => {
  vi.restoreAllMocks();
});

const bodyOf = (mail: ParsedMail): string => (mail.html === false ? '' : mail.html);

describe('the ticket mail', () => {
  it('carries order, items, total, every ticket with its code, the PDF and a link', async () => {
    const event = await office.issued(2);
    await sendTicketMail(deps, event);
    const mail = await office.onlyMail();
    const { orderId, number } = event.data;
    expect(mail.subject).toBe(`Your tickets: Harbour Lights (${number})`);
    expect(mail.from?.value).toEqual([{ name: 'Onsale', address: 'tickets@onsale.example' }]);
    expect(mail.to).toMatchObject({ value: [{ name: 'Ada Lovelace', address: 'ada@example.com' }] });
    for (const body of [bodyOf(mail), mail.text ?? '']) {
      for (const shown of [
        number,
        'Hello Ada',
        `${number}-1`,
        `${number}-2`,
        '90.00 EUR',
        'Standing',
        'Pakhuis Noord',
        `https://tickets.example.com/orders/${orderId}`,
      ]) {
        expect(body).toContain(shown);
      }
    }
    const images = mail.attachments.filter(({ contentType }) => contentType === 'image/png');
    const codes = images.map(({ content }) => {
      const { data, width, height } = readPng(content);
      return verifyQr(SEEDS, jsqr.default(data, width, height)?.data ?? '');
    });
    expect(codes.map((code) => code.ok && code.value.ticketId)).toEqual(
      [0, 1].map((index) => ticketIdOf(orderId, '1', index)),
    );
    // mailparser puts inline images into the HTML by their content id.
    expect(bodyOf(mail).match(/<img\s+src="data:image\/png;base64,/g)).toHaveLength(2);
    const pdf = mail.attachments.filter(({ contentType }) => contentType === 'application/pdf');
    expect(pdf.map(({ filename }) => filename)).toEqual([`tickets-${number}.pdf`, `receipt-${number}.pdf`]);
    expect(mail.text).toContain('Your receipt is attached as well.');
    expect(await renderPdf(pdf[0]?.content ?? new Uint8Array())).toHaveLength(2);
    expect(await renderPdf(pdf[1]?.content ?? new Uint8Array())).toHaveLength(1);
  });

  it('has the tickets as a calendar, and each with a link that shows it without a log-in', async () => {
    const event = await office.issued(2);
    await sendTicketMail(deps, event);
    const mail = await office.onlyMail();
    const calendar = mail.attachments.find(({ contentType }) => contentType === 'text/calendar');
    const component = new ical.Component(ical.parse(calendar?.content.toString() ?? ''));
    expect(component.getFirstPropertyValue('method')).toBe('PUBLISH');
    expect(component.getAllSubcomponents('vevent')).toHaveLength(1);
    const key = await deps.linkKey();
    const tickets = await findLiveTicketsOf(office.db.table, event.data);
    for (const ticket of tickets) {
      const link = ticketLink('https://tickets.example.com', key, ticket);
      expect(mail.text).toContain(link);
      expect(bodyOf(mail)).toContain(link);
    }
    expect(tickets).toHaveLength(2);
  });

  it('leaves a record without personal data, and the delay since the payment as a metric', async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    const event = await office.issued(1);
    office.now = PAID_AT + 5_500;
    await sendTicketMail(deps, event);
    const record = await office.notification(event.data.orderId);
    expect(record).toMatchObject({ status: 'SENT', attempts: 1, messageId: 'ses-1', sentAt: office.now });
    expect((await office.onlyMail()).headers.get('x-onsale-notification')).toBe(record?.['notificationId']);
    const metric = written
      .map((line) => z.parse(z.looseObject({}), JSON.parse(line)))
      .find((line) => 'mailDelay' in line);
    expect(metric).toMatchObject({ mailDelay: 5.5 });
    for (const text of [JSON.stringify(record), ...written]) {
      expect(text).not.toContain('ada@example.com');
      expect(text).not.toContain('Lovelace');
    }
  });

  it('names the configuration set and the notification for delivery events, where there is one', async () => {
    const event = await office.issued(1);
    await sendTicketMail(office.deps({}, 'onsale-mail'), event);
    const [sent] = office.ses.commandCalls(SendRawEmailCommand);
    const id = (await office.notification(event.data.orderId))?.['notificationId'];
    expect(sent?.args[0].input).toMatchObject({
      ConfigurationSetName: 'onsale-mail',
      Destinations: ['ada@example.com'],
      Tags: expect.arrayContaining([{ Name: 'notification', Value: id }]),
    });
  });

  it('shows ten codes of a large order, and has a link to each of the others', async () => {
    const event = await office.issued(60);
    await sendTicketMail(deps, event);
    const mail = await office.onlyMail();
    expect(mail.attachments.filter(({ contentType }) => contentType === 'image/png')).toHaveLength(10);
    expect(mail.text).toContain(`${event.data.number}-60`);
    expect(bodyOf(mail)).toContain('50 more tickets:');
    const key = await deps.linkKey();
    for (const ticket of await findLiveTicketsOf(office.db.table, event.data))
      expect(bodyOf(mail).split(ticketLink('https://tickets.example.com', key, ticket))).toHaveLength(2);
    // Gmail cuts off what is longer.
    const [, html = ''] =
      office
        .raw()[0]
        ?.toString()
        .split(/^Content-Type: text\/html.*$/m) ?? [];
    expect(html.split(/^--/m)[0]?.length).toBeLessThan(102_000);
    const bytes = office.ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input.RawMessage?.Data?.length ?? 0;
    // A tenth of what SES takes.
    expect(bytes).toBeLessThan(1024 * 1024);
  });

  it('does not let a name or a title become markup, a header or a second recipient (I25)', async () => {
    const evil = await putOnSale(office.db.table, PAID_AT, {
      eventTitle: 'Night\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script> & "quotes"',
      name: '<img src=x onerror=alert(1)>',
    });
    const event = await office.issued(1, evil);
    await sendTicketMail(
      office.deps({
        recipientOf: () =>
          Promise.resolve({
            ...ADA,
            firstName: '<b>Eve</b>\r\nBcc: thief@example.com',
            lastName: '", <thief@example.com>',
          }),
      }),
      event,
    );
    const raw = Buffer.from(
      office.ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input.RawMessage?.Data ?? [],
    ).toString('utf8');
    const headers = raw.slice(0, raw.indexOf('\r\n\r\n'));
    expect(headers).not.toMatch(/^bcc:/im);
    const mail = await office.onlyMail();
    expect(mail.to).toMatchObject({ value: [{ address: 'ada@example.com' }] });
    expect(mail.bcc).toBeUndefined();
    expect(bodyOf(mail)).not.toMatch(/<script|<img src="?x|<b>Eve/);
    expect(bodyOf(mail)).toContain('&lt;script&gt;');
  });

  it.each([
    '<script>alert(1)</script>',
    '=HYPERLINK("https://evil.example")',
    '{{constructor.constructor("return 1")()}}',
    'محمد الخوارزمي \u202e',
    '👩‍👩‍👧‍👦 山田太郎',
    `${'Żółć '.repeat(59)}końce`,
  ])('names the holder of each ticket, whatever they are called: %s', async (name) => {
    const personalData = plainlyKeyed(office.db.table);
    const event = await office.issued(2);
    const ticket = await findTicket(office.db.table, ticketIdOf(event.data.orderId, '1', 1), 'strong');
    if (ticket === undefined) throw new Error('No ticket');
    await giveKey(office.db.table, personalData, ticket.customerId);
    const wish = { name, vendor: false };
    const occasion = { now: office.now, correlationId: 'test', by: 'system' };
    expect((await nameHolder({ table: office.db.table, personalData }, ticket, wish, occasion)).ok).toBe(true);
    await sendTicketMail(office.deps({ personalData }), event);
    const mail = await office.onlyMail();
    expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain(name.replaceAll(/\s+/g, ' '));
    const escaped = name
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;');
    expect(bodyOf(mail)).toContain(escaped);
    expect(bodyOf(mail)).not.toContain('<script');
    expect(bodyOf(mail).split(escaped)[0]).toMatch(/dir="auto"[^>]*>$/);
    const pdf = mail.attachments.find(({ contentType }) => contentType === 'application/pdf');
    expect(pdf?.content.length).toBeGreaterThan(1_000);
    expect(JSON.stringify(await office.notification(event.data.orderId))).not.toContain(name.slice(0, 8));
  });

  it('has nothing to say of an order whose tickets were given back meanwhile', async () => {
    const event = await office.issued(1);
    const key = ticketKey(ticketIdOf(event.data.orderId, '1', 0));
    await commit(office.db.table, [
      { kind: 'update', key, set: { status: 'ARCHIVED' }, otherwise: mustHold('fixture') },
    ]);
    await sendTicketMail(deps, event);
    expect(await office.mails()).toHaveLength(0);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'OBSOLETE' });
  });

  it.each([
    ['nobody', undefined, 'NO_RECIPIENT'],
    ['two addresses in one', { ...ADA, email: 'ada@example.com, eve@example.com' }, 'UNUSABLE_ADDRESS'],
    ['an address with a line break', { ...ADA, email: 'ada@example.com\r\nBcc: eve@example.com' }, 'UNUSABLE_ADDRESS'],
  ])('fails for good when the recipient is %s', async (_what, recipient, reason) => {
    const event = await office.issued(1);
    const failing = office.deps({ recipientOf: () => Promise.resolve(recipient) });
    await sendTicketMail(failing, event);
    await sendTicketMail(failing, event);
    expect(await office.mails()).toHaveLength(0);
    expect(await office.notification(event.data.orderId)).toMatchObject({ status: 'PERMANENTLY_FAILED', reason });
  });
});
