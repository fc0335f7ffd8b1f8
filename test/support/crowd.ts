import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { freeOf } from '../inventory/on-sale.ts';
import { randomFrom } from '../shared/faults.ts';
import { getJson } from './json.ts';
import {
  audit,
  confirm,
  fire,
  organizer,
  payByCard,
  person,
  publishEvent,
  settled,
  systemRows,
  systemTable,
  type ApiAnswer,
  type Person,
} from './shop.ts';

/** Buyers who go for tickets of the running system, whose DynamoDB is made to fail. */
export interface Crowd {
  readonly buyers: number;
  readonly tickets: number;
  /** What the stock is split for; it decides how many blocks there are. */
  readonly holdsPerSecond: number;
  /** Buyers who are at it at the same time. */
  readonly atOnce: number;
  readonly seed: number;
}

/** What became of them. */
export interface CrowdResult {
  readonly blocks: number;
  readonly sold: number;
  readonly soldOut: number;
  /** Told that nothing is left while a strong read right after it still found something. */
  readonly wrongly: number;
  readonly comebacks: number;
  /** Transactions that holds have sent, and the actions in them: each costs two write units, none of the rows being over 1 KB. */
  readonly attempts: number;
  readonly actions: number;
  readonly conflicts: number;
  readonly throttles: number;
  readonly differences: readonly unknown[];
}

/** A fifth of all transactions and a tenth of all writes: more than DynamoDB would do to anybody. */
const FAULTS = { conflicts: 0.2, throttles: 0.1 };

/** Lets all of them buy one ticket each: hold, order, pay, confirm; whoever is told to come back does. */
export async function goForTickets(crowd: Crowd): Promise<CrowdResult> {
  const random = randomFrom(crowd.seed);
  const table = systemTable();
  const { ticketTypeId } = await publishEvent({ quantity: crowd.tickets });
  const host = await organizer();
  const pace = await host.call('PUT', `/api/ticket-types/${ticketTypeId}/pace`, {
    holdsPerSecond: crowd.holdsPerSecond,
  });
  if (pace.status !== 200) throw new Error(`Splitting the stock: ${pace.text}`);
  const copy = (await findTicketTypes(table, [ticketTypeId], 'strong')).get(ticketTypeId);
  if (copy === undefined) throw new Error('Nothing is on sale');

  const met = { attempts: 0, actions: 0, conflicts: 0, throttles: 0 };
  const told = { sold: 0, soldOut: 0, wrongly: 0, comebacks: 0 };
  const patiently = async (ask: () => Promise<ApiAnswer>): Promise<ApiAnswer> => {
    for (;;) {
      const answer = await ask();
      // Busy, or a function that ran out of time: asked again under the same key it is the same request.
      if (answer.status !== 429 && answer.status < 500) return answer;
      told.comebacks += 1;
      await delay(50 + random() * 200);
    }
  };
  const buyOne = async (): Promise<void> => {
    const buyer = await person();
    const items = [{ ticketTypeId, quantity: 1 }];
    const once = { 'idempotency-key': randomUUID() };
    const held = await patiently(() => buyer.call('POST', '/api/reservations', { items }, once));
    if (held.status === 201) return purchase(buyer, String(held.json.reservationId), patiently);
    if (held.json.code !== 'SOLD_OUT') throw new Error(`Holding: ${held.text}`);
    told.soldOut += 1;
    if ((await freeOf(table, copy)) > 0) told.wrongly += 1;
  };

  await strike({ ...FAULTS, seed: crowd.seed });
  let waiting = crowd.buyers;
  try {
    await Promise.all(
      Array.from({ length: crowd.atOnce }, async () => {
        while (waiting > 0) {
          waiting -= 1;
          await buyOne();
        }
      }),
    );
    Object.assign(met, await metByHolds());
  } finally {
    // Others run on the same system after this.
    await strike({ conflicts: 0, throttles: 0, seed: 0 });
  }
  await settled();
  // What the faults have killed half-way is taken over, as the schedules do it every minute.
  await fire('take-over-runs', Date.now() + 180_000);
  await settled();
  return {
    ...told,
    ...met,
    blocks: copy.blocks,
    sold: await soldOf(copy),
    differences: await audit(),
  };
}

async function purchase(
  buyer: Person,
  reservationId: string,
  patiently: (ask: () => Promise<ApiAnswer>) => Promise<ApiAnswer>,
): Promise<void> {
  const ordered = await patiently(() => buyer.call('POST', '/api/orders', { reservationId }));
  if (ordered.status !== 201 && ordered.status !== 200) throw new Error(`Ordering: ${ordered.text}`);
  await payByCard(ordered.json);
  const confirmed = await patiently(() => confirm(buyer, ordered.json));
  if (confirmed.status !== 200 && confirmed.status !== 202) throw new Error(`Confirming: ${confirmed.text}`);
}

/** Tickets of orders that are paid, as their rows say. */
async function soldOf({ ticketTypeId }: TicketTypeCopy): Promise<number> {
  return (await systemRows()).filter(
    (row) =>
      row['sk'] === 'ORDER' && row['state'] === 'PAID' && JSON.stringify(row['lines'] ?? '').includes(ticketTypeId),
  ).length;
}

async function strike(faults: Readonly<Record<string, number>>): Promise<void> {
  const url = `${inject('system').controlUrl}/_local/dynamodb-faults`;
  await getJson(url, { method: 'PUT', body: JSON.stringify(faults) });
}

/** What the functions that hold tickets have sent and met. */
async function metByHolds(): Promise<Pick<CrowdResult, 'attempts' | 'actions' | 'conflicts' | 'throttles'>> {
  const met = await getJson<Readonly<Record<string, Readonly<Record<string, number>>>>>(
    `${inject('system').controlUrl}/_local/dynamodb-faults`,
  );
  const sum = { attempts: 0, actions: 0, conflicts: 0, throttles: 0 };
  for (const [name, counts] of Object.entries(met)) {
    if (!/reserv|hold/i.test(name)) continue;
    sum.attempts += counts['transactions'] ?? 0;
    sum.actions += counts['actions'] ?? 0;
    sum.conflicts += counts['conflicts'] ?? 0;
    sum.throttles += counts['throttles'] ?? 0;
  }
  return sum;
}
