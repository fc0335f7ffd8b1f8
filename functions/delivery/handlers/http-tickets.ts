import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { answerPdf, answerPng, answerView } from '../answers.ts';
import { listTicketsFor, type TicketsAsked } from '../app/list-tickets.ts';
import { readTicketSeeds } from '../codes.ts';
import * as api from '../contract.ts';

const env = readEnv(api.ticketsEnv);
const table = openTable(env.TABLE_NAME);
const seeds = () => readTicketSeeds(env.TICKET_SEED_PARAMETER);
const list = async (asked: TicketsAsked) =>
  inJson(await listTicketsFor(table, asked, await seeds(), await readKey(env.CURSOR_KEY_PARAMETER)));

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(api.listTickets, list),
  serveTo(api.listOrderTickets, ({ session, params }) => list({ session, query: params })),
  serveTo(api.getTicket, async ({ session, params }) => answerView(table, session, params.ticketId, await seeds())),
  serveTo(api.getTicketByCode, async ({ session, params: { code } }) =>
    answerView(table, session, api.ticketIdIn(code), await seeds()),
  ),
  serveTo(api.getTicketPdf, async ({ session, params }) => answerPdf(table, session, params.ticketId, await seeds())),
  serveTo(api.getTicketQr, async ({ session, params }) => answerPng(table, session, params.ticketId, await seeds())),
]);
