import { ok } from '../../shared/kernel/result.ts';
import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { pdfFile, pngFile, viewed } from '../answers.ts';
import { listTicketsFor } from '../app/list-tickets.ts';
import { liveTicketFor, pdfOf, qrImageOf, ticketFor } from '../app/read-tickets.ts';
import { readTicketSeeds } from '../codes.ts';
import * as contract from '../contract.ts';

const env = readEnv(contract.ticketsEnv);
const table = openTable(env.TABLE_NAME);
const seeds = () => readTicketSeeds(env.TICKET_SEED_PARAMETER);
const cursorKey = () => readKey(env.CURSOR_KEY_PARAMETER);

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(contract.listTickets, async (asked) =>
    inJson(await listTicketsFor(table, asked, await seeds(), await cursorKey())),
  ),
  serveTo(contract.listOrderTickets, async ({ session, params }) =>
    inJson(await listTicketsFor(table, { session, query: params }, await seeds(), await cursorKey())),
  ),
  serveTo(contract.getTicket, async ({ session, params }) =>
    viewed(await ticketFor(table, session, params.ticketId), await seeds()),
  ),
  serveTo(contract.getTicketByCode, async ({ session, params }) =>
    viewed(await ticketFor(table, session, contract.ticketIdIn(params.code)), await seeds()),
  ),
  serveTo(contract.getTicketPdf, async ({ session, params }) => {
    const found = await liveTicketFor(table, session, params.ticketId);
    return found.ok ? ok(pdfFile(await pdfOf(table, found.value, await seeds()), found.value)) : found;
  }),
  serveTo(contract.getTicketQr, async ({ session, params }) => {
    const found = await liveTicketFor(table, session, params.ticketId);
    return found.ok ? ok(pngFile(await qrImageOf(found.value, await seeds()))) : found;
  }),
]);
