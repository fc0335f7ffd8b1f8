import { describe, expect, it } from 'vitest';

import { live } from './history.ts';
import { CRASHES, planOf, replayOf, SCENARIOS, singleFaults, type Scenario } from './plans.ts';
import type { FaultKind } from './scheduler.ts';
import type { WebhookTiming } from './outside.ts';

/** Fewer than this in a scenario, and the simulator has lost sight of it. */
const FEWEST_POINTS = 30;

/**
 * Declares the tests that let every way of a purchase meet every single fault at every call that it makes.
 *
 * @param webhooks when the provider's events come
 */
export function declareSingleFaults(
  webhooks: WebhookTiming,
  kinds: readonly FaultKind[] = CRASHES,
  scenarios: Readonly<Record<string, Scenario>> = SCENARIOS,
): void {
  describe(`any single ${kinds.join(', ')}, webhooks ${webhooks}`, () => {
    const told = Object.entries(scenarios).filter(([, { timings }]) => timings?.includes(webhooks) ?? true);
    it.each(told)('%s', async (_name, scenario) => {
      const usual = await live(planOf(scenario, webhooks));
      expect(usual.fault).toBeUndefined();
      for (const { state } of usual.orders) expect(scenario.states).toContain(state);
      const points = singleFaults(usual, kinds, scenario);
      expect(points.length).toBeGreaterThan(FEWEST_POINTS);
      for (const point of points) {
        const plan = planOf(scenario, webhooks, [point]);
        const { fault, faults, story } = await live(plan);
        if (fault !== undefined) throw new Error([fault, replayOf(plan), ...story()].join('\n'));
        expect(faults, 'the fault that was planned has come').toEqual([point]);
      }
    });
  });
}
