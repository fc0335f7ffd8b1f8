import { tendEvents } from '../../catalog/operations.ts';
import { MINUTE, SECOND, systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { expireHolds } from '../app/expire-holds.ts';
import { expireHoldsEnv } from '../contract.ts';

const table = openTable(readEnv(expireHoldsEnv).TABLE_NAME);

/** How often the sweep looks after events, too: minutes. */
const EVENTS_EVERY = 15;

/** How long a sweep goes on, so that the function ends in time: a burst of 100,000 holds takes less. */
const SWEEP_MS = 35 * SECOND;

/** Sweeps lapsed holds, and every quarter of an hour looks after events: a job of its own would cost an alarm (ADR 33). */
export const handler = scheduledFunction('expire-holds', async (occasion) => {
  const until = systemClock() + SWEEP_MS;
  const swept = await expireHolds(table, occasion, () => systemClock() < until);
  const tends = Math.floor(occasion.now / MINUTE) % EVENTS_EVERY === 0;
  return tends ? { ...swept, ...(await tendEvents(table, occasion)) } : swept;
});
