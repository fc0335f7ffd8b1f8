import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { cartsEnv } from '../carts-contract.ts';
import { serveCarts } from '../serve-carts.ts';

const env = readEnv(cartsEnv);
const table = openTable(env.TABLE_NAME);
const limiter = limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER);

export const handler = httpFunction(
  { table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER },
  serveCarts({ table, limiter }),
);
