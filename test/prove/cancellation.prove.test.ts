import { expect, it } from 'vitest';

import { SECOND } from '../../functions/shared/kernel/clock.ts';
import { cancelLarge } from '../simulator/large-cancellation.ts';
import { record } from './record.ts';

const ORDERS = 10_000;
const KILLS = 50;
/** So that the last kill strikes before the end: a cancellation of as many orders makes some hundred thousand calls. */
const CALLS_BETWEEN = 1_500;

it(`an event of ${ORDERS} orders is cancelled, and its workflow killed ${KILLS} times`, async () => {
  const { fault, orders, refunded, kills, mails, tookMs } = await cancelLarge(ORDERS, KILLS, CALLS_BETWEEN);
  record('cancellation of an event, simulated', {
    orders,
    refunded,
    kills,
    'buyers written to': mails,
    'seconds on its own clock': Math.round(tookMs / SECOND),
  });
  expect(fault).toBeUndefined();
  expect({ orders, refunded, kills, mails }).toEqual({ orders: ORDERS, refunded: ORDERS, kills: KILLS, mails: ORDERS });
}, 1_800_000);
