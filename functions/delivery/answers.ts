import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import type { Session } from '../shared/runtime/session.ts';
import type { Table } from '../shared/table/client.ts';
import { liveTicketFor, pdfOf, qrImageOf, ticketFor, viewsOf } from './app/read-tickets.ts';
import type { TicketSeeds } from './codes.ts';

type Answering = Promise<Result<Answer, Problem>>;

/** Answers with one ticket as its reader sees it. */
export async function answerView(table: Table, session: Session, ticketId: string, seeds: TicketSeeds): Answering {
  const found = await ticketFor(table, session, ticketId);
  if (!found.ok) return found;
  const [body] = await viewsOf([found.value], seeds);
  return ok({ status: 200, body });
}

/** Answers with one ticket to print. */
export async function answerPdf(table: Table, session: Session, ticketId: string, seeds: TicketSeeds): Answering {
  const found = await liveTicketFor(table, session, ticketId);
  if (!found.ok) return found;
  const bytes = await pdfOf(table, found.value, seeds);
  return ok({ status: 200, file: { bytes, mediaType: 'application/pdf', name: `ticket-${found.value.number}.pdf` } });
}

/** Answers with the QR code of one ticket. */
export async function answerPng(table: Table, session: Session, ticketId: string, seeds: TicketSeeds): Answering {
  const found = await liveTicketFor(table, session, ticketId);
  if (!found.ok) return found;
  return ok({ status: 200, file: { bytes: await qrImageOf(found.value, seeds), mediaType: 'image/png' } });
}
