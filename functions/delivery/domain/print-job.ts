import * as z from 'zod/mini';

import { MINUTE, toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { PRINT_FORMATS, PRINT_LANGUAGES } from '../holder-contract.ts';
import { PRINT_JOB_STATES, REPRINT_REASONS, type PrintJobView } from '../print-contract.ts';

const printJobRow = z.object({
  jobId: z.string(),
  ticketId: z.string(),
  ticketNumber: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  state: z.enum(PRINT_JOB_STATES),
  format: z.enum(PRINT_FORMATS),
  language: z.enum(PRINT_LANGUAGES),
  /** Which print of the ticket it is, from 1. */
  copy: z.int(),
  reprint: z.optional(z.enum(REPRINT_REASONS)),
  /** How often it was taken. */
  attempts: z.int(),
  station: z.optional(z.string()),
  leaseId: z.optional(z.string()),
  leaseUntil: z.optional(z.int()),
  failure: z.optional(z.string()),
  createdAt: z.int(),
  /** Among the tickets that were queued with it, from 0: they come out of the printer in that order. */
  place: z.int(),
});
export type NewPrintJob = z.infer<typeof printJobRow>;
/** One ticket to be printed once by some station. */
export type PrintJob = NewPrintJob & Marked & Item;

/** Reads an item as a print job. */
export function parsePrintJob(item: Item): PrintJob {
  return { ...marked(item), ...z.parse(printJobRow, item) };
}

const printsRow = z.object({
  /** How often a station said that it has printed the ticket. */
  copies: z.int(),
  /** The job that is not finished yet; there is one at most. */
  openJob: z.optional(z.string()),
});
/** How often a ticket was printed, and what is under way. */
export type Prints = z.infer<typeof printsRow>;

/** Reads an item as the prints of a ticket. */
export function parsePrints(item: unknown): Prints {
  return z.parse(printsRow, item);
}

/** A printer takes seconds for ten tickets; whoever is silent for longer has lost power or network. */
const LEASE_MS = 2 * MINUTE;
/** A job that so many stations took and nobody finished breaks something: it is laid aside for a person. */
const MOST_ATTEMPTS = 5;

/** When a lease ends that begins now. */
export function leaseFrom(now: Instant): Instant {
  return now + LEASE_MS;
}

/** What a station that asks for work may do with a job. */
export function forStation(
  { state, leaseUntil = 0, attempts }: NewPrintJob,
  now: Instant,
): 'TAKE' | 'LEAVE' | 'GIVE_UP' {
  if (state !== 'WAITING' && (state !== 'CLAIMED' || leaseUntil > now)) return 'LEAVE';
  return attempts < MOST_ATTEMPTS ? 'TAKE' : 'GIVE_UP';
}

/** A job as it is shown. */
export function viewPrintJob(job: NewPrintJob): PrintJobView {
  const { jobId, ticketId, ticketNumber, state, format, language, copy, attempts, createdAt } = job;
  return {
    id: jobId,
    ticketId,
    ticketNumber,
    state,
    format,
    language,
    copy,
    reprint: job.reprint ?? null,
    attempts,
    station: job.station ?? null,
    leaseUntil: state === 'CLAIMED' && job.leaseUntil !== undefined ? toTimestamp(job.leaseUntil) : null,
    failure: job.failure ?? null,
    createdAt: toTimestamp(createdAt),
    documentUrl: `/api/tickets/${ticketId}/pdf?format=${format}&language=${language}`,
  };
}
