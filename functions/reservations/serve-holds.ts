import { findTicketTypes } from '../inventory/reads.ts';
import { ownedReservations } from '../orders/owned.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { serveLoading, type Answer, type Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { showReservation } from './app/read-reservation.ts';
import { releaseHold } from './app/release-hold.ts';
import * as api from './contract.ts';
import { viewReservation } from './domain/view.ts';
import { holdFor, type Granted, type HoldDeps } from './operations.ts';

/** Routes by which holds are placed, read and released. */
export function serveHolds(deps: HoldDeps): readonly Served[] {
  const { table } = deps;
  return [
    serveLoading(
      api.placeHold,
      ({ body: { items } }) =>
        findTicketTypes(
          table,
          items.map(({ ticketTypeId }) => ticketTypeId),
        ),
      async (request, found) => {
        const asked = { by: 'reservation', wishes: request.body.items, found } as const;
        return answered(await holdFor(deps, request, asked), request.now);
      },
    ),
    serveLoading(
      api.validateAvailability,
      ({ body: { ticketTypeId } }) => findTicketTypes(table, [ticketTypeId]),
      async (request, found) => {
        const asked = { by: 'availability', wishes: [request.body], found } as const;
        return answered(await holdFor(deps, request, asked), request.now);
      },
    ),
    serveOwned(api.getReservation, ownedReservations(table), async ({ now }, reservation) =>
      ok({ status: 200, body: await showReservation(table, reservation, now) }),
    ),
    serveOwned(api.releaseHold, ownedReservations(table), async ({ occasion }, reservation) => {
      const released = await releaseHold(table, reservation, occasion);
      return released.ok ? ok({ status: 204 }) : released;
    }),
  ];
}

function answered(placed: Result<Granted, Problem>, now: Instant): Result<Answer, Problem> {
  if (!placed.ok) return placed;
  const { reservation, types } = placed.value;
  return ok({ status: 201, body: viewReservation(reservation, 'HELD', types, now) });
}
