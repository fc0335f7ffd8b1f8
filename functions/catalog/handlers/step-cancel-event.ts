import { stripeGateway } from '../../payments/gateway.ts';
import { pacedGateway } from '../../payments/operations.ts';
import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { stepFunction } from '../../shared/runtime/step.ts';
import { openTable } from '../../shared/table/client.ts';
import { cancelSteps } from '../app/cancel-steps.ts';
import { cancelEventEnv } from '../contract.ts';

const env = readEnv(cancelEventEnv);

/** What Stripe takes of one account in test mode; live accounts may do four times as much, which buyers then have. */
const REQUESTS_PER_SECOND = 25;

const gateway = pacedGateway(stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER), {
  perSecond: REQUESTS_PER_SECOND,
  now: systemClock,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

export const handler = stepFunction(cancelSteps({ table: openTable(env.TABLE_NAME), gateway, clock: systemClock }));
