import { stripeGateway } from '../../payments/gateway.ts';
import { toTimestamp } from '../../shared/kernel/clock.ts';
import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { cancelOrder } from '../app/cancel-order.ts';
import { createOrder } from '../app/create-order.ts';
import { cancelOrder as cancelOrderRoute, checkoutEnv, createOrder as createOrderRoute } from '../contract.ts';
import { shownState, viewOrder } from '../domain/view.ts';
import { ownedOrders } from '../owned.ts';

const env = readEnv(checkoutEnv);
const table = openTable(env.TABLE_NAME);
const gateway = stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(createOrderRoute, async ({ body, session, occasion }) => {
    const created = await createOrder(table, gateway, body.reservationId, session.userId, occasion);
    if (!created.ok) return created;
    const { order, intent } = created.value;
    const { orderId, number: orderNumber, currency } = order;
    const payment = { paymentIntentId: intent?.id ?? null, paymentClientSecret: intent?.clientSecret ?? null };
    const total = { amount: order.total, currency };
    return ok({
      status: 201,
      body: {
        orderId,
        orderNumber,
        status: shownState(order.state),
        total,
        currency,
        expiresAt: toTimestamp(order.expiresAt),
        ...payment,
      },
    });
  }),
  serveOwned(cancelOrderRoute, ownedOrders(table), async ({ occasion }, { order }) => {
    const cancelled = await cancelOrder(table, order, occasion);
    return cancelled.ok ? ok({ status: 200, body: viewOrder(cancelled.value) }) : cancelled;
  }),
]);
