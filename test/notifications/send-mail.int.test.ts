import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import jsqr from 'jsqr';
import { simpleParser, type ParsedMail } from 'mailparser';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { verifyQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import {
  sendReturnedMail,
  sendTicketMail,
  type OrderMailDeps,
} from '../../functions/notifications/app/send-ticket-mail.ts';
import { sesMailer } from '../../functions/notifications/ses.ts';
import { delivered, latePaymentReturned } from '../../functions/orders/contract.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { envelopeOf } from '../../functions/shared/runtime/events.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import type { Recipient } from '../../functions/users/contract.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { readPng, renderPdf } from '../delivery/pixels.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { meterWrites } from '../support/write-units.ts';

const seeds: TicketSeeds = [new Uint8Array(32).fill(7)];
const paidAt = Date.parse('2026-11-21T10:00:00Z');
const ses = mockClient(SESClient);
const ada: Recipient = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', locale: 'en' };

let db: TestTable;
let type: TicketTypeCopy;
let now = paidAt;
let deps: OrderMailDeps;

beforeAll(async () => {
  db = await startTestTable();
  type = await putOnSale(db.table, paidAt, { venueName: 'Pakhuis Noord', city: 'Rotterdam' });
  deps = depsFor();
});
afterAll(() => db.drop());
beforeEach(() => {
  now = paidAt + 4_000;
  ses.reset();
  ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function depsFor(recipient: Recipient | undefined = ada, configurationSet = ''): OrderMailDeps {
  return {
    table: db.table,
    sender: 'tickets@onsale.example',
    publicUrl: 'https://tickets.example.com',
    clock: () => now,
    seeds: () => Promise.resolve(seeds),
    recipientOf: () => Promise.resolve(recipient),
    mailer: sesMailer(new SESClient({ region: 'eu-central-1' }), 'tickets@onsale.example', configurationSet, () =>
      Promise.resolve(),
    ),
  };
}

type Delivered = Parameters<typeof sendTicketMail>[1];

/** A paid order with its tickets, and the event that asks for its mail. */
async function issued(quantity = 2, of = type): Promise<Delivered> {
  const order = await placePaidOrder(db.table, paidAt, { lines: [{ type: of, quantity }] });
  await issueTickets(db.table, order.orderId, { now: paidAt + 1_000, correlationId: 'test' });
  const after = await findOrder(db.table, order.orderId);
  if (after === undefined) throw new Error('No order');
  const event = envelopeOf(delivered, { type: 'order', id: order.orderId }, after);
  return { ...event, data: z.parse(delivered.data, event.data) };
}

/** What SES was given, as a mail program reads it. */
async function sentMails(): Promise<readonly ParsedMail[]> {
  return Promise.all(
    ses
      .commandCalls(SendRawEmailCommand)
      .map(({ args }) => simpleParser(Buffer.from(args[0].input.RawMessage?.Data ?? []))),
  );
}
async function onlyMail(): Promise<ParsedMail> {
  const [mail, ...others] = await sentMails();
  if (mail === undefined || others.length > 0) throw new Error(`${others.length + 1} mails instead of one`);
  return mail;
}
async function notification(orderId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  return (await db.items()).find(({ pk, sk }) => pk === `ORDER#${orderId}` && String(sk).startsWith('NOTE#'));
}
const bodyOf = (mail: ParsedMail): string => (mail.html === false ? '' : mail.html);

describe('the ticket mail', () => {
  it('carries order, items, total, every ticket with its code, the PDF and a link', async () => {
    const event = await issued(2);
    await sendTicketMail(deps, event);
    const mail = await onlyMail();
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
      return verifyQr(seeds, jsqr.default(data, width, height)?.data ?? '');
    });
    expect(codes.map((code) => code.ok && code.value.ticketId)).toEqual(
      [0, 1].map((index) => ticketIdOf(orderId, '1', index)),
    );
    // mailparser puts inline images into the HTML by their content id.
    expect(bodyOf(mail).match(/<img src="data:image\/png;base64,/g)).toHaveLength(2);
    const pdf = mail.attachments.filter(({ contentType }) => contentType === 'application/pdf');
    expect(pdf.map(({ filename }) => filename)).toEqual([`tickets-${number}.pdf`]);
    expect(await renderPdf(pdf[0]?.content ?? new Uint8Array())).toHaveLength(2);
  });

  it('leaves a record without personal data, and the delay since the payment as a metric', async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    const event = await issued(1);
    now = paidAt + 5_500;
    await sendTicketMail(deps, event);
    const record = await notification(event.data.orderId);
    expect(record).toMatchObject({ status: 'SENT', attempts: 1, messageId: 'ses-1', sentAt: now });
    expect((await onlyMail()).headers.get('x-onsale-notification')).toBe(record?.['notificationId']);
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
    const event = await issued(1);
    await sendTicketMail(depsFor(ada, 'onsale-mail'), event);
    const [sent] = ses.commandCalls(SendRawEmailCommand);
    const id = (await notification(event.data.orderId))?.['notificationId'];
    expect(sent?.args[0].input).toMatchObject({
      ConfigurationSetName: 'onsale-mail',
      Destinations: ['ada@example.com'],
      Tags: [{ Name: 'notification', Value: id }],
    });
  });

  it('shows ten codes of a large order and leaves the rest to the PDF', async () => {
    const event = await issued(60);
    await sendTicketMail(deps, event);
    const mail = await onlyMail();
    expect(mail.attachments.filter(({ contentType }) => contentType === 'image/png')).toHaveLength(10);
    expect(mail.text).toContain(`${event.data.number}-60`);
    expect(bodyOf(mail)).toContain('50 more tickets are in the attached PDF');
    const bytes = ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input.RawMessage?.Data?.length ?? 0;
    expect(bytes).toBeLessThan(512 * 1024);
  });

  it('does not let a name or a title become markup, a header or a second recipient (I25)', async () => {
    const evil = await putOnSale(db.table, paidAt, {
      eventTitle: 'Night\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script> & "quotes"',
      name: '<img src=x onerror=alert(1)>',
    });
    const event = await issued(1, evil);
    await sendTicketMail(
      depsFor({ ...ada, firstName: '<b>Eve</b>\r\nBcc: thief@example.com', lastName: '", <thief@example.com>' }),
      event,
    );
    const raw = Buffer.from(ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input.RawMessage?.Data ?? []).toString(
      'utf8',
    );
    const headers = raw.slice(0, raw.indexOf('\r\n\r\n'));
    expect(headers).not.toMatch(/^bcc:/im);
    const mail = await onlyMail();
    expect(mail.to).toMatchObject({ value: [{ address: 'ada@example.com' }] });
    expect(mail.bcc).toBeUndefined();
    expect(bodyOf(mail)).not.toMatch(/<script|<img src="?x|<b>Eve/);
    expect(bodyOf(mail)).toContain('&lt;script&gt;');
  });

  it('has nothing to say of an order whose tickets were given back meanwhile', async () => {
    const event = await issued(1);
    const key = ticketKey(ticketIdOf(event.data.orderId, '1', 0));
    await commit(db.table, [{ kind: 'update', key, set: { status: 'ARCHIVED' }, otherwise: mustHold('fixture') }]);
    await sendTicketMail(deps, event);
    expect(await sentMails()).toHaveLength(0);
    expect(await notification(event.data.orderId)).toMatchObject({ status: 'OBSOLETE' });
  });

  it.each([
    ['nobody', undefined, 'NO_RECIPIENT'],
    ['two addresses in one', { ...ada, email: 'ada@example.com, eve@example.com' }, 'UNUSABLE_ADDRESS'],
    ['an address with a line break', { ...ada, email: 'ada@example.com\r\nBcc: eve@example.com' }, 'UNUSABLE_ADDRESS'],
  ])('fails for good when the recipient is %s', async (_what, recipient, reason) => {
    const event = await issued(1);
    const failing = { ...deps, recipientOf: () => Promise.resolve(recipient) };
    await sendTicketMail(failing, event);
    await sendTicketMail(failing, event);
    expect(await sentMails()).toHaveLength(0);
    expect(await notification(event.data.orderId)).toMatchObject({ status: 'FAILED', reason });
  });
});

describe('at most one mail (I9)', () => {
  it('is sent once, however often and to however many workers the event is delivered', async () => {
    const event = await issued(1);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => sendTicketMail(deps, event)));
    // Whoever comes while it is being sent lets the queue ask again later.
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    await sendTicketMail(deps, event);
    expect(await sentMails()).toHaveLength(1);
  });

  it('is not sent again when SES took it and the answer was lost; after 15 minutes once more, marked (failure 45)', async () => {
    const event = await issued(1);
    ses
      .on(SendRawEmailCommand)
      .rejects(Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' }));
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-2' });
    now += 14 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('still open');
    expect(await sentMails()).toHaveLength(1);

    now += MINUTE;
    await sendTicketMail(deps, event);
    const [first, second, ...more] = await sentMails();
    expect(more).toEqual([]);
    expect(first?.headers.has('x-onsale-possible-duplicate')).toBe(false);
    expect(second?.headers.get('x-onsale-possible-duplicate')).toBe('yes');
    expect(second?.text).toContain('You may get this mail twice');
    expect(await notification(event.data.orderId)).toMatchObject({
      status: 'SENT',
      possibleDuplicate: true,
      attempts: 2,
    });

    now += 60 * MINUTE;
    await sendTicketMail(deps, event);
    expect(await sentMails()).toHaveLength(2);
  });

  it('is parked for a person when the second answer is lost too', async () => {
    const event = await issued(1);
    ses
      .on(SendRawEmailCommand)
      .rejects(
        Object.assign(new Error('bad gateway'), { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }),
      );
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    now += 15 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('nobody knows');
    now += 15 * MINUTE;
    await expect(sendTicketMail(deps, event)).rejects.toThrow('parked');
    await expect(sendTicketMail(deps, event)).rejects.toThrow('still open');
    expect(await sentMails()).toHaveLength(2);
    expect(await notification(event.data.orderId)).toMatchObject({ status: 'UNSETTLED' });
  });

  it('is tried again at once when SES definitely refused, and says nothing of the address in logs', async () => {
    const event = await issued(1);
    const refused = (name: string) =>
      Object.assign(new Error('Email address is not verified: ada@example.com'), {
        name,
        $metadata: { httpStatusCode: 400 },
      });
    ses.on(SendRawEmailCommand).rejectsOnce(refused('MessageRejected')).resolves({ MessageId: 'ses-3' });
    const error: unknown = await sendTicketMail(deps, event).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('refused with');
    expect(String(error)).not.toContain('ada@example.com');
    expect(await notification(event.data.orderId)).toMatchObject({ status: 'QUEUED', attempts: 1 });
    await sendTicketMail(deps, event);
    expect(await notification(event.data.orderId)).toMatchObject({ status: 'SENT' });
    expect((await sentMails()).at(-1)?.headers.has('x-onsale-possible-duplicate')).toBe(false);
  });

  it('waits and tries again while SES asks to slow down, and leaves the rest to the queue', async () => {
    const throttled = Object.assign(new Error('rate exceeded'), {
      name: 'Throttling',
      $metadata: { httpStatusCode: 400 },
    });
    const [patient, unlucky] = [await issued(1), await issued(1)];
    ses.on(SendRawEmailCommand).rejectsOnce(throttled).rejectsOnce(throttled).resolves({ MessageId: 'ses-4' });
    await sendTicketMail(deps, patient);
    expect(await notification(patient.data.orderId)).toMatchObject({ status: 'SENT', attempts: 1 });
    ses.on(SendRawEmailCommand).rejects(throttled);
    await expect(sendTicketMail(deps, unlucky)).rejects.toThrow('refused with Throttling');
    expect(await notification(unlucky.data.orderId)).toMatchObject({ status: 'QUEUED' });
  });

  it('costs two write units: the claim and its settlement', async () => {
    const event = await issued(1);
    const client = testClient();
    const meter = meterWrites(client);
    await sendTicketMail({ ...deps, table: tableOn(client, db.table.name) }, event);
    expect(meter.units).toBe(2);
  });

  it('frees the claim when the mail cannot even be written', async () => {
    const event = await issued(1);
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    const broken = { ...deps, seeds: () => Promise.reject(new TypeError('no such thing as ada@example.com')) };
    await expect(sendTicketMail(broken, event)).rejects.toThrow('refused with TypeError');
    expect(written.join('')).toContain('send-mail.int.test.ts');
    expect(written.join('')).not.toContain('ada@example.com');
    await sendTicketMail(deps, event);
    expect(await sentMails()).toHaveLength(1);
  });
});

describe('the mail about a payment that came too late', () => {
  const returned = (orderId: string): Parameters<typeof sendReturnedMail>[1] => ({
    id: `order/${orderId}/7`,
    name: latePaymentReturned.name,
    occurredAt: new Date(paidAt).toISOString(),
    correlationId: 'test',
    aggregate: { type: 'order', id: orderId },
    version: 7,
    data: { orderId, customerId: ulid(), number: 'ON-7K3M-Q2XD', currency: 'JPY', total: 4_500 },
  });

  it('tells what happened and that the money went back, once', async () => {
    const event = returned(ulid());
    await sendReturnedMail(deps, event);
    await sendReturnedMail(deps, event);
    const mail = await onlyMail();
    expect(mail.subject).toBe('Your payment was given back (ON-7K3M-Q2XD)');
    expect(mail.text).toContain('4500 JPY');
    // A guess at the reason would tell people that stock was gone which was not (I21).
    expect(mail.text).not.toMatch(/sold out/i);
    expect(mail.attachments).toEqual([]);
  });

  it('is never sent twice on suspicion: parked instead', async () => {
    const event = returned(ulid());
    ses.on(SendRawEmailCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError' }));
    await expect(sendReturnedMail(deps, event)).rejects.toThrow('nobody knows');
    now += 15 * MINUTE;
    await expect(sendReturnedMail(deps, event)).rejects.toThrow('parked');
    expect(await sentMails()).toHaveLength(1);
  });
});
