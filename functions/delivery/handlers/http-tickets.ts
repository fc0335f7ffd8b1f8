import { inJson } from '../../shared/runtime/answer.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { httpFunction, serveTo } from '../../shared/runtime/http.ts';
import { serveOwned } from '../../shared/runtime/serve-owned.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import { openTable } from '../../shared/table/client.ts';
import { personalDataIn } from '../../users/recipients.ts';
import { answerPng, answerView } from '../answers.ts';
import { listTicketsFor, type TicketsAsked } from '../app/list-tickets.ts';
import { readTicketSeeds } from '../codes.ts';
import * as api from '../contract.ts';
import { namesFor } from '../holder-names.ts';
import { ownedTickets, ownedTicketsByCode } from '../owned.ts';
import { servePrints } from '../serve-prints.ts';

const env = readEnv(api.ticketsEnv);
const table = openTable(env.TABLE_NAME);
const seeds = () => readTicketSeeds(env.TICKET_SEED_PARAMETER);
const deps = { table, seeds, namesOf: namesFor(table, personalDataIn(table, env)) };
const tickets = ownedTickets(table);
const list = async (asked: TicketsAsked) =>
  inJson(await listTicketsFor(table, asked, deps, await readKey(env.CURSOR_KEY_PARAMETER)));

export const handler = httpFunction({ table, sessionKeysParameter: env.SESSION_KEYS_PARAMETER }, [
  serveTo(api.listTickets, list),
  serveTo(api.listOrderTickets, ({ session, params, now }) => list({ session, query: params, now })),
  serveOwned(api.getTicket, tickets, async (_asked, ticket) => answerView(ticket, deps)),
  serveOwned(api.getTicketByCode, ownedTicketsByCode(table), async (_asked, ticket) => answerView(ticket, deps)),
  serveOwned(api.getTicketQr, tickets, async (_asked, ticket) => answerPng(table, ticket, await seeds())),
  ...servePrints(table),
]);
