/** Prepares the table for the crowd of an on-sale. */
import { DescribeTableCommand, UpdateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { findEvent } from '../../functions/catalog/reads.ts';
import { findStockOnSale } from '../../functions/inventory/reads.ts';
import { holdsCarriedBy } from '../../functions/inventory/domain/spread.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { explain } from '../setup/errors.ts';

/** IAM actions of prewarming. */
const PERMISSIONS = [
  'cloudformation:DescribeStacks',
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:DescribeTable',
  'dynamodb:UpdateTable',
];

/**
 * Units that a second of one hold each takes of the table at once: a hold with a limit per person and the conflicts of a
 * crowd (docs/on-sale.md), and what it reads. What follows the hold is spread over the ten minutes that it lasts.
 */
const WRITES_A_HOLD = 8;
const READS_A_HOLD = 8;

/** What the table serves at once, in units a second. */
export interface Warm {
  readonly writes: number;
  readonly reads: number;
}

/** What an event needs, and why. */
export interface Need extends Warm {
  readonly title: string;
  /** Holds a second that its stock is split for. */
  readonly holdsPerSecond: number;
  readonly blocks: number;
}

/**
 * What the table must serve at once when an event goes on sale.
 *
 * @param holdsPerSecond in place of what the event's stock is split for
 * @returns undefined where there is no such event, or nothing of it is on sale
 */
export async function needOf(table: Table, eventId: string, holdsPerSecond?: number): Promise<Need | undefined> {
  const event = await findEvent(table, eventId);
  if (event === undefined) return undefined;
  const ids = event.ticketTypes.map(({ ticketTypeId }) => ticketTypeId);
  const { pools } = await findStockOnSale(table, ids);
  if (pools.length === 0) return undefined;
  const blocks = pools.reduce((sum, pool) => sum + pool.blocks, 0);
  const holds = holdsPerSecond ?? holdsCarriedBy(blocks);
  return {
    title: event.title,
    blocks,
    holdsPerSecond: holds,
    writes: holds * WRITES_A_HOLD,
    reads: holds * READS_A_HOLD,
  };
}

/** What the table serves at once now; undefined where the service does not tell, as the emulator. */
export async function warmNow(client: Pick<DynamoDBClient, 'send'>, tableName: string): Promise<Warm | undefined> {
  const { Table: found } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const { WriteUnitsPerSecond: writes, ReadUnitsPerSecond: reads } = found?.WarmThroughput ?? {};
  return writes === undefined || reads === undefined ? undefined : { writes, reads };
}

/** By what the table is to be raised, or undefined where it serves enough already. It cannot be lowered again. */
export function raised(now: Warm, need: Warm): Warm | undefined {
  const to = { writes: Math.max(now.writes, need.writes), reads: Math.max(now.reads, need.reads) };
  return to.writes === now.writes && to.reads === now.reads ? undefined : to;
}

/** Raises what the table serves at once. AWS does it in the background: minutes, for a large table longer. */
export async function prewarm(client: Pick<DynamoDBClient, 'send'>, tableName: string, to: Warm): Promise<void> {
  await client.send(
    new UpdateTableCommand({
      TableName: tableName,
      WarmThroughput: { WriteUnitsPerSecond: to.writes, ReadUnitsPerSecond: to.reads },
    }),
  );
}

/** One sentence about what ended it. */
export function explainPrewarm(error: unknown): string {
  return explain(error, PERMISSIONS);
}
