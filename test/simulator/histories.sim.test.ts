import { expect, it } from 'vitest';

import { live, type Outcome } from './history.ts';
import { planOf, randomPlan, replayOf, SCENARIOS, shortest } from './plans.ts';

const HISTORIES = 1_000;

it('a thousand histories of some buyers among faults of all kinds end well', async () => {
  const reached = {
    told: new Set<string>(),
    states: new Set<string>(),
    gaveBack: new Set<string>(),
    faults: 0,
    calls: 0,
    mails: 0,
  };
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const plan = randomPlan(seed);
    const outcome = await live(plan);
    if (outcome.fault !== undefined) {
      const least = await shortest(plan, outcome);
      throw new Error([least.outcome.fault, replayOf(least.plan), ...least.outcome.story()].join('\n'));
    }
    for (const { told, gaveBack = [] } of outcome.endings) {
      reached.told.add(told);
      for (const back of gaveBack) reached.gaveBack.add(back.told);
    }
    for (const { state, dispute } of outcome.orders) reached.states.add(dispute?.status ?? state);
    reached.mails += outcome.mails;
    reached.faults += outcome.faults.length;
    reached.calls += outcome.calls.length;
  }
  expect(reached.faults).toBeGreaterThan(HISTORIES);
  for (const told of ['PAID', 'PAYMENT_FAILED', 'SOLD_OUT', 'PROCESSING', 'NO_ANSWER', 'NOT_PENDING'])
    expect(reached.told).toContain(told);
  expect(reached.mails).toBeGreaterThan(HISTORIES / 20);
  for (const state of ['PAID', 'FAILED', 'EXPIRED', 'CANCELLED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'won', 'lost'])
    expect(reached.states).toContain(state);
  for (const told of ['RECORDED', 'NOT_PAID', 'ALREADY_REFUNDED']) expect(reached.gaveBack).toContain(told);
}, 600_000);

it('a history is a function of its plan, to the last call', async () => {
  const once = await live(randomPlan(7));
  const again = await live(randomPlan(7));
  expect(again.story()).toEqual(once.story());
  const replayed = await live({ ...randomPlan(7), faults: once.faults, faultRate: 0 });
  expect(replayed.story()).toEqual(once.story());
});

/** A saga that leaves a step out, or a ledger that has forgotten a condition: some history must find it out. */
const MUTANTS = {
  'stock that is not secured': { step: 'SecureInventory' },
  'money that is not captured': { step: 'CapturePayment' },
  'stock that is not released': { step: 'ReleaseInventory' },
  'money that is not given back': { step: 'VoidOrRefundPayment' },
  'an order that is not failed': { step: 'FailOrder' },
  'an order that is not opened again': { step: 'ReopenOrder' },
  'an order row that anybody may move': { condition: { sk: 'ORDER', path: 'ver' } },
  'a refund that anybody may move': { condition: { sk: 'REFUND', path: 'ver' } },
  'a block that gives what it has not': { condition: { sk: 'BLOCK', path: 'free' } },
  'payments without a key': { key: { route: 'POST /v1/payment_intents', sends: 'NONE' } },
  'captures without a key': { key: { route: 'POST /v1/payment_intents/:id/capture', sends: 'NONE' } },
  'closing a payment without a key': { key: { route: 'POST /v1/payment_intents/:id/cancel', sends: 'NONE' } },
  'refunds without a key': { key: { route: 'POST /v1/refunds', sends: 'NONE' } },
  'payments with another key each time': { key: { route: 'POST /v1/payment_intents', sends: 'FRESH' } },
  'captures with another key each time': { key: { route: 'POST /v1/payment_intents/:id/capture', sends: 'FRESH' } },
  'refunds with another key each time': { key: { route: 'POST /v1/refunds', sends: 'FRESH' } },
} as const;
/** Histories in which a mutant is looked for, if the ways of a purchase have not found it. */
const SEEDS = 300;

it.each(Object.entries(MUTANTS))('is found out: %s', async (_name, mutant) => {
  let found: Outcome | undefined;
  for (const scenario of Object.values(SCENARIOS))
    for (const webhooks of ['DURING', 'NEVER'] as const)
      if (found === undefined) found = failing(await live({ ...planOf(scenario, webhooks), mutant }));
  for (let seed = 1; seed <= SEEDS && found === undefined; seed += 1)
    found = failing(await live({ ...randomPlan(seed), mutant }));
  expect(found?.fault).toBeDefined();
});

function failing(outcome: Outcome): Outcome | undefined {
  return outcome.fault === undefined ? undefined : outcome;
}
