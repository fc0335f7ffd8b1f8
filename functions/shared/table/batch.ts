import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';

import type { Table } from './client.ts';
import { StoreBusyError } from './commit.ts';
import { keyText } from './keys.ts';
import { render } from './render.ts';
import type { Put } from './writes.ts';

/** DynamoDB takes at most this many items in one BatchWriteItem. */
const BATCH = 25;
const ATTEMPTS = 6;
const PAUSE_MS = 25;

/**
 * Puts items without conditions, in batches: for copies that are a function of their source, where a
 * second put writes the same again. Items of the same key are put once, the last one winning.
 *
 * @throws StoreBusyError when items stay unprocessed
 */
export async function putItems(table: Table, puts: readonly Put<never>[]): Promise<void> {
  const unique = [...new Map(puts.map((put) => [keyText(put.key), put])).values()];
  for (let start = 0; start < unique.length; start += BATCH) {
    let pending = unique
      .slice(start, start + BATCH)
      .map((put) => ({ PutRequest: { Item: render(put, table.name).Put?.Item ?? {} } }));
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      if (attempt > ATTEMPTS) throw new StoreBusyError('Items stayed unprocessed');
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * 2 ** attempt));
      const answer = await table.client.send(new BatchWriteCommand({ RequestItems: { [table.name]: pending } }));
      pending = (answer.UnprocessedItems?.[table.name] ?? []).map(({ PutRequest }) => ({
        PutRequest: { Item: PutRequest?.Item ?? {} },
      }));
    }
  }
}
