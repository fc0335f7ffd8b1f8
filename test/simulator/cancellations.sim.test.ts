import { expect, it } from 'vitest';

import { live } from './history.ts';
import { CANCELLATIONS, CRASHES, LARGER_CANCELLATIONS, planOf, TIMINGS } from './plans.ts';
import { declareSingleFaults } from './single-faults.ts';

const [paid, meanwhile] = Object.entries(CANCELLATIONS);
if (paid === undefined || meanwhile === undefined) throw new Error('Two ways of a cancelled event');

for (const webhooks of TIMINGS) declareSingleFaults(webhooks, CRASHES, Object.fromEntries([paid]));
declareSingleFaults('NEVER', CRASHES, Object.fromEntries([meanwhile]));

it.each(TIMINGS)('an event of several orders ends cancelled, webhooks %s', async (webhooks) => {
  for (const scenario of Object.values(LARGER_CANCELLATIONS)) {
    const { fault, orders } = await live(planOf(scenario, webhooks));
    expect(fault).toBeUndefined();
    expect(orders.length).toBeGreaterThan(3);
    for (const { state } of orders) expect(scenario.states).toContain(state);
  }
});

/** A workflow that leaves a step out: the simulator must find it out. */
const MUTANTS = {
  'an end that nobody counts': { step: 'VerifyCancellation' },
  'a pass that is not begun': { step: 'BeginPass' },
} as const;

it.each(Object.entries(MUTANTS))('is found out: %s', async (_name, mutant) => {
  const { fault } = await live({ ...planOf(paid[1], 'DURING'), mutant });
  expect(fault).toBeDefined();
});
