import { tendEvents } from '../../catalog/operations.ts';
import { MINUTE } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { expireHolds } from '../app/expire-holds.ts';
import { expireHoldsEnv } from '../contract.ts';

const table = openTable(readEnv(expireHoldsEnv).TABLE_NAME);

/** How often the sweep looks after events, too: minutes. */
const EVENTS_EVERY = 15;

/** Sweeps lapsed holds, and every quarter of an hour looks after events: a job of its own would cost an alarm (ADR 33). */
export const handler = scheduledFunction('expire-holds', async (occasion) => {
  const swept = await expireHolds(table, occasion);
  const tends = Math.floor(occasion.now / MINUTE) % EVENTS_EVERY === 0;
  return tends ? { ...swept, ...(await tendEvents(table, occasion)) } : swept;
});
