import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import { qrImageOf, stillLive, viewsOf, type ShowDeps } from './app/read-tickets.ts';
import type { Table } from '../shared/table/client.ts';
import type { TicketSeeds } from './codes.ts';
import type { Ticket } from './contract.ts';

type Answering = Promise<Result<Answer, Problem>>;

/** Answers with one ticket as its reader sees it. */
export async function answerView(ticket: Ticket, deps: ShowDeps): Answering {
  const [body] = await viewsOf([ticket], deps);
  return ok({ status: 200, body });
}

/** Answers with the QR code of one ticket. */
export async function answerPng(table: Table, ticket: Ticket, seeds: TicketSeeds): Answering {
  const live = stillLive(ticket);
  if (!live.ok) return live;
  return ok({ status: 200, file: { bytes: await qrImageOf(table, ticket, seeds), mediaType: 'image/png' } });
}
