import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { reconcilePayments } from '../app/reconcile-payments.ts';
import { settleRefunds } from '../app/settle-refunds.ts';
import { settleEnv } from '../contract.ts';
import { stripeGateway } from '../gateway.ts';
import { purchaseRuns } from '../purchase-runs.ts';

const env = readEnv(settleEnv);
const deps = {
  table: openTable(env.TABLE_NAME),
  gateway: stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER),
  runs: purchaseRuns(env.PURCHASE_STATE_MACHINE_ARN),
};

export const handler = scheduledFunction('reconcile-payments', async (occasion) => ({
  ...(await settleRefunds(deps, occasion)),
  ...(await reconcilePayments(deps, occasion)),
}));
