import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';

import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { planHold, toOrderLines } from '../../functions/reservations/domain/hold.ts';
import { takeFromBlock } from '../../functions/inventory/writes.ts';
import { ticketTypeKey } from '../../functions/inventory/keys.ts';
import { putReservation } from '../../functions/orders/writes.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { sessionKey, type SessionRef } from '../../functions/shared/runtime/session.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { render } from '../../functions/shared/table/render.ts';
import { mustHold, type Write } from '../../functions/shared/table/writes.ts';
import { AdviceError, openLocalTable, readLocalKeyRing, type LocalSystem } from '../audit/local-system.ts';
import { ApiClient } from '../demo/client.ts';
import { draftEvent, logIn, publishEvent } from '../demo/event.ts';
import { reservation } from '../demo/shapes.ts';
import { mintSession } from '../../functions/users/app/mint-session.ts';
import { askHold, loadUnmetered } from './flows.ts';
import type { HttpHandler } from './invoke.ts';
import { figure, median, type BenchContext, type BenchRow, type Measured } from './row.ts';
import { openTicketType, signIn } from './world.ts';

/** Requests at a time, as many as a small instance would see, and how many make one sample. */
const AT_A_TIME = 8;
const SAMPLE = 160;
const SAMPLES = 5;

/** Does `work` `SAMPLE` times, `AT_A_TIME` at once. @returns milliseconds */
async function sample(work: () => Promise<void>): Promise<number> {
  let left = SAMPLE;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
  return performance.now() - startedAt;
}

/** The reads and the transaction of a hold and nothing else, on a table: what the handler is held against. */
async function rawHolds(table: Table, session: SessionRef, ticketTypeId: string): Promise<() => Promise<void>> {
  const types = await findTicketTypes(table, [ticketTypeId]);
  const now = Date.now();
  const planned = planHold([{ ticketTypeId, quantity: 1 }], types, now);
  if (!planned.ok) throw new Error(`The bench cannot hold: ${planned.error.code}`);
  const { lines, total } = planned.value;
  const { blocks = 1, poolId = '' } = types.get(ticketTypeId) ?? {};
  let holds = 0;
  return async () => {
    holds += 1;
    const orderId = ulid();
    const take = { block: holds % blocks, quantity: 1 };
    const writes: readonly Write<unknown>[] = [
      putReservation(
        {
          orderId,
          customerId: session.userId,
          number: 'ON-0000-0000',
          lines: toOrderLines(lines, new Map([[ticketTypeId, { takes: [take] }]])),
          currency: total.currency,
          total: total.amount,
          expiresAt: now + 10 * MINUTE,
          requestHash: 'A'.repeat(22),
        },
        { now, correlationId: orderId, by: 'system' },
        mustHold('the id is new'),
      ),
      takeFromBlock({ poolId, take }, { now, windows: [0] }, mustHold('there is enough')),
    ];
    await Promise.all([
      table.client.send(
        new GetCommand({ TableName: table.name, Key: { ...sessionKey(session) }, ConsistentRead: true }),
      ),
      table.client.send(
        new BatchGetCommand({ RequestItems: { [table.name]: { Keys: [{ ...ticketTypeKey(ticketTypeId) }] } } }),
      ),
    ]);
    await table.client.send(
      new TransactWriteCommand({ TransactItems: writes.map((write) => render(write, table.name)) }),
    );
  };
}

/** Samples of both in turns. @returns throughput of `handler` ÷ that of `raw`, the median of the turns */
async function compare(
  handler: () => Promise<void>,
  raw: () => Promise<void>,
  progress: (text: string) => void,
): Promise<readonly number[]> {
  await sample(handler);
  await sample(raw);
  const ratios: number[] = [];
  for (let turn = 1; turn <= SAMPLES; turn += 1) {
    progress(`throughput, sample ${turn} of ${SAMPLES}`);
    // Whoever goes second may find the emulator warmer, so they take turns at that too.
    if (turn % 2 === 0) {
      const [first, second] = [await sample(handler), await sample(raw)];
      ratios.push(second / first);
    } else {
      const [first, second] = [await sample(raw), await sample(handler)];
      ratios.push(first / second);
    }
  }
  return ratios;
}

async function throughput(context: BenchContext): Promise<Measured> {
  const { world, bundles, progress } = context;
  const ticketTypeId = await openTicketType(world, 100_000);
  const buyer = await signIn(world);
  const holdWith = async (handler: HttpHandler): Promise<void> => {
    const { status } = await askHold({ hold: handler }, buyer, ticketTypeId, 1);
    if (status !== 201) throw new Error(`A hold answered ${status}`);
  };
  const handler = await loadUnmetered(world, bundles, holdWith);
  const client = new DynamoDBClient({
    endpoint: world.dynamoDbUrl,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'onsalebench', secretAccessKey: 'onsalebench' },
  });
  try {
    const hold = (): Promise<void> => holdWith(handler);
    const raw = await rawHolds(tableOn(client, world.table.name), buyer, ticketTypeId);
    const ratios = await compare(hold, raw, progress);
    const inProcess = median(ratios);
    const http = context.http === undefined ? undefined : median(await overHttp(context.http, progress));
    return {
      figure: `${figure(inProcess)} in process; ${http === undefined ? 'over HTTP not measured (--http)' : `${figure(http)} over HTTP`}`,
      met: undefined,
      terms: [
        `holds ÷ the same two reads and transaction by the bare SDK, ${AT_A_TIME} at a time, ${SAMPLES} turns of ${SAMPLE}: ${ratios.map(figure).join(', ')}`,
        'reported, not asserted: it leans on how the machine shares its cores between node and the emulator',
      ],
      values: { inProcess, ...(http === undefined ? {} : { http }) },
    };
  } finally {
    client.destroy();
  }
}

/** The same against the hold function of a running local system, on that system's own table. */
async function overHttp(system: LocalSystem, progress: (text: string) => void): Promise<readonly number[]> {
  const api = new ApiClient(system.url);
  const { token: organizer } = await logIn(api, 'organizer@onsale.example');
  const draft = await draftEvent(api, organizer, { title: 'Bench', tickets: 100_000, price: 2_500 });
  const ticketTypeId = (await publishEvent(api, organizer, draft.id)).ticketTypes[0]?.id;
  if (ticketTypeId === undefined) throw new AdviceError('The published event shows no ticket type.');
  const table = openLocalTable(system);
  try {
    const now = Date.now();
    const minted = await mintSession(table, await readLocalKeyRing(system), {
      userId: ulid(now),
      roles: ['customer'],
      memberships: [],
      now,
    });
    const body = { items: [{ ticketTypeId, quantity: 1 }] };
    const hold = async (): Promise<void> =>
      void (await api.call(
        { method: 'POST', path: '/api/reservations', token: minted.accessToken, body },
        reservation,
      ));
    return await compare(hold, await rawHolds(table, minted, ticketTypeId), progress);
  } finally {
    table.client.destroy();
  }
}

export const THROUGHPUT_ROW: BenchRow = {
  id: 'throughput',
  metric: 'handler throughput ÷ the same raw reads and writes on the same DynamoDB Local',
  field: '0.62 over HTTP',
  goal: '≥ 0.8 over HTTP, ≥ 0.95 in process (reported, not asserted)',
  measure: throughput,
};
