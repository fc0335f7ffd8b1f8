import { derivedId } from '../shared/kernel/ids.ts';
import { ok } from '../shared/kernel/result.ts';
import type { Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import { answerView } from './answers.ts';
import { printTicket, type PrintDeps } from './app/print-ticket.ts';
import { stillLive } from './app/read-tickets.ts';
import { reissueTicket } from './app/reissue-ticket.ts';
import * as api from './holder-contract.ts';
import { forgetDocuments } from './kept-documents.ts';
import { ownedTickets } from './owned.ts';

/** Routes by which holders take their tickets away and do something with them. */
export function serveHolders(deps: PrintDeps): readonly Served[] {
  const { table, seeds, store } = deps;
  const tickets = ownedTickets(table);
  return [
    serveOwned(api.getTicketPdf, tickets, async ({ query: { format = 'a4', language = 'en' } }, ticket) => {
      const live = stillLive(ticket);
      if (!live.ok) return live;
      const bytes = await printTicket(deps, ticket, { format, language });
      return ok({ status: 200, file: { bytes, mediaType: 'application/pdf', name: `ticket-${ticket.number}.pdf` } });
    }),
    serveOwned(api.reissueTicket, tickets, async ({ session, headers, occasion }, ticket) => {
      const key = headers['idempotency-key'];
      const request = key === undefined ? undefined : derivedId('reissue', session.userId, key);
      const done = await reissueTicket(table, ticket, request, occasion);
      if (!done.ok) return done;
      await forgetDocuments(store, done.value);
      return answerView(done.value, await seeds());
    }),
  ];
}
