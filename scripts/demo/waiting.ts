import { setTimeout as delay } from 'node:timers/promises';

import { AdviceError } from '../audit/local-system.ts';
import type { Screen } from './screen.ts';

const LOOK_EVERY_MS = 250;

/**
 * Looks until there is something, and shows for how long it has been waiting.
 *
 * @param what a sentence's object, such as `the tickets`
 * @throws AdviceError after `withinMs`, saying what to look at
 */
export async function waitFor<T>(
  screen: Screen | undefined,
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const found = await look();
    const waited = performance.now() - startedAt;
    if (found !== undefined) {
      screen?.progress('');
      return found;
    }
    if (waited > withinMs) {
      throw new AdviceError(
        `Waited ${Math.round(waited / 1_000)} s for ${what} in vain. The log of the local system (.onsale/logs) says why; its control API lists what waits: http://127.0.0.1:3001/_local/queues.`,
      );
    }
    screen?.progress(`waiting for ${what} (${(waited / 1_000).toFixed(1)} s)`);
    await delay(LOOK_EVERY_MS);
  }
}
