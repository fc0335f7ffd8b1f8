import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { parseKeyRing, type KeyRing } from '../../functions/shared/runtime/secrets.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import type { PaymentLedger } from './ledger.ts';
import type { Row } from './rows.ts';

/** Where the parts of the running local system answer; the defaults are those of `npm start`. */
export const LOCAL_URLS = {
  api: 'http://127.0.0.1:3000',
  inbox: 'http://127.0.0.1:8005',
  stripe: 'http://127.0.0.1:12111',
  dynamodb: 'http://127.0.0.1:8000',
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

/**
 * The table of the running local system, straight from its DynamoDB: for audits, and for what a script must
 * prepare in bulk. The local system has one table, so it needs no name.
 */
export async function openLocalTable(endpoint: string): Promise<Table> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'onsale', secretAccessKey: 'onsale' },
    maxAttempts: 2,
  });
  const { TableNames: names = [] } = await client.send(new ListTablesCommand({})).catch(() => {
    throw notRunning('DynamoDB', endpoint);
  });
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new AdviceError(
      `One table was expected at ${endpoint}, and there are ${names.length}: is that the local system?`,
    );
  }
  return tableOn(client, name);
}

/** Every row of `table`, read strongly page by page: whole only when nothing writes meanwhile. */
export async function readRows(table: Table): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    rows.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
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

/** Where the local runtime keeps the values of secrets, by parameter name. */
const SECRETS_FILE = 'secrets.json';
const SESSION_KEYS = '/onsale/local/session-keys';

/** The key ring that signs sessions of the local system whose state lies in `directory`. */
export function readLocalKeyRing(directory: string): KeyRing {
  const file = join(directory, SECRETS_FILE);
  try {
    const value = z.parse(z.record(z.string(), z.string()), JSON.parse(readFileSync(file, 'utf8')))[SESSION_KEYS];
    if (value === undefined) throw new Error(`no ${SESSION_KEYS}`);
    return parseKeyRing(value);
  } catch (error) {
    throw new AdviceError(
      `The session keys of the local system cannot be read from ${file} (${error instanceof Error ? error.message : String(error)}). Start it without --memory, or name its directory with --state.`,
    );
  }
}
