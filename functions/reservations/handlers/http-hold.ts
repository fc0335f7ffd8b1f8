import { ulid } from 'ulid';

import { findTicketTypes } from '../../inventory/reads.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { ok } from '../../shared/kernel/result.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveLoading, serveTo } from '../../shared/runtime/http.ts';
import { openTable } from '../../shared/table/client.ts';
import { placeHold } from '../app/place-hold.ts';
import { readReservation } from '../app/read-reservation.ts';
import { releaseHold } from '../app/release-hold.ts';
import * as contract from '../contract.ts';
import { viewReservation } from '../domain/view.ts';

const env = readEnv(contract.holdEnv);
const table = openTable(env.TABLE_NAME);

const wishedTypes = ({ items }: { readonly items: readonly { readonly ticketTypeId: string }[] }): string[] =>
  items.map(({ ticketTypeId }) => ticketTypeId);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveLoading(
    contract.placeHold,
    ({ body }) => findTicketTypes(table, wishedTypes(body)),
    async ({ body, session: { userId: customerId }, headers, now, occasion }, types) => {
      const key = headers['idempotency-key'];
      const orderId = key === undefined ? ulid(now) : derivedId('reservation', customerId, key);
      const request = { orderId, customerId, wishes: body.items, types, retriable: key !== undefined };
      const placed = await placeHold(table, request, occasion);
      return placed.ok
        ? ok({ status: 201, body: viewReservation(placed.value.reservation, 'HELD', types, now) })
        : placed;
    },
  ),
  serveTo(contract.getReservation, async ({ params, session, now }) => {
    const found = await readReservation(table, params.reservationId, session.userId, now);
    return found.ok ? ok({ status: 200, body: found.value }) : found;
  }),
  serveTo(contract.releaseHold, async ({ params, session, occasion }) => {
    const released = await releaseHold(table, params.reservationId, session.userId, occasion);
    return released.ok ? ok({ status: 204 }) : released;
  }),
]);
