import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

import { listShards, openShard, readShard } from '../../local/events/stream-reader.ts';
import { DynamoDbApi } from '../../local/services/dynamodb-api.ts';
import type { TestTable } from '../support/dynamodb.ts';

/** Reads the stream of a test's table, from where it left off. */
export interface TestStream {
  /** Every record since the last call, oldest first, as Lambda hands them over, but for those without `ev` (the filter). */
  read(): Promise<readonly DynamoDBRecord[]>;
}

/** Opens the stream of `table` at its beginning. */
export async function openStream({ table, endpoint }: TestTable): Promise<TestStream> {
  const { Table: described } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  const arn = described?.LatestStreamArn ?? '';
  const api = new DynamoDbApi(endpoint);
  const iterators = new Map<string, string>();
  return {
    read: async () => {
      for (const { id } of await listShards(api, arn)) {
        if (!iterators.has(id)) iterators.set(id, await openShard(api, arn, id, 'TRIM_HORIZON'));
      }
      const found: DynamoDBRecord[] = [];
      for (const [shard, first] of iterators) {
        let iterator: string | undefined = first;
        for (let empty = false; iterator !== undefined && !empty;) {
          const page: Awaited<ReturnType<typeof readShard>> = await readShard(api, iterator, 1_000);
          found.push(...page.records.map(lambdaRecord));
          empty = page.records.length === 0;
          iterator = page.next;
          if (iterator !== undefined) iterators.set(shard, iterator);
        }
      }
      return found.filter(({ dynamodb }) => dynamodb?.NewImage?.['ev'] !== undefined);
    },
  };
}

/** The API's record and Lambda's differ only in how they are typed. */
function lambdaRecord(record: Awaited<ReturnType<typeof readShard>>['records'][number]): DynamoDBRecord {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same JSON under two types
  return record as unknown as DynamoDBRecord;
}

/** Records in batches, as an event source mapping hands them over. */
export function streamEvents(records: readonly DynamoDBRecord[], batchSize = 100): readonly DynamoDBStreamEvent[] {
  const events: DynamoDBStreamEvent[] = [];
  for (let start = 0; start < records.length; start += batchSize) {
    events.push({ Records: records.slice(start, start + batchSize) });
  }
  return events;
}
