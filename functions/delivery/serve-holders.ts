import { ownedOrders } from '../orders/owned.ts';
import { getReceiptPdf } from '../orders/receipt-contract.ts';
import { findReceipt } from '../orders/receipts.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import { serve, serveTo, type Answer, type Served } from '../shared/runtime/http.ts';
import { inJson } from '../shared/runtime/answer.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { PersonalData } from '../users/recipients.ts';
import { answerView } from './answers.ts';
import { printTicket, type PrintDeps } from './app/print-ticket.ts';
import { orderTicketsFor, stillLive } from './app/read-tickets.ts';
import { showLinkedTicket, type LinkDeps } from './app/show-linked-ticket.ts';
import { calendarOfTickets, type CalendarSettings } from './ticket-calendar.ts';
import { nameHolder } from './app/name-holder.ts';
import { reissueTicket } from './app/reissue-ticket.ts';
import * as api from './holder-contract.ts';
import { forgetDocuments } from './kept-documents.ts';
import { ownedTickets } from './owned.ts';
import { receiptPdf } from './print/receipt.ts';
import { ticketLink } from './web-tickets.ts';

/** What serving holders needs. */
export type HolderDeps = PrintDeps & LinkDeps & CalendarSettings & { readonly personalData: PersonalData };

/** Routes by which holders take their tickets away and do something with them. */
export function serveHolders(deps: HolderDeps): readonly Served[] {
  const { table, store, linkKey, publicUrl } = deps;
  const tickets = ownedTickets(table);
  return [
    serveOwned(api.getTicketPdf, tickets, async ({ query: { format = 'a4', language = 'en' } }, ticket) => {
      const live = stillLive(ticket);
      if (!live.ok) return live;
      const bytes = await printTicket(deps, ticket, { format, language });
      return ok({ status: 200, file: { bytes, mediaType: 'application/pdf', name: `ticket-${ticket.number}.pdf` } });
    }),
    serveOwned(getReceiptPdf, ownedOrders(table), async ({ query: { language = 'en' } }, { order }) => {
      const receipt = await findReceipt(table, order);
      if (!receipt.ok) return receipt;
      const bytes = await receiptPdf(receipt.value, language);
      return ok({ status: 200, file: { bytes, mediaType: 'application/pdf', name: `receipt-${order.number}.pdf` } });
    }),
    serveOwned(api.reissueTicket, tickets, async ({ session, headers, occasion }, ticket) => {
      const key = headers['idempotency-key'];
      const request = key === undefined ? undefined : derivedId('reissue', session.userId, key);
      const done = await reissueTicket(table, ticket, request, occasion);
      if (!done.ok) return done;
      await forgetDocuments(store, done.value);
      return answerView(done.value, deps);
    }),
    serveOwned(api.nameHolder, tickets, async ({ body: { holderName: name }, session, occasion }, ticket) => {
      const done = await nameHolder(deps, ticket, { name, vendor: session.key !== undefined }, occasion);
      if (!done.ok) return done;
      await forgetDocuments(store, done.value);
      return answerView(done.value, deps);
    }),
    serveOwned(api.ticketCalendar, tickets, async (_asked, ticket) =>
      answerCalendar(await calendarOfTickets(table, [ticket], 'ticket', deps), `ticket-${ticket.number}`),
    ),
    serveTo(api.orderCalendar, async ({ session, params: { orderId }, now }) => {
      const found = await orderTicketsFor(table, session, orderId, now);
      if (!found.ok) return found;
      return answerCalendar(await calendarOfTickets(table, found.value, 'order', deps), `order-${orderId}`);
    }),
    serveOwned(api.getTicketLink, tickets, async (_asked, ticket) => {
      const live = stillLive(ticket);
      return live.ok ? inJson(ok({ url: ticketLink(publicUrl, await linkKey(), ticket) })) : live;
    }),
    serve(api.showTicket, async ({ body: { token }, now }) => inJson(await showLinkedTicket(deps, token, now))),
  ];
}

function answerCalendar(text: string, name: string): Result<Answer, never> {
  const file = { bytes: Buffer.from(text), mediaType: 'text/calendar; charset=utf-8', name: `${name}.ics` };
  return ok({ status: 200, file });
}
