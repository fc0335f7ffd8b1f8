import { orderForCustomer } from '../../orders/reads.ts';
import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { confirmPayment } from '../app/confirm-payment.ts';
import { confirmEnv, confirmPayment as confirmPaymentRoute } from '../contract.ts';
import { purchaseRuns } from '../purchase-runs.ts';

const env = readEnv(confirmEnv);
const table = openTable(env.TABLE_NAME);
const runs = purchaseRuns(env.PURCHASE_STATE_MACHINE_ARN);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(confirmPaymentRoute, async ({ body, session: { userId: customerId }, now }) => {
    const confirmed = await confirmPayment(runs, { ...body, customerId }, now, () =>
      orderForCustomer(table, body.orderId, customerId),
    );
    return confirmed.ok ? ok({ status: confirmed.value.done ? 200 : 202, body: confirmed.value.view }) : confirmed;
  }),
]);
