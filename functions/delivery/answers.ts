import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import { viewsOf } from './app/read-tickets.ts';
import type { TicketSeeds } from './codes.ts';
import type { Ticket } from './contract.ts';

/** 200 with the ticket that was found as its reader sees it, or the problem. */
export async function viewed(found: Result<Ticket, Problem>, seeds: TicketSeeds): Promise<Result<Answer, Problem>> {
  if (!found.ok) return found;
  const [body] = await viewsOf([found.value], seeds);
  return ok({ status: 200, body });
}

/** A ticket to print. */
export function pdfFile(bytes: Uint8Array, { number }: Ticket): Answer {
  return { status: 200, file: { bytes, mediaType: 'application/pdf', name: `ticket-${number}.pdf` } };
}

/** A QR code as an image. */
export function pngFile(bytes: Uint8Array): Answer {
  return { status: 200, file: { bytes, mediaType: 'image/png' } };
}
