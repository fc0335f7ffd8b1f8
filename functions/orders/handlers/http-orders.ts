import { problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { decodeCursor, encodeCursor } from '../../shared/runtime/cursor.ts';
import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { readSecret } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { showOrder } from '../app/read-orders.ts';
import { readOrderTimeline } from '../app/read-timeline.ts';
import { ordersEnv } from '../attendees-contract.ts';
import { getOrder, listOrders } from '../contract.ts';
import { pageOf } from '../domain/timeline.ts';
import { viewOrder } from '../domain/view.ts';
import { ownedOrders } from '../owned.ts';
import { pageOfCustomerOrders } from '../reads.ts';
import { getReceipt } from '../receipt-contract.ts';
import { findReceipt } from '../receipts.ts';
import { getOrderTimeline } from '../timeline-contract.ts';

const env = readEnv(ordersEnv);
const table = openTable(env.TABLE_NAME);
const personalData = personalDataIn(table, env);
const PAGE = 25;
const STEPS = 100;

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(getOrder, ownedOrders(table), async ({ session, now }, found) =>
    inJson(ok(await showOrder(table, personalData, found, session, now))),
  ),
  serveTo(listOrders, async ({ query: { userId, cursor, limit = PAGE }, session: { userId: callerId } }) => {
    // Seed 002 sends the user's id along; it may only be the caller's own.
    if (userId !== undefined && userId !== callerId)
      return err(problem('USER_NOT_FOUND', 'You can list your own orders.'));
    const key = Buffer.from(await readSecret(env.CURSOR_KEY_PARAMETER), 'hex');
    const scope = { route: listOrders.id, query: {}, callerId };
    const { orders, next } = await pageOfCustomerOrders(
      table,
      callerId,
      limit,
      cursor === undefined ? undefined : decodeCursor(key, scope, cursor),
    );
    const nextCursor = next === undefined ? null : encodeCursor(key, scope, next);
    return inJson(ok({ items: orders.map(viewOrder), nextCursor }));
  }),
  serveOwned(getOrderTimeline, ownedOrders(table), async ({ query, params, session, now }, found) => {
    const key = Buffer.from(await readSecret(env.CURSOR_KEY_PARAMETER), 'hex');
    const scope = { route: getOrderTimeline.id, query: params, callerId: session.userId };
    const after = query.cursor === undefined ? undefined : decodeCursor(key, scope, query.cursor);
    const placed = await readOrderTimeline(table, found, session, now);
    const { items, next } = pageOf(placed, query.limit ?? STEPS, after);
    return ok({ status: 200, body: { items, nextCursor: next === undefined ? null : encodeCursor(key, scope, next) } });
  }),
  serveOwned(getReceipt, ownedOrders(table), async (_asked, { order }) => inJson(await findReceipt(table, order))),
]);
