import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';

import { holdsCarriedBy, MOST_SPREAD, spreadFor } from '../../functions/inventory/domain/spread.ts';
import { prewarm, raised, warmNow } from '../../scripts/prewarm/prewarm.ts';

const dynamodb = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});
beforeEach(() => dynamodb.reset());

describe('prewarm', () => {
  it('reads what the table serves at once, and knows where nobody tells', async () => {
    dynamodb
      .on(DescribeTableCommand)
      .resolvesOnce({ Table: { WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000 } } })
      .resolvesOnce({ Table: {} });
    expect(await warmNow(client, 'table')).toEqual({ reads: 12_000, writes: 4_000 });
    expect(await warmNow(client, 'table')).toBeUndefined();
  });

  it('raises what is too little, and never asks for less than there is', () => {
    const now = { writes: 4_000, reads: 12_000 };
    expect(raised(now, { writes: 3_000, reads: 12_000 })).toBeUndefined();
    expect(raised(now, { writes: 64_000, reads: 3_000 })).toEqual({ writes: 64_000, reads: 12_000 });
  });

  it('asks for it by one call', async () => {
    dynamodb.on(UpdateTableCommand).resolves({});
    await prewarm(client, 'table', { writes: 64_000, reads: 64_000 });
    expect(dynamodb.commandCalls(UpdateTableCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { TableName: 'table', WarmThroughput: { WriteUnitsPerSecond: 64_000, ReadUnitsPerSecond: 64_000 } },
    ]);
  });

  it('expects no fewer holds than a pool was split for', () => {
    for (const holds of [7, 80, 500, 8_333])
      expect(holdsCarriedBy(spreadFor(holds, 1)), `${holds} holds`).toBeGreaterThanOrEqual(holds);
    expect(holdsCarriedBy(MOST_SPREAD)).toBeGreaterThan(10_000);
  });
});
