import { ok } from '../shared/kernel/result.ts';
import { serveTo, type Served } from '../shared/runtime/http.ts';
import type { ObjectStore } from '../shared/runtime/object-store.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { answerView } from './answers.ts';
import { acceptTicket } from './app/accept-ticket.ts';
import { cancelOffer, offerTicket, type TransferDeps } from './app/offer-ticket.ts';
import type { ShowDeps } from './app/read-tickets.ts';
import { forgetDocuments } from './kept-documents.ts';
import { ownedTickets } from './owned.ts';
import * as api from './transfer-contract.ts';

/** What serving transfers needs. */
export interface TransferRouteDeps extends TransferDeps, ShowDeps {
  readonly store: ObjectStore;
}

/** Routes by which tickets change hands. */
export function serveTransfers(deps: TransferRouteDeps): readonly Served[] {
  const tickets = ownedTickets(deps.table);
  return [
    serveOwned(api.offerTicket, tickets, async ({ body: { email, locale }, headers, occasion }, ticket) => {
      const offered = await offerTicket(deps, ticket, { email, locale, key: headers['idempotency-key'] }, occasion);
      return offered.ok ? ok({ status: 202, body: offered.value }) : offered;
    }),
    serveOwned(api.cancelOffer, tickets, async ({ occasion }, ticket) => {
      const cancelled = await cancelOffer(deps.table, ticket, occasion);
      return cancelled.ok ? ok({ status: 204 }) : cancelled;
    }),
    serveTo(api.acceptTicket, async ({ params: { ticketId }, body: { token }, session, occasion }) => {
      const { userId, limitKey = userId } = session;
      const accepted = await acceptTicket(deps, { ticketId, userId, limitKey, token }, occasion);
      if (!accepted.ok) return accepted;
      await forgetDocuments(deps.store, accepted.value.former);
      return answerView(accepted.value.ticket, deps);
    }),
  ];
}
