import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ModelDynamo, noUsage, type DynamoModel } from '../../scripts/simulate/dynamo.ts';
import { PARTITION_WRITES, Partitions } from '../../scripts/simulate/partitions.ts';
import { Chance } from '../../scripts/simulate/random.ts';
import { VirtualTime } from '../../scripts/simulate/virtual-time.ts';

const MODEL: DynamoModel = {
  lock: { from: 5, to: 25 },
  read: { from: 1, to: 4 },
  leg: { from: 0.5, to: 1.5 },
  warmWrites: 1_000_000,
};

/** Transactions that come at random to `blocks`, none of them tried again. */
async function storm(model: DynamoModel, perSecond: number, blocks: number, count: number) {
  const time = new VirtualTime();
  const dynamo = new ModelDynamo(time, new Chance(1, 'dynamo'), model);
  const chance = new Chance(2, 'storm');
  const usage = noUsage();
  const table = dynamo.tableFor(usage);
  let [taken, conflicts, throttles] = [0, 0, 0];
  const send = async (number: number): Promise<void> => {
    const block = Math.floor(chance.next() * blocks);
    const Update = {
      TableName: table.name,
      Key: { pk: `BLOCK#${block}`, sk: 'BLOCK' },
      UpdateExpression: 'ADD #0 :0',
      ExpressionAttributeNames: { '#0': 'taken' },
      ExpressionAttributeValues: { ':0': 1 },
    };
    const Put = { TableName: table.name, Item: { pk: `ORDER#${number}`, sk: 'ORDER' } };
    try {
      await table.client.send(
        new TransactWriteCommand({ TransactItems: [{ Put }, { Update }], ClientRequestToken: String(number) }),
      );
      taken += 1;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (codes.includes('TransactionConflict')) conflicts += 1;
      else throttles += 1;
    }
  };
  let at = 0;
  for (let number = 0; number < count; number += 1) {
    at += chance.gap(perSecond / 1_000);
    time.after(at, () => send(number));
  }
  await time.run();
  const counted = dynamo.twin.items().reduce((sum, item) => sum + Number(item['taken'] ?? 0), 0);
  return { taken, conflicts, throttles, counted, usage, seconds: time.now / 1_000 };
}

describe('the model of DynamoDB', () => {
  it.each([
    { perSecond: 80, blocks: 16 },
    { perSecond: 400, blocks: 16 },
    { perSecond: 400, blocks: 4 },
    { perSecond: 2_000, blocks: 256 },
  ])('lets as many transactions conflict as theory says: $perSecond a second on $blocks blocks', async (given) => {
    const { conflicts, taken } = await storm(MODEL, given.perSecond, given.blocks, 12_000);
    // Each block is a server without a queue: Erlang's loss formula, whatever the lengths of the locks.
    const load = (given.perSecond / given.blocks) * 0.015;
    expect(conflicts / (conflicts + taken)).toBeCloseTo(load / (1 + load), 1.8);
  });

  it('keeps what it took and nothing of what it refused, and bills both', async () => {
    const { taken, conflicts, throttles, counted, usage } = await storm(MODEL, 400, 4, 3_000);
    expect(taken + conflicts).toBe(3_000);
    expect(throttles).toBe(0);
    expect(counted).toBe(taken);
    expect(usage).toMatchObject({ transactions: 3_000, conflicts, writeUnits: 4 * 3_000 });
  });

  it('throttles a hot partition at a thousand write units a second, and bills nothing for that', async () => {
    const instant = { ...MODEL, lock: { from: 0, to: 0 }, warmWrites: 1 };
    const { taken, throttles, conflicts, usage, seconds } = await storm(instant, 1_000, 64, 6_000);
    expect(conflicts).toBe(0);
    expect(throttles).toBe(6_000 - taken);
    expect(usage.writeUnits).toBe(4 * taken);
    // What the first second began with, and a thousand for each second since.
    expect(usage.writeUnits / PARTITION_WRITES).toBeGreaterThan(seconds - 0.1);
    expect(usage.writeUnits / PARTITION_WRITES).toBeLessThan(seconds + 1.1);
  });

  it('spreads keys over the partitions of a warm table', () => {
    const partitions = new Partitions(50_000);
    expect(partitions.count).toBe(50);
    const keys = Array.from({ length: 50_000 }, (_unused, number) => partitions.of(`POOL#01ABC#B${number}`));
    for (let partition = 0; partition < 50; partition += 1) {
      const share = keys.filter((each) => each === partition).length;
      expect(share).toBeGreaterThan(800);
      expect(share).toBeLessThan(1_200);
    }
  });
});

describe('virtual time', () => {
  it('comes to every moment in its order, those that come up on the way included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 50 }), { maxLength: 60 }), async (delays) => {
        const time = new VirtualTime();
        const seen: { at: number; number: number }[] = [];
        for (const [number, delay] of delays.entries())
          time.after(delay, async () => {
            seen.push({ at: time.now, number });
            await time.sleep(delay);
            seen.push({ at: time.now, number: number + delays.length });
          });
        await time.run();
        expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).toSorted((left, right) => left - right));
        expect(seen.length).toBe(2 * delays.length);
        // Of moments at the same time, the one that was asked for first.
        const first = seen.filter(({ number }) => number < delays.length);
        const late = first.filter(({ at, number }, index) => {
          const next = first[index + 1];
          return next?.at === at && next.number < number;
        });
        expect(late).toEqual([]);
      }),
    );
  });

  it('gives clock and chance back, also when what it governs fails', async () => {
    const [setTimeout, random, traced] = [globalThis.setTimeout, Math.random, Error.stackTraceLimit];
    const time = new VirtualTime();
    const work = time.govern(
      () => 0.25,
      async () => {
        expect(Math.random()).toBe(0.25);
        const woken = new Promise((resolve) => globalThis.setTimeout(resolve, 3_600_000));
        await time.run();
        await woken;
        expect(time.now).toBe(3_600_000);
        throw new Error('as it happens');
      },
    );
    await expect(work).rejects.toThrow('as it happens');
    expect([globalThis.setTimeout, Math.random, Error.stackTraceLimit]).toEqual([setTimeout, random, traced]);
  });
});
