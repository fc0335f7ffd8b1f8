import { findTicketTypes } from '../inventory/reads.ts';
import { holdFor, type AskedHold, type Asker } from '../reservations/operations.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import { serveLoading, type Answer, type Served } from '../shared/runtime/http.ts';
import { createOrder, type CreatedOrder } from './app/create-order.ts';
import { namingOf, orderAtOnce, type CheckoutDeps } from './app/order-at-once.ts';
import { orderCart } from './app/order-cart.ts';
import type { Attendees } from './attendees-contract.ts';
import * as api from './checkout-contract.ts';
import { fitAttendees } from './domain/attendees.ts';
import { wishIn } from './domain/source.ts';
import { viewCreated } from './domain/view.ts';

/** Routes by which orders come about. */
export function serveCheckout(deps: CheckoutDeps): readonly Served[] {
  const { table, gateway } = deps;
  const typesIn = (wishes: readonly { readonly ticketTypeId: string }[]) =>
    findTicketTypes(
      table,
      wishes.map(({ ticketTypeId }) => ticketTypeId),
    );
  return [
    serveLoading(
      api.createOrder,
      ({ body }) => typesIn(wishIn(body)),
      async (request, found) => {
        const { body, session, occasion } = request;
        const wishes = wishIn(body);
        if (body.reservationId !== undefined)
          return answered(
            await createOrder(
              table,
              gateway,
              body.reservationId,
              session.userId,
              occasion,
              namingOf(deps, request, body.attendees),
            ),
          );
        return answered(
          wishes.length === 0
            ? await orderCart(deps, request, body.attendees)
            : await holdAndOrder(deps, request, { by: 'order', wishes, found }, body.attendees),
        );
      },
    ),
    serveLoading(
      api.purchaseTickets,
      ({ body }) => typesIn(body.items),
      async (request, found) =>
        answered(
          await holdAndOrder(
            deps,
            request,
            { by: 'purchase', wishes: request.body.items, found },
            request.body.attendees,
          ),
        ),
    ),
  ];
}

function answered(made: Result<CreatedOrder, Problem>): Result<Answer, Problem> {
  return made.ok ? ok({ status: 201, body: viewCreated(made.value.order, made.value.intent) }) : made;
}

/**
 * Holds what is asked for and orders it in one go. Asked again under the same Idempotency-Key, after whatever fault, it
 * goes on from where it was: the hold's id follows from the key, and the payment's from the hold.
 *
 * @param attendees who is to come, as far as the buyer says so
 * @returns TOO_MANY_ATTENDEES, and the problems of `HOLD_PROBLEMS` and `ORDER_PROBLEMS`
 */
export async function holdAndOrder(
  deps: CheckoutDeps,
  asker: Asker,
  asked: AskedHold,
  attendees: Attendees = [],
): Promise<Result<CreatedOrder, Problem>> {
  // Before anything is held for it.
  const fitting = fitAttendees(asked.wishes, attendees);
  if (!fitting.ok) return fitting;
  const placed = await holdFor(deps, asker, asked);
  return placed.ok
    ? orderAtOnce(deps.table, deps.gateway, placed.value.reservation, asker.occasion, namingOf(deps, asker, attendees))
    : placed;
}
