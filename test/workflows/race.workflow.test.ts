import { TransactionConflictException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { countBy } from '../../scripts/audit/report.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { orderForCustomer } from '../../functions/orders/reads.ts';
import { confirmPayment } from '../../functions/payments/app/confirm-payment.ts';
import { settlePayment, StillUndecided } from '../../functions/payments/app/settle-payment.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { StoreBusyError } from '../../functions/shared/table/commit.ts';
import { freeOf } from '../inventory/on-sale.ts';
import { injectFaults, randomFrom, type Struck } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { at, startWorld, type World } from './world.ts';

const struck: Struck[] = [];
let singles = 0;

// The functions of the state machine open their tables themselves, so that is where conflicts get in.
vi.mock('../../functions/shared/table/client.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../functions/shared/table/client.ts')>();
  const tableOn: typeof original.tableOn = (client, name) => {
    struck.push(injectFaults(client, { conflicts: 0.2, seed: struck.length + 1 }));
    conflictSingleWrites(client);
    return original.tableOn(client, name);
  };
  return { ...original, tableOn, openTable: (name: string) => tableOn(testClient({ maxAttempts: 3 }), name) };
});

/** A write of one item conflicts with transactions too, and says so by another error than theirs. */
function conflictSingleWrites({ middlewareStack }: DynamoDBClient): void {
  const random = randomFrom(struck.length);
  const conflict = new TransactionConflictException({ message: 'injected', $metadata: { httpStatusCode: 400 } });
  middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (!/^(Update|Put)ItemCommand$/.test(String(commandName)) || random() >= 0.2) return next(args);
        singles += 1;
        return Promise.reject(conflict);
      },
    { step: 'deserialize', name: 'conflictSingleWrites', priority: 'low' },
  );
}

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Asks again as long as the answer is "busy" or "not yet", as a buyer and a queue do; gives up in the end. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let again = 1; ; again += 1) {
    try {
      return await ask();
    } catch (error) {
      if (again === 200 || !(error instanceof StoreBusyError || error instanceof StillUndecided)) throw error;
    }
  }
}

/** One buyer's whole way, browser and webhook at once; how it ended, in one word. */
async function buy(type: TicketTypeCopy): Promise<string> {
  const { table, gateway, machine: runs, start } = world;
  const customerId = ulid();
  const orderId = derivedId('reservation', customerId, 'one');
  const wishes = [{ ticketTypeId: type.ticketTypeId, quantity: 1 }];
  const types = await findTicketTypes(table, [type.ticketTypeId]);
  const wish = { orderId, customerId, wishes, types, retriable: true };
  const held = await patiently(() => placeHold(table, wish, at(start)));
  if (!held.ok) return (await freeOf(table, type)) > 0 ? `${held.error.code} while stock was free` : held.error.code;
  const created = await patiently(() => createOrder(table, gateway, orderId, customerId, at(start)));
  if (!created.ok) return created.error.code;
  await world.pay(created.value.order);
  const { paymentIntentId = '' } = created.value.order;
  const pending = (): ReturnType<typeof orderForCustomer> => orderForCustomer(table, orderId, customerId);
  const [confirmed] = await Promise.all([
    confirmPayment(runs, { orderId, paymentIntentId, customerId }, start, pending),
    patiently(() => settlePayment({ table, gateway, runs }, orderId, paymentIntentId, at(start, 'webhook'))),
  ]);
  // The loser of two runs may hear "being processed": what became of it, the rows and the ledger tell at rest.
  return confirmed.ok ? 'TAKEN' : confirmed.error.code;
}

it('100 buyers race for 10 tickets, a fifth of writes in conflict: 10 pay, 90 hear SOLD_OUT', async () => {
  const type = await world.putOnSale({ capacity: 10, blocks: 4 });
  const run = vi.spyOn(world.machine, 'run');
  const outcomes: string[] = [];
  const wanted = Array.from({ length: 100 }, () => type).values();
  // Eight at once: when somebody is told wrongly that stock is gone, the others cannot have taken it all yet.
  const lane = async (): Promise<void> => {
    for (const ticket of wanted) outcomes.push(await buy(ticket));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const later = world.start + 45 * MINUTE;
  expect(await world.rest(world.start)).toEqual([]);
  await world.sweep(later);
  await takeOverRuns(world.table, world.machine, later);
  expect(await world.rest(later)).toEqual([]);

  expect(countBy(outcomes)).toEqual({ TAKEN: 10, SOLD_OUT: 90 });
  const runs = countBy(run.mock.calls.map(([{ orderId }]) => orderId));
  expect(Object.values(runs).filter((count) => count >= 2)).toHaveLength(10);
  expect(singles).toBeGreaterThan(5);
  // Whoever looks and sees that nothing is left sends no transaction that could meet another: the ten who hold do.
  expect(singles + struck.reduce((total, { conflicts }) => total + conflicts, 0)).toBeGreaterThan(10);
  const ledger = world.stripe.ledger();
  expect(countBy(ledger.paymentIntents.map(({ status }) => status))).toEqual({ succeeded: 10 });
  const { differences, verdicts, totals } = auditInvariants({ rows: await world.db.items(), ledger, at: later });
  expect(differences).toEqual([]);
  for (const invariant of ['I3', 'I6']) expect(verdicts).toContainEqual({ invariant, checked: 10, differences: 0 });
  expect(totals).toEqual({ orders: { PAID: 10 }, tickets: { VALID: 10 }, captured: { EUR: 45_000 }, refunded: {} });
});
