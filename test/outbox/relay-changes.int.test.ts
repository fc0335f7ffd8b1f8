import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import { readTimeline, type Order } from '../../functions/orders/reads.ts';
import { markReturnDue } from '../../functions/orders/writes.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { foldTimeline } from '../../functions/outbox/domain/relay.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { streamFunction, type StreamChange } from '../../functions/shared/runtime/stream.ts';
import { chainHash } from '../../functions/shared/table/aggregate.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { dueEntries, enlist, rememberRun } from '../../functions/shared/table/due-list.ts';
import { readSteps } from '../../functions/shared/table/timeline.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { TEST_CONTEXT } from '../support/http.ts';
import { afterHold, at, startWorld, type World } from '../workflows/world.ts';
import { verifyPartition } from '../../scripts/audit/verify.ts';
import { openStream, streamEvents, type TestStream } from './stream.ts';

const timelineRow = z.object({
  ver: z.number(),
  ev: z.string(),
  at: z.number(),
  cid: z.string(),
  by: z.string(),
  ch: z.string(),
  set: z.record(z.string(), z.unknown()),
  removed: z.array(z.string()),
});

let world: World;
let stream: TestStream;

beforeAll(async () => {
  world = await startWorld();
  stream = await openStream(world.db);
});
afterAll(() => world.close());

/** The relay's function, with a queue of the test's own if given. */
function relay(sqs: SQSClient = world.queues.sqs): (records: readonly DynamoDBRecord[]) => Promise<readonly string[]> {
  const handler = streamFunction((changes) =>
    relayChanges({ table: world.table, sqs, queueUrls: world.queues.urls }, changes, world.start),
  );
  return async (records) => {
    const failed: string[] = [];
    for (const event of streamEvents(records)) {
      failed.push(
        ...(await handler(event, TEST_CONTEXT)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
      );
    }
    return failed;
  };
}

async function paidOrder(): Promise<Order> {
  const order = await world.order(await world.putOnSale());
  await world.pay(order);
  await world.machine.run({ orderId: order.orderId }, world.start);
  return world.reload(order);
}

async function due(kind: 'LAPSED_HOLDS' | 'PURCHASE_RUNS', now: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const entry of dueEntries(world.table, kind, now)) ids.push(...entry.ids);
  return ids;
}

describe('relaying', () => {
  it('the same batch twice writes the same rows and repeats the same messages', async () => {
    await stream.read();
    const order = await paidOrder();
    const records = await stream.read();
    // The pool that was put on sale, and the four steps of the order.
    expect(records).toHaveLength(5);

    expect(await relay()(records)).toEqual([]);
    const once = await world.db.items();
    const messages = await world.queues.drain('tickets');
    expect(await relay()(records)).toEqual([]);

    const byKey = (rows: typeof once): readonly string[] => rows.map((row) => JSON.stringify(row)).toSorted();
    expect(byKey(await world.db.items())).toEqual(byKey(once));
    expect(messages.map(({ id }) => id)).toEqual([`order/${order.orderId}/4`]);
    expect(await world.queues.drain('tickets')).toEqual(messages);
  });

  it('a timeline folds to its row and its chain verifies, through every kind of change', async () => {
    const type = await world.putOnSale({ capacity: 3, maxPerPerson: 3 });
    const order = await world.order(type, 3);
    await world.pay(order, 'pm_card_chargeDeclined');
    await world.machine.run({ orderId: order.orderId }, world.start);
    await cancelOrder(world.table, order, at(world.start));
    await relay()(await stream.read());

    const { pk, sk } = await world.reload(order);
    const entries: z.infer<typeof timelineRow>[] = [];
    for await (const step of readSteps(world.table, pk)) entries.push(z.parse(timelineRow, step));
    expect(entries.map(({ ev }) => ev)).toEqual([
      'reservations.TicketsHeld.v1',
      'orders.OrderCreated.v1',
      'orders.OrderSecured.v1',
      'orders.PaymentDeclined.v1',
      'orders.OrderCancelled.v1',
    ]);
    const row = (await world.db.items()).find((item) => item['pk'] === pk && item['sk'] === sk);
    expect(foldTimeline({ pk, sk }, entries)).toEqual(row);
    let previous = '';
    for (let length = 1; length <= entries.length; length += 1) {
      const folded = foldTimeline({ pk, sk }, entries.slice(0, length));
      expect(folded['ch']).toBe(chainHash(previous, folded));
      previous = String(folded['ch']);
    }
    expect(await readTimeline(world.table, order.orderId)).toHaveLength(5);
  });

  it('steps that come again in other batches are told once, and the order is in order', async () => {
    await relay()(await stream.read());
    const order = await paidOrder();
    const records = await stream.read();
    for (const cut of [[records], records.map((record) => [record]), [records.slice(0, 3), records.slice(3)]])
      for (const batch of cut) expect(await relay()(batch)).toEqual([]);
    expect((await readTimeline(world.table, order.orderId)).map(({ ver }) => ver)).toEqual([1, 2, 3, 4]);
    const rows = (await world.db.items()).filter(({ pk }) => pk === `ORDER#${order.orderId}`);
    expect(rows.map(({ sk }) => sk)).toContain('TL#000003+');
    expect(verifyPartition(rows)).toMatchObject({ steps: 4, differences: [] });
  });

  it('lists holds for when they lapse, and a run only while it has not ended', async () => {
    await relay()(await stream.read());
    const held = await world.hold(await world.putOnSale());
    const open = await world.order(await world.putOnSale());
    await world.pay(open);
    world.machine.plan({ state: 'CapturePayment', kind: 'KILL_BEFORE' });
    await world.machine.run({ orderId: open.orderId }, world.start);
    const done = await paidOrder();
    await relay()(await stream.read());

    expect(await due('LAPSED_HOLDS', held.expiresAt - MINUTE)).not.toContain(held.orderId);
    expect(await due('LAPSED_HOLDS', held.expiresAt + MINUTE)).toEqual(
      expect.arrayContaining([held.orderId, open.orderId, done.orderId]),
    );
    const watched = await due('PURCHASE_RUNS', world.start + 4 * MINUTE);
    expect(watched).toContain(open.orderId);
    expect(watched).not.toContain(done.orderId);
  });

  it('watches an order whose money is due back, so that a dead run does not keep it', async () => {
    const order = await world.order(await world.putOnSale());
    await world.relay();
    await world.sweep(afterHold(world));
    const expired = await world.reload(order);
    await commit(world.table, [
      markReturnDue(expired, 'SOLD_OUT', at(world.start), mustHold('nobody else is there')).write,
    ]);
    await relay()(await stream.read());
    expect(await due('PURCHASE_RUNS', world.start + 4 * MINUTE)).toContain(order.orderId);
    expect(
      (await world.queues.drain('payments')).filter(({ name }) => name === 'orders.PaymentReturnDue.v1'),
    ).toHaveLength(1);
  });

  it('lists a hold once more that a sweep by a fast clock has dealt with and a run by a slow one reopens', async () => {
    const order = await world.order(await world.putOnSale());
    await relay()(await stream.read());
    await world.sweep(afterHold(world));
    expect((await world.reload(order)).state).toBe('EXPIRED');
    expect(await due('LAPSED_HOLDS', order.expiresAt + MINUTE)).not.toContain(order.orderId);

    // Nothing was paid, so the run that has taken the stock again leaves the rest of the hold to another card.
    await world.machine.run({ orderId: order.orderId }, world.start);
    expect((await world.reload(order)).state).toBe('PENDING');
    await relay()(await stream.read());
    expect(await due('LAPSED_HOLDS', order.expiresAt + MINUTE)).toContain(order.orderId);
  });

  it('lists what is overdue already for now, when the stream has lagged behind', async () => {
    await relay()(await stream.read());
    const old = await world.hold(await world.putOnSale(), 1, { now: world.start - 50 * MINUTE });
    await relay()(await stream.read());
    expect(await due('LAPSED_HOLDS', world.start + MINUTE)).toContain(old.orderId);
  });
});

describe('a due-list', () => {
  it('is read from a quarter of an hour before the last complete run, however long ago that was', async () => {
    const done = world.start + 60 * MINUTE;
    await rememberRun(world.table, 'PURCHASE_RUNS', done);
    await putItems(world.table, enlist('PURCHASE_RUNS', done - 10 * MINUTE, ['came late']));
    await putItems(world.table, enlist('PURCHASE_RUNS', done + 10 * MINUTE, ['came in an outage']));
    const found = await due('PURCHASE_RUNS', done + 90 * MINUTE);
    expect(found).toEqual(expect.arrayContaining(['came late', 'came in an outage']));
  });
});

describe('a queue that does not take its messages', () => {
  it.each([
    [
      'throws',
      (mock: ReturnType<typeof mockClient>) => mock.on(SendMessageBatchCommand).rejects(new Error('SQS is down')),
    ],
    [
      'refuses one of a batch',
      (mock: ReturnType<typeof mockClient>) =>
        mock
          .on(SendMessageBatchCommand)
          .resolves({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }], Successful: [] }),
    ],
  ])('(%s) leaves the first record that is not relayed to come again, and nothing after it', async (_how, breaks) => {
    await relay()(await stream.read());
    const order = await paidOrder();
    const records = await stream.read();
    const sqs = new SQSClient({});
    const mock = mockClient(sqs);
    breaks(mock);
    const paid = records.find(({ dynamodb }) => dynamodb?.NewImage?.['ev']?.S === 'orders.OrderPaid.v1');
    expect(await relay(sqs)(records)).toEqual([paid?.dynamodb?.SequenceNumber]);
    // Rows are written before messages: nothing is lost by trying again.
    expect(await readTimeline(world.table, order.orderId)).toHaveLength(4);
    await world.queues.drain('tickets');
    expect(await relay()(records)).toEqual([]);
    expect((await world.queues.drain('tickets')).map(({ aggregate }) => aggregate.id)).toEqual([order.orderId]);
  });
});

describe('a poison record', () => {
  it('is named, after everything before it was relayed and before any message after it', async () => {
    await relay()(await stream.read());
    await world.queues.drain('tickets');
    const order = await paidOrder();
    const records = await stream.read();
    const [first, second, ...rest] = records;
    if (first === undefined || second === undefined) throw new Error('no records');
    const image = { ...second.dynamodb?.NewImage, ev: { S: 'orders.Nonsense.v1' } };
    const poison: DynamoDBRecord = {
      ...second,
      dynamodb: { ...second.dynamodb, NewImage: image, SequenceNumber: 'poison' },
    };
    expect(await relay()([first, poison, ...rest])).toEqual(['poison']);
    expect((await readTimeline(world.table, order.orderId)).map(({ ver }) => ver)).toContain(1);
    expect(await world.queues.drain('tickets')).toEqual([]);
  });

  it('copies in the timeline, deletions and rows without a mark are not news', async () => {
    const seen: StreamChange[] = [];
    const handler = streamFunction(async (changes) => void seen.push(...changes));
    const key = { pk: { S: 'ORDER#1' }, sk: { S: 'TL#000001' } };
    const records: DynamoDBRecord[] = [
      { dynamodb: { SequenceNumber: '1', NewImage: { ...key, ev: { S: 'orders.OrderPaid.v1' } } } },
      { dynamodb: { SequenceNumber: '2', OldImage: { ...key, sk: { S: 'ORDER' }, ev: { S: 'orders.OrderPaid.v1' } } } },
      { dynamodb: { SequenceNumber: '3', NewImage: { pk: { S: 'TT#1#B0' }, sk: { S: 'BLOCK' }, free: { N: '1' } } } },
    ];
    expect(await handler({ Records: records }, TEST_CONTEXT)).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([]);
  });
});
