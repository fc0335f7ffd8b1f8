import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer, Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Table } from '../shared/table/client.ts';
import { blockTickets, showStock, showStockAudit, spread } from './app/change-stock.ts';
import { changeSeats } from './app/change-house-seats.ts';
import { ownedEvents, ownedTicketTypes } from './owned.ts';
import * as routes from './stock-routes.ts';

/** The routes by which organizers look at stock on sale and change it, each with its use case. */
export function serveStock(table: Table): readonly Served[] {
  const types = ownedTicketTypes(table);
  return [
    serveOwned(routes.getStock, types, async (_request, found) => answer(await showStock(table, found))),
    serveOwned(routes.blockTickets, types, async ({ body: { quantity }, occasion }, found) =>
      answer(await blockTickets(table, found, quantity, occasion)),
    ),
    serveOwned(routes.spreadStock, types, async ({ body: { holdsPerSecond }, occasion }, found) =>
      answer(await spread(table, found, holdsPerSecond, occasion)),
    ),
    serveOwned(routes.blockSeats, types, async ({ body: { seatIds }, occasion }, found) =>
      answer(await changeSeats(table, found, seatIds, 'BLOCK', occasion)),
    ),
    serveOwned(routes.releaseSeats, types, async ({ body: { seatIds }, occasion }, found) =>
      answer(await changeSeats(table, found, seatIds, 'RELEASE', occasion)),
    ),
    serveOwned(routes.getStockAudit, ownedEvents(table), async (_request, { eventId }) =>
      ok({ status: 200, body: await showStockAudit(table, eventId) }),
    ),
  ];
}

function answer(shown: Result<routes.StockView, Problem>): Result<Answer, Problem> {
  return shown.ok ? ok({ status: 200, body: shown.value }) : shown;
}
