import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { queueFunction } from '../../shared/runtime/queue.ts';
import { openTable } from '../../shared/table/client.ts';
import { settleConsumers } from '../app/settle-consumers.ts';
import { settleEnv } from '../contract.ts';
import { stripeGateway } from '../gateway.ts';
import { purchaseRuns } from '../purchase-runs.ts';

const env = readEnv(settleEnv);
const deps = {
  table: openTable(env.TABLE_NAME),
  gateway: stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER),
  runs: purchaseRuns(env.PURCHASE_STATE_MACHINE_ARN),
};

export const handler = queueFunction(settleConsumers(deps, systemClock));
