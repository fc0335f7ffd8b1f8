import { stockMemory } from '../../inventory/reads.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { holdEnv } from '../contract.ts';
import { serveHolds } from '../serve-holds.ts';

const env = readEnv(holdEnv);
const table = openTable(env.TABLE_NAME);
const limiter = limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER);

export const handler = httpFunction(
  { table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER },
  serveHolds({ table, limiter, memory: stockMemory(systemClock) }),
);
