import { stockMemory } from '../../inventory/reads.ts';
import { stripeGateway } from '../../payments/gateway.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { checkoutEnv } from '../checkout-contract.ts';
import { serveCheckout } from '../serve-checkout.ts';

const env = readEnv(checkoutEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction(
  { table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER },
  serveCheckout({
    table,
    gateway: stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER),
    limiter: limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER),
    memory: stockMemory(systemClock),
    personalData: personalDataIn(table, env),
  }),
);
