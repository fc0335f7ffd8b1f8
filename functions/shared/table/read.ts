import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

import type { Table } from './client.ts';
import { keyText, type Item, type Key } from './keys.ts';
import { isTransient, pause, StoreBusyError } from './commit.ts';

/** DynamoDB takes at most this many keys in one BatchGetItem. */
export const MOST_KEYS = 100;
const BATCH_ATTEMPTS = 8;
/** Times that a read is sent, each with the SDK's own attempts. */
const READ_ATTEMPTS = 3;

/** `strong` sees every write acknowledged before it; `eventual` costs half and may lag by a moment. */
export type Consistency = 'strong' | 'eventual';

/** Sends a read until it is answered. @throws StoreBusyError when the store stays throttled or silent */
async function answered<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (attempt === READ_ATTEMPTS) throw new StoreBusyError('The store stayed busy', { cause: error });
      await pause(attempt);
    }
  }
}

/** The item at `key`, or undefined. @throws StoreBusyError when the store stays throttled or silent */
export async function getItem(table: Table, key: Key, consistency: Consistency): Promise<Item | undefined> {
  const command = new GetCommand({ TableName: table.name, Key: { ...key }, ConsistentRead: consistency === 'strong' });
  const { Item: item } = await answered(() => table.client.send(command));
  return item === undefined ? undefined : asItem(item);
}

/**
 * The items at `keys`, in no order, absent ones left out. Unprocessed keys are asked for again.
 *
 * @throws StoreBusyError when keys stay unprocessed
 */
export async function getItems(table: Table, keys: readonly Key[], consistency: Consistency): Promise<readonly Item[]> {
  const unique = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  const found: Item[] = [];
  for (let start = 0; start < unique.length; start += MOST_KEYS) {
    let pending: readonly Record<string, unknown>[] = unique.slice(start, start + MOST_KEYS).map((key) => ({ ...key }));
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      if (attempt > BATCH_ATTEMPTS) throw new StoreBusyError('Keys stayed unprocessed');
      if (attempt > 1) await pause(attempt);
      const command = new BatchGetCommand({
        RequestItems: { [table.name]: { Keys: [...pending], ConsistentRead: consistency === 'strong' } },
      });
      const answer = await answered(() => table.client.send(command));
      found.push(...(answer.Responses?.[table.name] ?? []).map(asItem));
      pending = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
  }
  return found;
}

/** What to query: a partition, and optionally a range of its sort keys, forwards or backwards. */
export interface PartitionQuery {
  readonly pk: string;
  readonly skPrefix?: string;
  /** Only sort keys after this one in the direction of reading. */
  readonly after?: string;
  readonly index?: 'gsi1';
  readonly newestFirst?: boolean;
  readonly consistency?: Consistency;
  /** How many items to ask for at a time; without it, as many as DynamoDB puts into 1 MB. */
  readonly pageSize?: number;
}

/** Up to `limit` items of a partition and whether there are more; follows `LastEvaluatedKey` itself. */
export async function queryPage(
  table: Table,
  query: PartitionQuery,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = [];
  for await (const item of queryAll(table, { ...query, pageSize: limit + 1 })) {
    if (items.length === limit) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}

/** Every item of a partition, page by page. */
export async function* queryAll(table: Table, query: PartitionQuery): AsyncGenerator<Item> {
  const [pk, sk] = query.index === 'gsi1' ? ['gsi1pk', 'gsi1sk'] : ['pk', 'sk'];
  const names: Record<string, string> = { '#pk': pk };
  const values: Record<string, string> = { ':pk': query.pk };
  let condition = '#pk = :pk';
  if (query.after !== undefined) {
    names['#sk'] = sk;
    values[':after'] = query.after;
    condition += query.newestFirst === true ? ' AND #sk < :after' : ' AND #sk > :after';
  } else if (query.skPrefix !== undefined) {
    names['#sk'] = sk;
    values[':prefix'] = query.skPrefix;
    condition += ' AND begins_with(#sk, :prefix)';
  }
  let start: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ScanIndexForward: query.newestFirst !== true,
      ...(query.index === undefined ? { ConsistentRead: query.consistency === 'strong' } : { IndexName: query.index }),
      ...(query.pageSize === undefined ? {} : { Limit: query.pageSize }),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    const page = await answered(() => table.client.send(command));
    for (const item of page.Items ?? []) yield asItem(item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

function asItem(item: Record<string, unknown>): Item {
  if (typeof item['pk'] !== 'string' || typeof item['sk'] !== 'string') throw new Error('An item without its key');
  return { ...item, pk: item['pk'], sk: item['sk'] };
}
