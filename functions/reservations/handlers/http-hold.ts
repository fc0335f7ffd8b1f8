import { ulid } from 'ulid';

import { findTicketTypes } from '../../inventory/reads.ts';
import { ownedReservations } from '../../orders/owned.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { ok } from '../../shared/kernel/result.ts';
import { sentCode, tryCode } from '../../shared/runtime/access-codes.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveLoading } from '../../shared/runtime/http.ts';
import { limiterOn } from '../../shared/runtime/limits.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { openTable } from '../../shared/table/client.ts';
import { placeHold } from '../app/place-hold.ts';
import { showReservation } from '../app/read-reservation.ts';
import { releaseHold } from '../app/release-hold.ts';
import * as contract from '../contract.ts';
import { buyable } from '../domain/vendor.ts';
import { viewReservation } from '../domain/view.ts';

const env = readEnv(contract.holdEnv);
const table = openTable(env.TABLE_NAME);
const limiter = limiterOn(table, env.LIMITS, env.CURSOR_KEY_PARAMETER);

const wishedTypes = ({ items }: { readonly items: readonly { readonly ticketTypeId: string }[] }): string[] =>
  items.map(({ ticketTypeId }) => ticketTypeId);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveLoading(
    contract.placeHold,
    ({ body }) => findTicketTypes(table, wishedTypes(body)),
    async ({ body, session, headers, client, now, occasion }, found) => {
      const { userId: customerId, limitKey } = session;
      const types = buyable(found, session);
      const code = await tryCode(sentCode(limiter, { headers, client, session, now }), types.values());
      if (!code.ok) return code;
      const key = headers['idempotency-key'];
      const orderId = key === undefined ? ulid(now) : derivedId('reservation', customerId, key);
      const asked = { wishes: body.items, accessCode: code.value, retriable: key !== undefined };
      const request = { ...asked, orderId, customerId, limitKey, types };
      const placed = await placeHold(table, request, occasion);
      return placed.ok
        ? ok({ status: 201, body: viewReservation(placed.value.reservation, 'HELD', types, now) })
        : placed;
    },
  ),
  serveOwned(contract.getReservation, ownedReservations(table), async ({ now }, reservation) =>
    ok({ status: 200, body: await showReservation(table, reservation, now) }),
  ),
  serveOwned(contract.releaseHold, ownedReservations(table), async ({ occasion }, reservation) => {
    const released = await releaseHold(table, reservation, occasion);
    return released.ok ? ok({ status: 204 }) : released;
  }),
]);
