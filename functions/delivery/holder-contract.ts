import * as z from 'zod/mini';

import { attendeeName } from '../orders/attendees-contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { limitsEnv } from '../shared/runtime/limits.ts';
import { linkEnv, personalDataEnv } from '../users/contract.ts';
import { ticketSeedEnv, ticketStatus, ticketView } from './contract.ts';

/** New codes of one ticket: so many are no accident, and the version in the code ends at 65,535. */
export const MOST_REISSUES = 20;
/** Names of one ticket, one after the other: more is no slip of the pen, and each is a version that is kept. */
export const MOST_NAMINGS = 20;

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

/** The names themselves lie beside the order and are in no event. */
export const ticketNamed = defineEvent(
  'delivery.TicketNamed.v1',
  'the holder of a ticket is named, or named anew, after it was issued',
  z.object({ ticketId: z.string(), orderId: z.string(), customerId: z.string(), eventId: z.string() }),
);

export const holderEvents = [ticketReissued, ticketNamed] as const;

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

export const nameHolder = route({
  id: 'nameHolder',
  method: 'PATCH',
  path: '/api/tickets/{ticketId}',
  summary:
    'Name the holder of a ticket, or nobody (null), until it is used; one that was passed on shows who accepted it',
  access: { who: ['customer', 'vendor'], owns: 'ticket', key: 'orders:write' },
  params: z.strictObject({ ticketId: id }),
  body: z.strictObject({ holderName: z.nullable(attendeeName) }),
  responses: { 200: ticketView },
  problems: ['TICKET_NOT_VALID', 'TOO_MANY_NAMES', 'NAME_FROM_PROFILE'],
});

const READERS = {
  who: ['customer', 'staff', 'organizer', 'support', 'admin', 'vendor'],
  key: 'tickets:read',
} as const;

export const ticketCalendar = route({
  id: 'ticketCalendar',
  method: 'GET',
  path: '/api/tickets/{ticketId}/calendar.ics',
  summary: 'What a ticket is for, for calendars (RFC 5545); cancelled once it is off',
  access: { ...READERS, owns: 'ticket' },
  params: z.strictObject({ ticketId: id }),
  responses: { 200: null },
  produces: 'text/calendar; charset=utf-8',
  problems: [],
});

export const orderCalendar = route({
  id: 'orderCalendar',
  method: 'GET',
  path: '/api/orders/{orderId}/calendar.ics',
  summary: 'What the tickets of an order are for, for calendars (RFC 5545), an entry for each event',
  access: { ...READERS, owns: 'order', checkedBy: 'use case' },
  params: z.strictObject({ orderId: id }),
  responses: { 200: null },
  produces: 'text/calendar; charset=utf-8',
  problems: [],
});

export const getTicketLink = route({
  id: 'getTicketLink',
  method: 'GET',
  path: '/api/tickets/{ticketId}/link',
  summary: 'The link to a page that shows a ticket without a log-in; a new code of the ticket revokes it',
  access: { who: ['customer'], owns: 'ticket' },
  params: z.strictObject({ ticketId: id }),
  responses: { 200: z.object({ url: z.string() }) },
  problems: ['TICKET_NOT_VALID'],
});

/** A ticket as its link shows it: what is needed to go in, and nothing of the order or of who paid. */
export const linkedTicketView = z.object({
  ticketNumber: z.string(),
  status: ticketStatus,
  event: z.object({
    title: z.string(),
    startsAt: z.iso.datetime(),
    endsAt: z.nullable(z.iso.datetime()),
    timeZone: z.string(),
    venueName: z.nullable(z.string()),
    city: z.nullable(z.string()),
  }),
  ticketTypeName: z.string(),
  seat: z.nullable(z.string()),
  accessLevel: z.nullable(z.string()),
  holderName: z.nullable(z.string()),
  qr: z.string(),
  qrImage: z.string(),
});
export type LinkedTicketView = z.infer<typeof linkedTicketView>;

export const showTicket = route({
  id: 'showTicket',
  method: 'POST',
  path: '/api/tickets/show',
  summary: 'A ticket by the token of its link, without a log-in',
  access: { who: 'anyone' },
  body: z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(500)) }),
  responses: { 200: linkedTicketView },
  problems: ['TOKEN_INVALID_OR_EXPIRED'],
});

/** What holders do with their tickets. */
export const holderRoutes = [
  getTicketPdf,
  reissueTicket,
  nameHolder,
  ticketCalendar,
  orderCalendar,
  getTicketLink,
  showTicket,
] as const;

export const holdersEnv = z.extend(sessionEnv, {
  /** How the operator is called: the name in `brand` of the stage. */
  BRAND_NAME: z.string(),
  ...ticketSeedEnv.shape,
  /** Bucket that printed tickets are kept in, and that has the pictures of events. */
  DOCUMENTS_BUCKET: z.string(),
  ...linkEnv.shape,
  ...personalDataEnv.shape,
  ...limitsEnv.shape,
  ...cursorEnv.shape,
  /** Keyed hash by which an account is found from its address. */
  EMAIL_INDEX_KEY_PARAMETER: z.string(),
  /** Where links lead, without a slash at its end. */
  PUBLIC_URL: z.string(),
  /** The address that mails come from: calendars name it as their organizer. */
  MAIL_SENDER: z.string(),
});
