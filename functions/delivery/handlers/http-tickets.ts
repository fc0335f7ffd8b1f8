import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { listTicketsFor } from '../app/list-tickets.ts';
import { pdfFor, qrImageFor, viewFor } from '../app/read-tickets.ts';
import { getTicket, getTicketByCode, getTicketPdf, getTicketQr, listOrderTickets, listTickets, ticketsEnv } from '../contract.ts';
import { ticketIdIn } from '../domain/ticket.ts';
import { readTicketSeeds } from '../qr.ts';

const env = readEnv(ticketsEnv);
const table = openTable(env.TABLE_NAME);
const seeds = () => readTicketSeeds(env.TICKET_SEED_PARAMETER);
const cursorKey = () => readKey(env.CURSOR_KEY_PARAMETER);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(listTickets, async ({ session, query }) => listTicketsFor(table, { session, query }, await seeds(), await cursorKey())),
  serveTo(listOrderTickets, async ({ session, params }) => listTicketsFor(table, { session, query: params }, await seeds(), await cursorKey())),
  serveTo(getTicket, async ({ session, params }) => viewFor(table, session, params.ticketId, await seeds())),
  serveTo(getTicketByCode, async ({ session, params }) => viewFor(table, session, ticketIdIn(params.code), await seeds())),
  serveTo(getTicketPdf, async ({ session, params }) => pdfFor(table, session, params.ticketId, await seeds())),
  serveTo(getTicketQr, async ({ session, params }) => qrImageFor(table, session, params.ticketId, await seeds())),
]);
