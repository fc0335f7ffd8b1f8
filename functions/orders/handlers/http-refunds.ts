import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { cancelOrder } from '../app/cancel-order.ts';
import { giveBackOrder, refundByStaff } from '../app/refund-order.ts';
import { cancelOrder as cancelOrderRoute, refundOrder, refundsEnv } from '../refund-contract.ts';
import { viewOrder, viewRecorded } from '../domain/view.ts';
import { ownedOrders } from '../owned.ts';

const env = readEnv(refundsEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(cancelOrderRoute, ownedOrders(table), async ({ body, session, headers, occasion }, { order }) => {
    if (order.paidAt === undefined && body.lines === undefined) {
      const cancelled = await cancelOrder(table, order, occasion);
      return cancelled.ok ? ok({ status: 200, body: viewOrder(cancelled.value) }) : cancelled;
    }
    const asker = { session, idempotencyKey: headers['idempotency-key'] };
    const back = await giveBackOrder(table, order, body.lines, asker, occasion);
    return back.ok ? ok({ status: 200, body: { ...viewOrder(back.value.order), ...viewRecorded(back.value) } }) : back;
  }),
  serveOwned(refundOrder, ownedOrders(table), async ({ body, session, headers, occasion }, found) => {
    const asker = { session, idempotencyKey: headers['idempotency-key'] };
    const given = await refundByStaff(table, found, body, asker, occasion);
    return given.ok ? ok({ status: 201, body: viewRecorded(given.value).refund }) : given;
  }),
]);
