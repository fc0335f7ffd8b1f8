import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { commit, StoreBusyError } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { makeBundles, type Bundles } from '../../scripts/bench/bundles.ts';
import { loadHandlers } from '../../scripts/bench/flows.ts';
import type { BenchContext } from '../../scripts/bench/row.ts';
import { COUNT_ROWS } from '../../scripts/bench/rows-counts.ts';
import { measureMails } from '../../scripts/bench/rows-mail.ts';
import { probe, START_GOALS } from '../../scripts/bench/rows-start.ts';
import { startWorld, type BenchWorld } from '../../scripts/bench/world.ts';
import { dynamoDbEndpoint, testClient } from '../support/dynamodb.ts';

let bundles: Bundles;
let world: BenchWorld;
let context: BenchContext;

beforeAll(async () => {
  bundles = await makeBundles();
  world = await startWorld(dynamoDbEndpoint());
  context = { world, bundles, handlers: loadHandlers(world, bundles), http: undefined, progress: () => undefined };
});

afterAll(async () => {
  await world.close();
  bundles.remove();
});

/**
 * Write units of one order that is alone in every batch of the stream, with its entries in all lists: what a quiet day
 * costs. The goal of 18 is for what the table of goals names, and for orders in batches with all their lists.
 */
const QUIET_DAY_CEILING = 21;

describe('what an order costs, counted on the wire', () => {
  it.each(COUNT_ROWS)('$metric stays within $goal', async ({ measure }) => {
    const { met, figure, terms } = await measure(context);
    expect(met, `${figure}\n${terms.join('\n')}`).toBe(true);
  });

  it('an order on a quiet day gets no dearer', async () => {
    const row = COUNT_ROWS.find(({ id }) => id === 'whole-flow');
    const measured = await row?.measure(context);
    expect(measured?.values['alone'], measured?.terms.join('\n')).toBeLessThanOrEqual(QUIET_DAY_CEILING);
    // A sum without terms would be within any ceiling.
    expect(measured?.values['alone']).toBeGreaterThan(10);
  });

  it('each of several orders that are paid at once has its mail', async () => {
    const { mails, about } = await measureMails(context, 12, 3);
    expect({ mails, about }).toEqual({ mails: 12, about: 12 });
  });

  it('every function starts from its bundle with what the world sets', async () => {
    expect(bundles.sizes.length).toBeGreaterThan(20);
    const failed: string[] = [];
    for (const { entry } of bundles.sizes) {
      const why = await probe(bundles.pathOf(entry), world.environment).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (why !== undefined) failed.push(`${entry}: ${/Error: [^\n]*/.exec(why.replace(/^Error: /, ''))?.[0] ?? why}`);
    }
    expect(failed).toEqual([]);
  });

  it('the bundle of the hold function stays within its goal', () => {
    const hold = bundles.sizes.find(({ entry }) => entry === 'reservations/handlers/http-hold.ts');
    expect(hold?.bytes).toBeLessThanOrEqual(START_GOALS.bundleBytes);
    expect(hold?.bytes).toBeGreaterThan(10_000);
  });
});

describe('the meter on the wire', () => {
  const put = (pk: string) =>
    ({ kind: 'put', key: { pk, sk: 'X' }, item: { n: 1 }, otherwise: mustHold('no condition') }) as const;

  it('sees every write and passes it on', async () => {
    const client = testClient({ endpoint: world.proxy.url });
    const table = tableOn(client, world.table.name);
    world.meter.reset();
    await world.meter.during('two', () => commit(table, [put('METER#1'), put('METER#2')]));
    await world.meter.during('one', () => commit(table, [put('METER#1')]));
    client.destroy();
    expect(world.meter.total('write', 'two')).toBe(4);
    expect(world.meter.total('write', 'one')).toBe(1);
    expect(world.meter.calls.map(({ operation }) => operation)).toEqual(['TransactWriteItems', 'PutItem']);
  });

  it('injects conflicts that the SDK and the table take for those of AWS', async () => {
    const client = testClient({ endpoint: world.proxy.url });
    const table = tableOn(client, world.table.name);
    world.proxy.conflictRate = 1;
    try {
      await expect(commit(table, [put('METER#3'), put('METER#4')])).rejects.toBeInstanceOf(StoreBusyError);
      await expect(commit(table, [put('METER#3')])).rejects.toBeInstanceOf(StoreBusyError);
    } finally {
      world.proxy.conflictRate = 0;
      client.destroy();
    }
    expect(world.proxy.conflicts).toBeGreaterThan(2);
  });
});
