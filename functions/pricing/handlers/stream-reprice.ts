import { refreshAvailability } from '../../inventory/availability.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { changedKeysFunction, streamFunction } from '../../shared/runtime/stream.ts';
import { openTable } from '../../shared/table/client.ts';
import { repriceSold } from '../app/reprice-sold.ts';
import { repriceEnv } from '../contract.ts';

const table = openTable(readEnv(repriceEnv).TABLE_NAME);

const reprice = streamFunction((changes) => repriceSold(table, changes, systemClock()));
const count = changedKeysFunction((keys, correlationId) =>
  refreshAvailability(table, keys, { now: systemClock(), correlationId, by: 'system' }),
);

/**
 * What follows from tickets that go and come back, within a moment: prices that depend on what is sold, and what is
 * shown as available. Both in one function, since a third reader of the stream would be throttled.
 */
export const handler: typeof reprice = async (event, context) => {
  const [answer] = await Promise.all([reprice(event, context), count(event, context)]);
  return answer;
};
