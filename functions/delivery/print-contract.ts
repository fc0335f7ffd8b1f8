import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { PRINT_FORMATS, PRINT_LANGUAGES } from './holder-contract.ts';

/**
 * WAITING for a station, CLAIMED by one until its lease ends, PRINTED, or FAILED: the station gave up, or the ticket was
 * given up meanwhile.
 */
export const PRINT_JOB_STATES = ['WAITING', 'CLAIMED', 'PRINTED', 'FAILED'] as const;
export type PrintJobState = (typeof PRINT_JOB_STATES)[number];

/** Why a ticket is printed again; no free text, which would hold names. */
export const REPRINT_REASONS = ['LOST', 'DAMAGED', 'MISPRINT', 'OTHER'] as const;
/** Why a station did not print; `GIVEN_UP` and `TICKET_NOT_VALID` are ours. */
export const STATION_FAILURES = ['PAPER', 'PRINTER', 'OTHER'] as const;

/** Tickets in one request: all or none of them are queued, in one transaction. */
const MOST_TICKETS = 20;
/** Jobs that one station takes at a time. */
const MOST_CLAIMED = 10;

const ofJob = z.object({
  jobId: z.string(),
  ticketId: z.string(),
  eventId: z.string(),
  copy: z.int(),
  reprint: z.optional(z.string()),
  station: z.optional(z.string()),
});

export const printQueued = defineEvent(
  'delivery.TicketPrintQueued.v1',
  'the box office wants a ticket on paper; `copy` counts its prints, `reprint` says why there is another',
  ofJob,
);
export const printClaimed = defineEvent(
  'delivery.TicketPrintClaimed.v1',
  'a station has taken a print job; it may be on paper from here on',
  ofJob,
);
export const ticketPrinted = defineEvent('delivery.TicketPrinted.v1', 'a station has printed a ticket', ofJob);
export const printFailed = defineEvent(
  'delivery.TicketPrintFailed.v1',
  'a print job came to nothing: its station says so, or nobody finished it',
  ofJob,
);

export const printEvents = [printQueued, printClaimed, ticketPrinted, printFailed] as const;

const id = z.string().check(z.regex(ULID_PATTERN));

/** What a station calls itself: a place, not a person. */
const station = z
  .string()
  .check(z.regex(/^[\w][\w .-]{0,31}$/, 'Letters, digits, spaces, dots and dashes, 32 at most'));

/** A print job as stations and the box office see it. */
export const printJobView = z.object({
  id,
  ticketId: id,
  ticketNumber: z.string(),
  state: z.enum(PRINT_JOB_STATES),
  format: z.enum(PRINT_FORMATS),
  language: z.enum(PRINT_LANGUAGES),
  /** 1 for the first print of the ticket. */
  copy: z.int(),
  reprint: z.nullable(z.enum(REPRINT_REASONS)),
  /** How often it was taken; above 1, an earlier station may have printed it without saying so. */
  attempts: z.int(),
  station: z.nullable(z.string()),
  leaseUntil: z.nullable(z.iso.datetime()),
  failure: z.nullable(z.string()),
  createdAt: z.iso.datetime(),
  /** Where the station gets the PDF that it prints, as the ticket is by then. */
  documentUrl: z.string(),
});
export type PrintJobView = z.infer<typeof printJobView>;

/** The box office of the event, and whoever leads its organisation. */
const BOX_OFFICE = { who: ['staff', 'organizer'], posts: ['box-office'], owns: 'event' } as const;

export const queuePrints = route({
  id: 'queuePrints',
  method: 'POST',
  path: '/api/events/{eventId}/print-jobs',
  summary: 'Have tickets printed by a station of the box office; one that was printed before needs a reason',
  access: BOX_OFFICE,
  params: z.strictObject({ eventId: id }),
  headers: { 'Idempotency-Key': 'The same key queues each ticket once, however often it is sent' },
  body: z.strictObject({
    /** In the order in which they are to come out. */
    ticketIds: z.array(id).check(
      z.minLength(1),
      z.maxLength(MOST_TICKETS),
      z.refine((all) => new Set(all).size === all.length, 'Each ticket once'),
    ),
    /** Ticket stock unless said. */
    format: z.optional(z.enum(PRINT_FORMATS)),
    /** Of our own words; English unless said. */
    language: z.optional(z.enum(PRINT_LANGUAGES)),
    reprint: z.optional(z.enum(REPRINT_REASONS)),
  }),
  responses: { 201: z.object({ items: z.array(printJobView) }) },
  problems: ['TICKET_NOT_FOUND', 'TICKET_NOT_VALID', 'TICKET_PRINTED_ALREADY'],
});

export const listPrints = route({
  id: 'listPrints',
  method: 'GET',
  path: '/api/events/{eventId}/print-jobs',
  summary: 'The print jobs of an event that are not finished, oldest first, 100 at most',
  access: BOX_OFFICE,
  params: z.strictObject({ eventId: id }),
  responses: { 200: z.object({ items: z.array(printJobView), nextCursor: z.null() }) },
  problems: [],
});

export const claimPrints = route({
  id: 'claimPrints',
  method: 'POST',
  path: '/api/events/{eventId}/print-jobs/claim',
  summary: 'Take the oldest print jobs for two minutes; whoever does not finish one leaves it to the next station',
  access: BOX_OFFICE,
  params: z.strictObject({ eventId: id }),
  body: z.strictObject({
    station,
    /** How many; one unless said. */
    most: z.optional(z.int().check(z.minimum(1), z.maximum(MOST_CLAIMED))),
  }),
  responses: { 200: z.object({ items: z.array(z.extend(printJobView, { leaseId: id })) }) },
  problems: [],
});

export const settlePrint = route({
  id: 'settlePrint',
  method: 'POST',
  path: '/api/events/{eventId}/print-jobs/{printJobId}/result',
  summary: 'Say whether a print job is on paper, with the lease that it was taken by',
  access: { ...BOX_OFFICE, owns: 'printJob' },
  params: z.strictObject({ eventId: id, printJobId: id }),
  body: z.discriminatedUnion('outcome', [
    z.strictObject({ leaseId: id, outcome: z.literal('PRINTED') }),
    z.strictObject({ leaseId: id, outcome: z.literal('FAILED'), failure: z.enum(STATION_FAILURES) }),
  ]),
  responses: { 200: printJobView },
  problems: ['PRINT_LEASE_LOST'],
});
export type PrintResult = z.infer<(typeof settlePrint)['body']>;

export const printRoutes = [queuePrints, listPrints, claimPrints, settlePrint] as const;
