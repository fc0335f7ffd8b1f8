import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient, type AwsClientStub } from 'aws-sdk-client-mock';
import { simpleParser, type ParsedMail } from 'mailparser';
import * as z from 'zod/mini';

import { eventKey } from '../../functions/catalog/keys.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import type { TicketSeeds } from '../../functions/delivery/codes.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { OrderMailDeps, sendTicketMail } from '../../functions/notifications/app/send-ticket-mail.ts';
import { retryMails } from '../../functions/notifications/operations.ts';
import { sesMailer } from '../../functions/notifications/ses.ts';
import { delivered } from '../../functions/orders/contract.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import type { Instant } from '../../functions/shared/kernel/clock.ts';
import { envelopeOf, parseEnvelope, type Envelope } from '../../functions/shared/runtime/events.ts';
import type { Recipient } from '../../functions/users/contract.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { USERS_ENV } from '../users/accounts.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';
import { STAGES } from '../../lib/stages.ts';

export const SEEDS: TicketSeeds = [new Uint8Array(32).fill(7)];
export const PAID_AT = Date.parse('2026-11-21T10:00:00Z');
export const ADA: Recipient = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', locale: 'en' };

type TicketsGenerated = Parameters<typeof sendTicketMail>[1];

/** A table with an event, an SES that remembers what it was given, and a clock that a test moves. */
export class PostOffice {
  readonly db: TestTable;
  readonly type: TicketTypeCopy;
  readonly ses: AwsClientStub<SESClient>;
  now: Instant = PAID_AT;

  constructor(db: TestTable, type: TicketTypeCopy) {
    this.db = db;
    this.type = type;
    this.ses = mockClient(SESClient);
  }

  static async open(): Promise<PostOffice> {
    const db = await startTestTable();
    return new PostOffice(db, await putOnSale(db.table, PAID_AT, { venueName: 'Pakhuis Noord', city: 'Rotterdam' }));
  }

  /** Forgets all mail, takes whatever comes, four seconds after the payment. */
  reset(): void {
    this.now = PAID_AT + 4_000;
    this.ses.reset();
    this.ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
  }

  /** Changes the row of the event past everything that would follow from it. */
  async setEvent(values: Readonly<Record<string, string | number>>): Promise<void> {
    const key = eventKey(this.type.eventId);
    const item = (await this.db.items()).find(({ pk, sk }) => pk === key.pk && sk === key.sk);
    await this.db.table.client.send(new PutCommand({ TableName: this.db.table.name, Item: { ...item, ...values } }));
  }

  /** What sending needs; `more` replaces parts. */
  deps(more: Partial<OrderMailDeps> = {}, configurationSet = ''): OrderMailDeps {
    const sender = 'tickets@onsale.example';
    const client = new SESClient({ region: 'eu-central-1' });
    return {
      table: this.db.table,
      sender,
      brand: STAGES.local.brand,
      addressHash: (address) => Promise.resolve(Buffer.from(address).toString('base64url')),
      publicUrl: 'https://tickets.example.com',
      clock: () => this.now,
      seeds: () => Promise.resolve(SEEDS),
      store: { read: () => Promise.resolve(undefined) },
      linkKey: () => Promise.resolve(new Uint8Array(32).fill(3)),
      personalData: personalDataIn(this.db.table, USERS_ENV),
      recipientOf: () => Promise.resolve(ADA),
      phoneHash: (phone) => Promise.resolve(`phone-${phone}`),
      texter: () => Promise.reject(new Error('Nobody here has asked for text messages')),
      mailer: sesMailer(client, sender, configurationSet, () => Promise.resolve()),
      ...more,
    };
  }

  /** A paid order with its tickets, as the event that asks for its mail. */
  async issued(quantity: number, type = this.type, customerId?: string): Promise<TicketsGenerated> {
    const lines = [{ type, quantity }];
    const order = await placePaidOrder(
      this.db.table,
      PAID_AT,
      customerId === undefined ? { lines } : { lines, customerId },
    );
    await issueTickets(this.db.table, order.orderId, { now: PAID_AT + 1_000, correlationId: 'test', by: 'system' });
    const after = await findOrder(this.db.table, order.orderId);
    if (after === undefined) throw new Error('No order');
    const event = envelopeOf(delivered, { type: 'order', id: order.orderId }, after);
    return { ...event, data: z.parse(delivered.data, event.data) };
  }

  /** The messages that SES was given, as they went over the wire. */
  raw(): readonly Buffer[] {
    return this.ses
      .commandCalls(SendRawEmailCommand)
      .map(({ args }) => Buffer.from(args[0].input.RawMessage?.Data ?? []));
  }

  /** The same as a mail program reads them. */
  mails(): Promise<readonly ParsedMail[]> {
    return Promise.all(this.raw().map((message) => simpleParser(message)));
  }

  async onlyMail(): Promise<ParsedMail> {
    const [mail, ...others] = await this.mails();
    if (mail === undefined || others.length > 0) throw new Error(`${this.raw().length} mails instead of one`);
    return mail;
  }

  /** The row of the one notification of an order. */
  async notification(orderId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const items = await this.db.items();
    return items.find(({ pk, sk }) => pk === `ORDER#${orderId}` && String(sk).startsWith('NOTE#'));
  }

  /** What the job puts back on the mail queue now. */
  async retried(): Promise<readonly Envelope[]> {
    const bodies: string[] = [];
    // A client of its own: two jobs run at once, and neither may take the other's stub away.
    const sqs = new SQSClient({ region: 'eu-central-1' });
    mockClient(sqs)
      .on(SendMessageBatchCommand)
      .callsFake((input: { Entries: { MessageBody: string }[] }) => {
        bodies.push(...input.Entries.map(({ MessageBody }) => MessageBody));
        return {};
      });
    await retryMails({ table: this.db.table, sqs, mailQueueUrl: 'https://sqs.example/mail' }, this.now);
    return bodies.map((body) => parseEnvelope(body));
  }

  /** The one event that comes back now: `event` itself, as it was. */
  async onlyRetry<E extends Envelope>(event: E): Promise<E> {
    const [message, ...others] = await this.retried();
    if (others.length > 0 || JSON.stringify(message) !== JSON.stringify(event))
      throw new Error(`Not the event that failed: ${JSON.stringify([message, ...others])}`);
    return event;
  }
}
