import { ownedEvents } from '../../catalog/owned.ts';
import { ownedOrders } from '../../orders/owned.ts';
import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { requestNotice } from '../app/request-notice.ts';
import { requestResend } from '../app/request-resend.ts';
import { listOrderNotifications, notificationsEnv, resendTickets, sendNotice } from '../contract.ts';
import { viewNotification } from '../domain/history.ts';
import { serveTemplates } from '../serve-templates.ts';
import { parseBrand } from '../domain/brand.ts';
import { mailsFor } from '../reads.ts';

const env = readEnv(notificationsEnv);
const table = openTable(env.TABLE_NAME);
const limiter = limiterOn(table, env.LIMITS, env.EMAIL_INDEX_KEY_PARAMETER);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveOwned(listOrderNotifications, ownedOrders(table), async ({ session }, { order }) => {
    const found = await mailsFor(table, order, session);
    const items = found.map(viewNotification).toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
    return ok({ status: 200, body: { items, nextCursor: null } });
  }),
  serveOwned(resendTickets, ownedOrders(table), async ({ occasion }, { order }) => {
    const requested = await requestResend({ table, limiter }, order, occasion);
    return requested.ok ? ok({ status: 202, body: requested.value }) : requested;
  }),
  serveOwned(sendNotice, ownedEvents(table), async ({ body, occasion }, event) => {
    const requested = await requestNotice({ table, limiter }, event, body, occasion);
    return requested.ok ? ok({ status: 202, body: requested.value }) : requested;
  }),
  ...serveTemplates(table, parseBrand(env.BRAND)),
]);
