import { problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readSecret } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { readOrder, readOrderSteps } from '../app/read-orders.ts';
import { getOrder, getOrderTimeline, listOrders, ordersEnv } from '../contract.ts';
import { viewOrder } from '../domain/view.ts';
import { pageOfCustomerOrders } from '../reads.ts';

const env = readEnv(ordersEnv);
const table = openTable(env.TABLE_NAME);
const PAGE = 25;

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(getOrder, async ({ params, session }) => {
    const found = await readOrder(table, params.orderId, session);
    return found.ok ? ok({ status: 200, body: viewOrder(found.value) }) : found;
  }),
  serveTo(listOrders, async ({ query: { userId, cursor, limit = PAGE }, session: { userId: callerId } }) => {
    // Seed 002 sends the user's id along; it may only be the caller's own.
    if (userId !== undefined && userId !== callerId)
      return err(problem('ORDER_NOT_FOUND', 'You can list your own orders.'));
    const key = Buffer.from(await readSecret(env.CURSOR_KEY_PARAMETER), 'hex');
    const scope = { route: listOrders.id, query: {}, callerId };
    const { orders, next } = await pageOfCustomerOrders(
      table,
      callerId,
      limit,
      cursor === undefined ? undefined : decodeCursor(key, scope, cursor),
    );
    return ok({
      status: 200,
      body: { items: orders.map(viewOrder), nextCursor: next === undefined ? null : encodeCursor(key, scope, next) },
    });
  }),
  serveTo(getOrderTimeline, async ({ params, session }) => {
    const steps = await readOrderSteps(table, params.orderId, session);
    return steps.ok ? ok({ status: 200, body: { items: steps.value, nextCursor: null } }) : steps;
  }),
]);
