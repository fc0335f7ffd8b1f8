import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { takeOverRuns } from '../../functions/payments/app/take-over-runs.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { startWorld, type World } from '../workflows/world.ts';

const CAPTURE = 'POST /v1/payment_intents/:id/capture';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

describe('taking runs over', () => {
  it('leaves a run that is alive, strikes off what is decided, and keeps what is not', async () => {
    const type = await world.putOnSale();
    const [stuck, other] = [await world.order(type), await world.order(type)];
    for (const order of [stuck, other]) {
      await world.pay(order);
      world.machine.plan({ state: 'CapturePayment', kind: 'KILL_BEFORE' });
      await world.machine.run({ orderId: order.orderId }, world.start);
    }
    await world.relay();
    expect(await takeOverRuns(world.table, world.machine, world.start + 30_000)).toMatchObject({ takenOver: 0 });
    expect((await world.reload(other)).state).toBe('SECURED');

    await world.fault({
      on: 'request',
      route: CAPTURE,
      effect: 'error_stored',
      paymentIntent: stuck.paymentIntentId,
      times: 1,
      skip: 0,
    });
    expect(await takeOverRuns(world.table, world.machine, world.start + 3 * MINUTE)).toMatchObject({ undecided: 1 });
    expect((await world.reload(other)).state).toBe('PAID');
    expect((await world.reload(stuck)).state).toBe('SECURED');
    expect(await takeOverRuns(world.table, world.machine, world.start + 6 * MINUTE)).toMatchObject({
      takenOver: 1,
      undecided: 0,
    });
    expect((await world.reload(stuck)).state).toBe('PAID');
  });

  it('two of these jobs at once finish a run once', async () => {
    const order = await world.order(await world.putOnSale());
    await world.pay(order);
    world.machine.plan({ state: 'ConfirmOrder', kind: 'KILL_BEFORE' });
    await world.machine.run({ orderId: order.orderId }, world.start);
    await world.relay();
    const later = world.start + 3 * MINUTE;
    await Promise.all([1, 2, 3].map(() => takeOverRuns(world.table, world.machine, later)));
    expect(await world.reload(order)).toMatchObject({ state: 'PAID', ver: 5 });
  });
});
