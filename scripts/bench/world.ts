import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';
import { buildApp } from 'fauxqs';
import { ulid } from 'ulid';

import type { Sale, SeatRow, Stock } from '../../functions/inventory/contract.ts';
import { prepareStock } from '../../functions/inventory/operations.ts';
import { openSale } from '../../functions/inventory/sale-writes.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { readKeyRing } from '../../functions/shared/runtime/secrets.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { mintSession } from '../../functions/users/app/mint-session.ts';
import { personalDataIn } from '../../functions/users/recipients.ts';
import { STAGES } from '../../lib/stages.ts';
import { HOST, portOf } from '../../local/ports.ts';
import { startDynamoDbLocal } from '../../local/services/dynamodb.ts';
import { startInbox } from '../../local/services/inbox.ts';
import { startStripeStandIn, type StripeStandIn } from '../../local/stripe/server.ts';
import type { IndexShape } from './capacity.ts';
import { Meter } from './meter.ts';
import { startObjectStore } from './object-store.ts';
import { startMeteringProxy, type MeteringProxy } from './metering-proxy.ts';
import { startControlServer, type ControlServer } from './purchase-machine.ts';

/** The emulators that the bench measures on, with its meter between the handlers and DynamoDB Local. */
export interface BenchWorld {
  readonly meter: Meter;
  readonly proxy: MeteringProxy;
  readonly control: ControlServer;
  readonly stripe: StripeStandIn;
  /** The table past the meter: for setting up and looking around. */
  readonly table: Table;
  readonly dynamoDbUrl: string;
  /** Variables that handlers run with; they are in this process's environment too. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that was sent to a queue since it was asked last. */
  receive(queue: QueueName): Promise<readonly Message[]>;
  close(): Promise<void>;
}

const QUEUE_NAMES = ['tickets', 'mail', 'payments'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'onsalebench', secretAccessKey: 'onsalebench' };
const STRIPE_KEY = 'sk_test_bench';

/** The one index; a template test holds the deployed table against the same shape. */
const INDEXES: readonly IndexShape[] = [{ name: 'gsi1', keys: ['gsi1pk', 'gsi1sk'], projects: 'ALL' }];

const TABLE = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'gsi1pk', AttributeType: 'S' },
    { AttributeName: 'gsi1sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'gsi1',
      KeySchema: [
        { AttributeName: 'gsi1pk', KeyType: 'HASH' },
        { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
} as const satisfies Omit<CreateTableCommandInput, 'TableName'>;

/** Names of parameters with secrets, and what stands in them here. */
function generateSecrets(): Readonly<Record<string, string>> {
  const hex = (): string => randomBytes(32).toString('hex');
  return {
    '/bench/session-keys': JSON.stringify({ current: 'k', keys: { k: hex() } }),
    '/bench/cursor-key': hex(),
    '/bench/ticket-seed': hex(),
    '/bench/personal-data-key': hex(),
    '/bench/email-index-key': hex(),
    '/bench/password-pepper': hex(),
    '/bench/link-key': hex(),
    '/bench/stripe-key': STRIPE_KEY,
    '/bench/webhook-secret': 'whsec_bench',
    // No row makes a pass.
    '/bench/no-wallet': 'none',
  };
}

/**
 * Starts everything in memory and points this process's environment at it, as Lambda would a handler's.
 * Import handlers only after it.
 *
 * @param dynamoDbUrl a DynamoDB Local that runs already; otherwise one is started
 */
export async function startWorld(dynamoDbUrl?: string): Promise<BenchWorld> {
  const closers: (() => Promise<unknown> | void)[] = [];
  const own = dynamoDbUrl === undefined ? await startDynamoDbLocal({ memory: true }) : undefined;
  if (own !== undefined) closers.push(() => own.close());
  const endpoint = dynamoDbUrl ?? own?.endpoint ?? '';
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  closers.push(() => client.destroy());
  const name = `onsale-bench-${ulid()}`;
  await client.send(new CreateTableCommand({ TableName: name, ...TABLE }));

  const meter = new Meter();
  const proxy = await startMeteringProxy(endpoint, name, INDEXES, meter);
  closers.push(() => proxy.close());
  const control = await startControlServer(generateSecrets());
  closers.push(() => control.close());
  const stripe = await startStripeStandIn({ secretKey: STRIPE_KEY, webhookSecret: 'whsec_bench' });
  closers.push(() => stripe.close());
  const inbox = await startInbox({ port: 0, use: 'mail', flag: '' }, undefined);
  closers.push(() => inbox.close());
  const queues = await startQueues(closers);
  const objects = await startObjectStore();
  closers.push(() => objects.close());

  const environment = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
    AWS_ENDPOINT_URL_SQS: queues.url,
    AWS_ENDPOINT_URL_S3: objects.url,
    AWS_ENDPOINT_URL_SES: inbox.url,
    AWS_ENDPOINT_URL_SFN: control.url,
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(control.port),
    TABLE_NAME: name,
    ORIGIN_KEYS_PARAMETER: '',
    SESSION_KEYS_PARAMETER: '/bench/session-keys',
    CURSOR_KEY_PARAMETER: '/bench/cursor-key',
    // No bench cancels an event with sold tickets.
    CANCEL_EVENT_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:000000000000:stateMachine:none',
    TICKET_SEED_PARAMETER: '/bench/ticket-seed',
    PERSONAL_DATA_KEY_PARAMETER: '/bench/personal-data-key',
    PERSONAL_DATA_KMS_KEY: '',
    EMAIL_INDEX_KEY_PARAMETER: '/bench/email-index-key',
    PASSWORD_PEPPER_PARAMETER: '/bench/password-pepper',
    LINK_KEY_PARAMETER: '/bench/link-key',
    WEBHOOK_SECRET_PARAMETER: '/bench/webhook-secret',
    APPLE_PASS_KEY_PARAMETER: '/bench/no-wallet',
    APPLE_PASS_CERTIFICATES_PARAMETER: '/bench/no-wallet',
    GOOGLE_WALLET_PARAMETER: '/bench/no-wallet',
    APPLE_PUSH_URL: 'http://127.0.0.1:9',
    STRIPE_API_URL: stripe.url,
    STRIPE_KEY_PARAMETER: '/bench/stripe-key',
    PURCHASE_STATE_MACHINE_ARN: `arn:aws:states:${REGION}:000000000000:stateMachine:purchase`,
    LIMITS: JSON.stringify(STAGES.local.limits),
    SNAPSHOTS_BUCKET: 'bench-snapshots',
    // No row looks into these; their functions are only started.
    ERASURES_BUCKET: 'bench-erasures',
    PICTURES_BUCKET: 'bench-pictures',
    DOCUMENTS_BUCKET: 'bench-pictures',
    TICKETS_QUEUE_URL: queues.urlOf('tickets'),
    MAIL_QUEUE_URL: queues.urlOf('mail'),
    PAYMENTS_QUEUE_URL: queues.urlOf('payments'),
    PUBLIC_URL: 'http://127.0.0.1:3000',
    NOTICES_PER_SECOND: '10',
    MAIL_SENDER: 'Onsale <tickets@onsale.example>',
    BRAND: JSON.stringify(STAGES.local.brand),
    BRAND_NAME: STAGES.local.brand.name,
    MAIL_CONFIGURATION_SET: '',
  };
  Object.assign(process.env, environment);
  return {
    meter,
    proxy,
    control,
    stripe,
    table: tableOn(client, name),
    dynamoDbUrl: endpoint,
    environment,
    receive: (queue) => queues.receive(queue),
    close: async () => {
      for (const closer of closers.toReversed()) await closer();
    },
  };
}

async function startQueues(closers: (() => Promise<unknown> | void)[]): Promise<{
  url: string;
  urlOf(queue: QueueName): string;
  receive(queue: QueueName): Promise<readonly Message[]>;
}> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  await app.listen({ port: 0, host: HOST });
  closers.push(() => app.close());
  const url = `http://${HOST}:${portOf(app.server)}`;
  const client = new SQSClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
  closers.push(() => client.destroy());
  const urls = new Map<QueueName, string>();
  for (const queue of QUEUE_NAMES) {
    await client.send(new CreateQueueCommand({ QueueName: `bench-${queue}` }));
    // The emulator names its queues by a host that only some resolvers know; clients take any that leads there.
    urls.set(queue, `${url}/000000000000/bench-${queue}`);
  }
  const urlOf = (queue: QueueName): string => urls.get(queue) ?? '';
  return {
    url,
    urlOf,
    receive: async (queue) => {
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({ QueueUrl: urlOf(queue), MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
        );
        if (Messages.length === 0) return all;
        for (const { ReceiptHandle } of Messages) {
          await client.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle }));
        }
        all.push(...Messages);
      }
    },
  };
}

/** A ticket type on sale, past the meter. @param maxPerPerson without it there is no limit */
export function openTicketType(world: BenchWorld, capacity: number, maxPerPerson?: number): Promise<string> {
  return putOnSale(world, { kind: 'COUNT', capacity }, maxPerPerson);
}

/** Seats on sale in as many rows, as long as said, past the meter; they are called `<row>-<seat>`, from 0 and 1. */
export function openSeats(world: BenchWorld, rows: number, length: number): Promise<string> {
  const seats = (row: number): SeatRow['seats'] =>
    Array.from({ length }, (_unused, seat) => ({ id: `${row}-${seat + 1}`, number: String(seat + 1) }));
  const placed = Array.from({ length: rows }, (_unused, row): SeatRow => ({
    label: `Row ${row + 1}`,
    section: 'Stalls',
    centre: length / 2,
    distance: 300 + 30 * row,
    pitch: 24,
    seats: seats(row),
  }));
  return putOnSale(world, { kind: 'SEATS', rows: placed });
}

async function putOnSale({ table }: BenchWorld, stock: Stock, maxPerPerson?: number): Promise<string> {
  const now = Date.now();
  const sale: Sale = {
    ticketTypeId: ulid(),
    eventId: ulid(),
    organizationId: ulid(),
    name: 'Standing',
    unitPrice: 4_500,
    currency: 'EUR',
    // Kept with each hold (ADR 54), so that it is part of what is measured.
    cancellationPolicy: { windowHours: 48, feePercent: 12.5 },
    opensAt: now - DAY,
    closesAt: now + 7 * DAY,
    eventTitle: 'Harbour Nights',
    eventStartsAt: now + 14 * DAY,
    timeZone: 'Europe/Berlin',
    venueName: 'Pier 7',
    city: 'Hamburg',
    ...(maxPerPerson === undefined ? {} : { maxPerPerson }),
  };
  const occasion = { now, correlationId: 'bench', by: 'system' };
  const draft = { name: sale.ticketTypeId, stock, types: [sale] };
  const prepared = await prepareStock(table, [draft], occasion);
  await commit(table, openSale(prepared, occasion, mustHold('the id is new')));
  return sale.ticketTypeId;
}

/** Somebody who is signed in. */
export interface BenchBuyer {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

/** Signs somebody in, past the meter. @param withAccount so that mail finds an address; costs a password hash */
export async function signIn({ table }: BenchWorld, withAccount = false): Promise<BenchBuyer> {
  const now = Date.now();
  const userId = withAccount ? await register(table, now) : ulid(now);
  const ring = await readKeyRing('/bench/session-keys');
  const { accessToken, sessionId } = await mintSession(table, ring, {
    userId,
    roles: ['customer'],
    memberships: [],
    now,
  });
  return { userId, sessionId, token: accessToken };
}

async function register(table: Table, now: number): Promise<string> {
  const secrets = {
    personalData: personalDataIn(table, {
      PERSONAL_DATA_KEY_PARAMETER: '/bench/personal-data-key',
      PERSONAL_DATA_KMS_KEY: '',
    }),
    emailIndexKey: '/bench/email-index-key',
    passwordPepper: '/bench/password-pepper',
  };
  const account = {
    email: `buyer-${ulid()}@onsale.example`,
    password: 'Onsale-bench-2026!',
    firstName: 'Bea',
    lastName: 'Buyer',
    locale: 'en',
    status: 'VERIFIED' as const,
    roles: ['customer' as const],
    memberships: [],
  };
  const created = await createAccount(table, secrets, account, { now, correlationId: 'bench', by: 'system' });
  if (!created.ok) throw new Error('The address of a bench account was taken');
  return created.value.userId;
}
