import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { noteFacts } from '../../functions/fraud/operations.ts';
import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { reconcilePayments } from '../../functions/payments/app/reconcile-payments.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { Order } from '../../functions/orders/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { purchaseAsl, type Mishap } from './purchase-machine.ts';
import { afterHold, at, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

interface Cut {
  readonly path: string;
  readonly state: string;
  readonly kind: Mishap['kind'];
}

const KINDS = ['KILL_BEFORE', 'KILL_AFTER'] as const;
const cuts = (path: string, ...states: readonly string[]): readonly Cut[] =>
  states.flatMap((state) => KINDS.map((kind) => ({ path, state, kind })));

const PAID = cuts('paid', 'ValidateOrder', 'SecureInventory', 'CapturePayment', 'ConfirmOrder');
const DECLINED = cuts('declined', 'CapturePayment', 'ReopenOrder');
const REFUSED = cuts('refused', 'CapturePayment', 'ReleaseInventory', 'VoidOrRefundPayment', 'FailOrder');
const REVIEWED = cuts('reviewed', 'VerifyAuthorisation', 'OpenReview');
const SOLD_OUT = cuts('sold out', 'ValidateOrder', 'SecureInventory', 'VoidOrRefundPayment', 'FailOrder');

/** An order that is about to go along `path`, and the moment at which its run starts. */
async function prepare(path: string): Promise<{ order: Order; type: TicketTypeCopy; now: number }> {
  const type = await world.putOnSale({ capacity: 2 });
  const order = await world.order(type, 2);
  if (path === 'sold out') {
    await world.relay();
    await world.sweep(afterHold(world));
    await world.hold(type, 1, { now: afterHold(world) });
  }
  if (path === 'reviewed')
    await noteFacts(world.table, order.customerId, [{ id: 'x', kind: 'HIGHEST', at: world.start }], world.start);
  const card = { declined: 'pm_card_chargeDeclined', refused: 'pm_card_captureFails' }[path] ?? 'pm_card_visa';
  await world.pay(order, card);
  return { order, type, now: path === 'sold out' ? afterHold(world) : world.start };
}

/** All that the system does by itself in the half hour after `now`: nobody confirms, no webhook comes. */
async function heal(now: number): Promise<void> {
  for (let minute = 1; minute <= 30; minute += 3) {
    const then = now + minute * MINUTE;
    await world.settle(then);
    await takeOverRuns(world.table, world.machine, then);
    await world.sweep(then);
    if (minute % 15 === 1) {
      await reconcilePayments(
        { table: world.table, gateway: world.gateway, runs: world.machine },
        at(then, 'reconcile'),
      );
    }
  }
  await world.rest(now + 31 * MINUTE);
}

const EXPECTED: Readonly<
  Record<string, { readonly state: readonly string[]; readonly status: string; readonly free: number }>
> = {
  paid: { state: ['PAID'], status: 'succeeded', free: 0 },
  declined: { state: ['FAILED'], status: 'canceled', free: 2 },
  refused: { state: ['FAILED'], status: 'canceled', free: 2 },
  // It waits for a person, and stays what it is until then.
  reviewed: { state: ['SECURED'], status: 'requires_capture', free: 0 },
  'sold out': { state: ['EXPIRED'], status: 'canceled', free: 2 },
};

describe('a run that dies between any two steps', () => {
  it.each([...PAID, ...DECLINED, ...REFUSED, ...REVIEWED, ...SOLD_OUT])(
    '$path, $kind $state, is finished by the jobs',
    async ({ path, state, kind }) => {
      const { order, type, now } = await prepare(path);
      world.machine.plan({ state, kind });

      expect(await world.machine.run({ orderId: order.orderId }, now)).toEqual({ ok: true, value: undefined });
      expect(await world.audit(now, 'in-flight')).toEqual([]);
      await heal(now);

      const expected = EXPECTED[path];
      const ended = await world.reload(order);
      expect(expected?.state).toContain(ended.state);
      expect((await world.intent(order)).status).toBe(expected?.status);
      expect(ended.run).toBeUndefined();
      expect(await world.free(type)).toBe(expected?.free);
    },
  );

  it('the cuts above are at every Task of the file', () => {
    const cut = new Set([...PAID, ...DECLINED, ...REFUSED, ...REVIEWED, ...SOLD_OUT].map(({ state }) => state));
    const tasks = Object.entries(purchaseAsl.States).filter(([, { Type }]) => Type === 'Task');
    expect([...cut].toSorted()).toEqual(tasks.map(([name]) => name).toSorted());
  });

  it('leaves nothing that breaks an invariant', async () => {
    const now = afterHold(world) + 45 * MINUTE;
    await world.sweep(now);
    await world.rest(now);
    expect(await world.audit(now)).toEqual([]);
  });
});
