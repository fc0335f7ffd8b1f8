import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

import { parseKeyRing, type KeyRing } from '../../functions/shared/runtime/secrets.ts';
import { secretName, type SecretId } from '../../lib/secrets.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import type { PaymentLedger } from './ledger.ts';
import type { Row } from './rows.ts';
import { collect, scanRows } from './scan.ts';

/** Where the parts of the running local system answer; the defaults are those of `npm start`. */
export const LOCAL_URLS = {
  api: 'http://127.0.0.1:3000',
  inbox: 'http://127.0.0.1:8005',
  stripe: 'http://127.0.0.1:12111',
  control: 'http://127.0.0.1:3001',
} as const;

/** Something that the reader can do about: told in one sentence, without a stack. */
export class AdviceError extends Error {
  override readonly name = 'AdviceError';
}

/** What to say when `what` at `url` does not answer. */
export function notRunning(what: string, url: string): AdviceError {
  return new AdviceError(
    `${what} does not answer at ${url}. Start the local system with "npm start" and wait for "Onsale is ready".`,
  );
}

/** Fetches from a part of the local system; one that does not answer is an {@link AdviceError}. */
export async function fetchFrom(what: string, url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(60_000), ...init });
  } catch (error) {
    if (error instanceof TypeError) throw notRunning(what, new URL(url).origin);
    throw error;
  }
}

const addresses = z.object({
  url: z.string(),
  inboxUrl: z.string(),
  stripeUrl: z.optional(z.string()),
  environment: z.record(z.string(), z.string()),
});

/** Where the parts of one running local system are. */
export interface LocalSystem {
  readonly controlUrl: string;
  readonly url: string;
  readonly stripeUrl: string;
  /** Variables by which its emulators are reached with the AWS SDK. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Asks the control API of a local system where its parts are. */
export async function findLocalSystem(controlUrl: string): Promise<LocalSystem> {
  const answer = await fetchFrom("The local system's control API", `${controlUrl}/_local/system`);
  const found = z.safeParse(addresses, await answer.json());
  if (!found.success) throw new AdviceError(`What answers at ${controlUrl} is no local system.`);
  const { url, stripeUrl, environment } = found.data;
  if (stripeUrl === undefined) {
    throw new AdviceError('The local system takes payments by Stripe itself; this needs the stand-in and its ledger.');
  }
  return { controlUrl, url, stripeUrl, environment };
}

/** The table of a local system, straight from its DynamoDB: for audits, and to prepare things in bulk. */
export function openLocalTable({ environment }: LocalSystem): Table {
  const name = environment['TABLE_NAME'];
  if (name === undefined) throw new AdviceError('The local system has more than one table, and this looks at one.');
  const client = new DynamoDBClient({
    endpoint: environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
    region: environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'onsale', secretAccessKey: 'onsale' },
    maxAttempts: 2,
  });
  return tableOn(client, name);
}

/** Every row of `table`: whole only when nothing writes meanwhile. */
export function readRows(table: Table): Promise<readonly Row[]> {
  return collect(scanRows(table));
}

const ledger = z.object({
  paymentIntents: z.array(
    z.object({
      id: z.string(),
      amount: z.number(),
      amount_received: z.number(),
      currency: z.string(),
      status: z.string(),
      metadata: z.record(z.string(), z.string()),
    }),
  ),
  refunds: z.array(
    z.object({
      id: z.string(),
      amount: z.number(),
      status: z.nullable(z.string()),
      payment_intent: z.nullable(z.union([z.string(), z.object({ id: z.string() })])),
      metadata: z.nullable(z.record(z.string(), z.string())),
    }),
  ),
});

/** The ledger of the Stripe stand-in at `url`. */
export async function readStandInLedger(url: string): Promise<PaymentLedger> {
  const answer = await fetchFrom('The Stripe stand-in', `${url}/_stand-in/ledger`);
  if (!answer.ok) throw new AdviceError(`The ledger of the Stripe stand-in answered ${answer.status}.`);
  return z.parse(ledger, await answer.json());
}

const rest = z.object({ idle: z.boolean(), busy: z.optional(z.array(z.string())) });
const queues = z.array(z.object({ name: z.string(), inFlight: z.number(), consumed: z.boolean() }));

/** How long to wait before messages that only wait for their next try are given it at once. */
const PATIENCE_MS = 3_000;

/**
 * Waits until queues, streams and runs of the local system are empty. Messages that were put back, such as a
 * webhook's whose order was just being decided, get their next try now instead of minutes later.
 *
 * @returns what the system is still busy with; empty when it is at rest
 */
export async function waitForRest(controlUrl: string, timeoutMs: number): Promise<readonly string[]> {
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetchFrom("The local system's control API", `${controlUrl}/_local/${path}`, init);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const { idle, busy = ['something'] } = z.parse(rest, await (await ask(`idle?timeoutMs=${PATIENCE_MS}`)).json());
    if (idle) return [];
    if (Date.now() > deadline) return busy;
    if (!busy.every((what) => what.startsWith('queue '))) continue;
    const waiting = z
      .parse(queues, await (await ask('queues')).json())
      .filter(({ consumed, inFlight }) => consumed && inFlight > 0);
    for (const { name } of waiting) await ask(`queues/${name}/release`, { method: 'POST' });
  }
}

const parameter = z.object({ Parameter: z.object({ Value: z.string() }) });

/** The key ring that signs sessions of a local system. */
export async function readLocalKeyRing(system: LocalSystem): Promise<KeyRing> {
  return parseKeyRing(await readLocalSecret(system, 'sessionKeys'));
}

/** A secret of a local system, as whoever runs it may read them all. */
export async function readLocalSecret({ controlUrl, environment }: LocalSystem, id: SecretId): Promise<string> {
  const name = secretName('local', id);
  const answer = await fetchFrom(
    "The local system's control API",
    `${controlUrl}/systemsmanager/parameters/get?name=${encodeURIComponent(name)}&withDecryption=true`,
    { headers: { 'x-aws-parameters-secrets-token': environment['AWS_SESSION_TOKEN'] ?? '' } },
  );
  if (!answer.ok) throw new AdviceError(`The local system refused its secret ${name} with ${answer.status}.`);
  return z.parse(parameter, await answer.json()).Parameter.Value;
}
