import middy from '@middy/core';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

import { marked, type Marked } from '../table/aggregate.ts';
import type { Item, Key } from '../table/keys.ts';
import { logFault } from './log.ts';

/** A change of an aggregate as the table's stream reports it. */
export interface StreamChange {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Marked & Item;
}

/**
 * The bundle for functions behind the table's stream. The batch is taken whole; when it fails it is taken
 * again record by record, so that the answer names the first one that cannot be taken and the event source
 * retries from there.
 */
export function streamFunction(
  take: (changes: readonly StreamChange[]) => Promise<void>,
): (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse> {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records: records }) => {
    try {
      await take(records.flatMap(changeOf));
      return { batchItemFailures: [] };
    } catch (error) {
      logFault('OUTBOX_RECORD_FAULT', error, { records: records.length });
    }
    for (const record of records) {
      try {
        await take(changeOf(record));
      } catch (error) {
        const itemIdentifier = record.dynamodb?.SequenceNumber ?? '';
        logFault('OUTBOX_RECORD_FAULT', error, { sequenceNumber: itemIdentifier });
        return { batchItemFailures: [{ itemIdentifier }] };
      }
    }
    return { batchItemFailures: [] };
  });
}

/**
 * The bundle for functions that only need to know which items have changed, and look at them themselves: doing so twice
 * changes nothing, so a batch that fails is taken again as a whole.
 */
export function changedKeysFunction(
  take: (keys: readonly Key[], correlationId: string) => Promise<void>,
): (event: DynamoDBStreamEvent, context: Context) => Promise<void> {
  return middy<DynamoDBStreamEvent, void>().handler(async ({ Records: records }, { awsRequestId }) => {
    const keys = records.flatMap(({ dynamodb }): Key[] => {
      const { pk, sk } = imageOf(dynamodb?.Keys) ?? {};
      return typeof pk === 'string' && typeof sk === 'string' ? [{ pk, sk }] : [];
    });
    try {
      await take(keys, awsRequestId);
    } catch (error) {
      logFault('AVAILABILITY_FAULT', error, { records: records.length });
      throw error;
    }
  });
}

function changeOf({ dynamodb }: DynamoDBRecord): StreamChange[] {
  const after = imageOf(dynamodb?.NewImage);
  if (after === undefined || typeof after['ev'] !== 'string') return [];
  const { pk, sk } = after;
  if (typeof pk !== 'string' || typeof sk !== 'string') throw new Error('A stream record without its key');
  // Copies of a change carry its event too; only the aggregate itself is news.
  if (sk.startsWith('TL#')) return [];
  return [{ before: imageOf(dynamodb?.OldImage), after: marked({ ...after, pk, sk }) }];
}

/** Lambda's and the SDK's types of an attribute value differ only in how they write bytes. */
function imageOf(image: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  if (image === undefined) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two type packages describe one wire format
  return unmarshall(image as Record<string, AttributeValue>);
}
