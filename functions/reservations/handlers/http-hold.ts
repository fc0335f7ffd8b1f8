import { ulid } from 'ulid';

import { findTicketTypes } from '../../inventory/reads.ts';
import { findOrder } from '../../orders/reads.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { problem } from '../../shared/kernel/problems.ts';
import { err, ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveLoading, serveTo } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { placeHold } from '../app/place-hold.ts';
import { releaseHold } from '../app/release-hold.ts';
import { getReservation, holdEnv, placeHold as placeHoldRoute, releaseHold as releaseHoldRoute } from '../contract.ts';
import { viewReservation } from '../domain/view.ts';

const env = readEnv(holdEnv);
const table = openTable(env.TABLE_NAME);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveLoading(
    placeHoldRoute,
    ({ body }) => findTicketTypes(table, body.items.map(({ ticketTypeId }) => ticketTypeId)),
    async ({ body, session: { userId: customerId }, headers, requestId: correlationId, now }, types) => {
      const key = headers['idempotency-key'];
      const orderId = key === undefined ? ulid(now) : derivedId('reservation', customerId, key);
      const placed = await placeHold(table, { orderId, customerId, wishes: body.items, types, retriable: key !== undefined }, { now, correlationId });
      return placed.ok ? ok({ status: 201, body: viewReservation(placed.value.reservation, 'HELD', types, now) }) : placed;
    },
  ),
  serveTo(getReservation, async ({ params: { reservationId }, session, now }) => {
    const order = await findOrder(table, reservationId);
    if (order === undefined || order.customerId !== session.userId) return err(problem('RESERVATION_NOT_FOUND', 'You have no such reservation.'));
    const types = await findTicketTypes(table, order.lines.map(({ ticketTypeId }) => ticketTypeId));
    return ok({ status: 200, body: viewReservation(order, order.state, types, now) });
  }),
  serveTo(releaseHoldRoute, async ({ params: { reservationId }, session, now, requestId: correlationId }) => {
    const released = await releaseHold(table, reservationId, session.userId, { now, correlationId });
    return released.ok ? ok({ status: 204 }) : released;
  }),
]);
