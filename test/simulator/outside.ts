import { HOUR, MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import type { Processes } from './processes.ts';
import { sleep } from './scheduler.ts';

// How providers outside tell us what has become of something.

/** When an event of the payment provider reaches us. */
export type WebhookTiming = 'BEFORE' | 'DURING' | 'AFTER' | 'NEVER' | 'CHAOS';

const LONGEST_DELAY_MS = 72 * HOUR;
/** What was not taken is sent again after so long. */
const REDELIVERED_AFTER_MS = [5 * MINUTE, 30 * MINUTE, HOUR];

/** After how long an event comes, each time that it does. */
export function delaysOf(timing: WebhookTiming, random: () => number): readonly number[] {
  switch (timing) {
    case 'BEFORE':
    case 'DURING':
      return [0];
    case 'AFTER':
      return [2 * MINUTE];
    case 'NEVER':
      return [];
    case 'CHAOS': {
      const dice = random();
      if (dice < 0.2) return [];
      if (dice < 0.3) return [0, random() * HOUR];
      if (dice < 0.4) return [random() * LONGEST_DELAY_MS];
      return [random() * (dice < 0.7 ? SECOND : 10 * MINUTE)];
    }
  }
}

/** Sends something after `delay`, and again until it is taken or given up. @param send `NO_ANSWER` where it was not taken */
export function sendUntilTaken(processes: Processes, delay: number, send: () => Promise<unknown>): Promise<void> {
  return processes.count(async () => {
    for (const wait of [delay, ...REDELIVERED_AFTER_MS]) {
      if (wait > 0) await sleep(wait);
      if ((await send()) !== 'NO_ANSWER') return;
    }
  });
}
