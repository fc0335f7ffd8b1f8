import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { sessionEnv } from '../shared/runtime/env.ts';
import { ticketSeedEnv, ticketView } from './contract.ts';

/** New codes of one ticket: so many are no accident, and the version in the code ends at 65,535. */
export const MOST_REISSUES = 20;

/** The codes of a ticket that were out admit nobody any more; another one does. */
export const ticketReissued = defineEvent(
  'delivery.TicketReissued.v1',
  'a ticket gets a new code, which supersedes the one that was out',
  z.object({
    ticketId: z.string(),
    orderId: z.string(),
    customerId: z.string(),
    eventId: z.string(),
    ticketVersion: z.int(),
  }),
);

export const holderEvents = [ticketReissued] as const;

const id = z.string().check(z.regex(ULID_PATTERN));

/** `a4` to print at home; `stock` of 5.5 × 2 inches and `roll` of 80 mm for a box office's printers. */
export const PRINT_FORMATS = ['a4', 'stock', 'roll'] as const;
export type PrintFormat = (typeof PRINT_FORMATS)[number];
/** Languages that tickets are printed in. */
export const PRINT_LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type PrintLanguage = (typeof PRINT_LANGUAGES)[number];

export const getTicketPdf = route({
  id: 'getTicketPdf',
  method: 'GET',
  path: '/api/tickets/{ticketId}/pdf',
  summary: 'A ticket to print: A4, ticket stock of 5.5 × 2 inches, or a roll of 80 mm',
  access: {
    who: ['customer', 'staff', 'organizer', 'support', 'admin', 'vendor'],
    owns: 'ticket',
    key: 'tickets:read',
  },
  params: z.strictObject({ ticketId: id }),
  query: z.strictObject({
    /** A4 unless said. */
    format: z.optional(z.enum(PRINT_FORMATS)),
    /** Of our own words; English unless said. */
    language: z.optional(z.enum(PRINT_LANGUAGES)),
  }),
  responses: { 200: null },
  produces: 'application/pdf',
  problems: ['TICKET_NOT_VALID'],
});

export const reissueTicket = route({
  id: 'reissueTicket',
  method: 'POST',
  path: '/api/tickets/{ticketId}/reissue',
  summary: 'Give a ticket a new code, for a lost phone or a shared picture: the old one admits nobody from then on',
  access: { who: ['customer', 'organizer', 'support', 'admin'], owns: 'ticket' },
  params: z.strictObject({ ticketId: id }),
  body: z.strictObject({}),
  headers: { 'Idempotency-Key': 'The same key makes one new code, however often it is sent' },
  responses: { 200: ticketView },
  problems: ['TICKET_NOT_VALID', 'TOO_MANY_REISSUES'],
});

/** What holders do with their tickets. */
export const holderRoutes = [getTicketPdf, reissueTicket] as const;

export const holdersEnv = z.extend(sessionEnv, {
  ...ticketSeedEnv.shape,
  /** Bucket that printed tickets are kept in, and that has the pictures of events. */
  DOCUMENTS_BUCKET: z.string(),
});
