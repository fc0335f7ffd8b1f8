import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod/mini';

import { DynamoDbApi } from '../../local/services/dynamodb-api.ts';
import { closeServer, HOST, listen } from '../../local/ports.ts';
import type { Image, IndexShape } from './capacity.ts';
import { queryCharge, readCharge, writeCharges, type Charge, type Meter, type RowChange } from './meter.ts';

/** A DynamoDB endpoint that meters whatever passes, and can make it fail as AWS does. */
export interface MeteringProxy {
  readonly url: string;
  /** Whether requests are metered; without it they only pass. */
  metering: boolean;
  /** Which of the writes are answered with `TransactionConflict`, 0 to 1; nothing has changed then. */
  conflictRate: number;
  /** Writes that were answered so. */
  conflicts: number;
  close(): Promise<void>;
}

type Values = Readonly<Record<string, AttributeValue>>;

const image = z.custom<Image>((value) => typeof value === 'object' && value !== null);
const action = z.object({
  Key: z.optional(image),
  Item: z.optional(image),
});
const body = z.object({
  TableName: z.optional(z.string()),
  Key: z.optional(image),
  Item: z.optional(image),
  ConsistentRead: z.optional(z.boolean()),
  ExpressionAttributeValues: z.optional(image),
  TransactItems: z.optional(z.array(z.record(z.string(), action))),
  RequestItems: z.optional(z.record(z.string(), z.unknown())),
});
type Body = z.infer<typeof body>;
const batchKeys = z.object({ Keys: z.array(image), ConsistentRead: z.optional(z.boolean()) });
const batchWrites = z.array(
  z.object({ PutRequest: z.optional(z.object({ Item: image })), DeleteRequest: z.optional(z.object({ Key: image })) }),
);
const answer = z.object({
  Item: z.optional(image),
  Items: z.optional(z.array(image)),
  Responses: z.optional(z.unknown()),
});

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'];

/**
 * Starts it in front of the DynamoDB Local at `target`. Handlers run unmodified with their own SDK clients
 * and reach it by `AWS_ENDPOINT_URL_DYNAMODB`; sizes come from the items themselves, read before and after
 * each write behind the handlers' backs, so metered requests must come one at a time where they write.
 */
export async function startMeteringProxy(
  target: string,
  tableName: string,
  indexes: readonly IndexShape[],
  meter: Meter,
): Promise<MeteringProxy> {
  const api = new DynamoDbApi(target);
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });

  const read = async (Key: Image): Promise<Image | undefined> =>
    z.parse(answer, await api.call('DynamoDB_20120810.GetItem', { TableName: tableName, Key, ConsistentRead: true }))
      .Item;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await buffer(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const writes = WRITES.includes(operation);
    if (writes && operation !== 'BatchWriteItem' && Math.random() < proxy.conflictRate) {
      proxy.conflicts += 1;
      const [status, told] = conflict(operation, sent);
      return void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(told);
    }
    if (!proxy.metering) {
      const passed = await forward(target, agent, incoming, sent);
      return void response.writeHead(passed.status, passed.headers).end(passed.body);
    }
    const asked = z.parse(body, JSON.parse(sent.toString()));
    const keys = writes ? writtenKeys(operation, asked) : [];
    const before = await Promise.all(keys.map(read));
    const startedAt = performance.now();
    const passed = await forward(target, agent, incoming, sent);
    const endedAt = performance.now();
    const after = await Promise.all(keys.map(read));
    const changes = keys.map((_key, index): RowChange => ({ before: before[index], after: after[index] }));
    const ok = passed.status === 200;
    const charges = writes
      ? changes.flatMap((change, index) =>
          writeCharges(change, keys[index] ?? {}, operation === 'TransactWriteItems', indexes),
        )
      : readCharges(operation, asked, ok ? z.parse(answer, JSON.parse(passed.body.toString())) : {});
    meter.note({ operation, charges, changes: ok ? changes.filter(changed) : [], startedAt, endedAt, ok });
    response.writeHead(passed.status, passed.headers).end(passed.body);
  };

  const port = await listen(server, { port: 0, use: 'the meter', flag: '' });
  const proxy: MeteringProxy = {
    url: `http://${HOST}:${port}`,
    metering: true,
    conflictRate: 0,
    conflicts: 0,
    close: async () => {
      agent.destroy();
      await closeServer(server);
    },
  };
  return proxy;
}

function changed({ before, after }: RowChange): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

const keyOf = (item: Values | undefined): Image => {
  const { pk, sk } = item ?? {};
  return { ...(pk === undefined ? {} : { pk }), ...(sk === undefined ? {} : { sk }) };
};

function writtenKeys(operation: string, { Key, Item, TransactItems, RequestItems }: Body): readonly Image[] {
  if (operation === 'TransactWriteItems') {
    // A condition check is billed like a write of its item.
    return (TransactItems ?? []).flatMap((entry) =>
      Object.values(entry).map((write) => keyOf(write.Key ?? write.Item)),
    );
  }
  if (operation === 'BatchWriteItem') {
    return Object.values(RequestItems ?? {}).flatMap((list) =>
      z.parse(batchWrites, list).map(({ PutRequest, DeleteRequest }) => keyOf(DeleteRequest?.Key ?? PutRequest?.Item)),
    );
  }
  return [keyOf(Key ?? Item)];
}

function readCharges(operation: string, asked: Body, told: z.infer<typeof answer>): readonly Charge[] {
  const strength = asked.ConsistentRead === true ? 'strong' : 'eventual';
  switch (operation) {
    case 'GetItem':
      return [readCharge(told.Item, asked.Key ?? {}, strength)];
    case 'BatchGetItem':
      return Object.entries(asked.RequestItems ?? {}).flatMap(([table, list]) => {
        const { Keys, ConsistentRead } = z.parse(batchKeys, list);
        const found = z.parse(z.optional(z.record(z.string(), z.array(image))), told.Responses)?.[table] ?? [];
        const byKey = new Map(found.map((item) => [JSON.stringify(keyOf(item)), item]));
        return Keys.map((key) =>
          readCharge(byKey.get(JSON.stringify(keyOf(key))), key, ConsistentRead === true ? 'strong' : 'eventual'),
        );
      });
    case 'TransactGetItems': {
      const found = z.parse(z.array(z.object({ Item: z.optional(image) })), told.Responses ?? []);
      return found.map(({ Item }) => readCharge(Item, keyOf(Item), 'transactional'));
    }
    case 'Query':
    case 'Scan':
      return [queryCharge(told.Items ?? [], asked.ExpressionAttributeValues?.[':pk'], strength)];
    default:
      return [];
  }
}

/** The answer that AWS gives when another transaction is on the item. */
function conflict(operation: string, sent: Buffer): readonly [number, string] {
  const message = 'Transaction is ongoing for the item';
  if (operation !== 'TransactWriteItems') {
    return [400, JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException', message })];
  }
  const { TransactItems = [] } = z.parse(body, JSON.parse(sent.toString()));
  const hit = Math.floor(Math.random() * TransactItems.length);
  const CancellationReasons = TransactItems.map((_entry, index) =>
    index === hit ? { Code: 'TransactionConflict', Message: message } : { Code: 'None' },
  );
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  return [
    400,
    JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons,
    }),
  ];
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(target: string, agent: Agent, incoming: IncomingMessage, sent: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const call = request(
      target,
      { method: 'POST', agent, headers: { ...incoming.headers, host: new URL(target).host } },
      (reply) => {
        buffer(reply).then(
          (received) => resolve({ status: reply.statusCode ?? 502, headers: reply.headers, body: received }),
          reject,
        );
      },
    );
    call.on('error', reject);
    call.end(sent);
  });
}
