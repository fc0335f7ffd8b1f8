import * as z from 'zod/mini';

import { seatView } from '../orders/contract.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv, tableEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { personalDataEnv } from '../users/contract.ts';
import type { Marked } from '../shared/table/aggregate.ts';
import type { Item } from '../shared/table/keys.ts';

/** VALID → USED at the gate; ARCHIVED by refund or cancellation; TRANSFERRED to another holder. */
export const ticketStatus = z.enum(['VALID', 'USED', 'ARCHIVED', 'TRANSFERRED']);
export type TicketStatus = z.infer<typeof ticketStatus>;

/** A ticket's row, but for its change mark. */
export const ticketRow = z.object({
  ticketId: z.string(),
  orderId: z.string(),
  lineId: z.string(),
  customerId: z.string(),
  eventId: z.string(),
  organizationId: z.string(),
  ticketTypeId: z.string(),
  number: z.string(),
  status: ticketStatus,
  /** The version that a QR code must show to admit; grows with every reissue. */
  ticketVersion: z.int(),
  accessLevel: z.optional(z.string()),
  /** Where its holder sits, if anywhere in particular. */
  seat: z.optional(seatView),
  /** When the gates open; without it there is no earliest moment. */
  admitFrom: z.optional(z.int()),
  /** The ticket admits nobody after this. */
  validUntil: z.int(),
  issuedAt: z.int(),
  usedAt: z.optional(z.int()),
  usedGate: z.optional(z.string()),
  /** The scan that admitted, so that its retry is answered the same. */
  usedScan: z.optional(z.string()),
  /** The request that made its code anew last, so that its retry is answered the same. */
  reissuedFor: z.optional(z.string()),
  /** How often its holder was named by whoever ordered; without it, nobody was. The names are beside the order. */
  namings: z.optional(z.int()),
  /** The bank decides about its payment: it admits nobody meanwhile. */
  frozen: z.optional(z.boolean()),
  /** The offer that it stands under, until when; see `domain/transfer.ts`. */
  offer: z.optional(z.object({ offerId: z.string(), until: z.int() })),
  /** The ticket of who has accepted it, of a TRANSFERRED one; and whose place the ticket took. */
  transferredTo: z.optional(z.string()),
  transferredFrom: z.optional(z.string()),
  /** The ticket that was issued for its place in the order, once it has changed hands. */
  originId: z.optional(z.string()),
  /** How often it has changed hands. */
  transfers: z.optional(z.int()),
  /** Whom it counts against a limit for, beyond who has bought it. */
  countedFor: z.optional(z.string()),
});

/** What a new ticket's row holds. */
export type NewTicket = z.infer<typeof ticketRow>;

/** A ticket as its row holds it. */
export type Ticket = NewTicket & Marked & Item;

/** From when until when a ticket admits. */
export interface AdmissionTimes {
  readonly admitFrom?: Instant | undefined;
  readonly validUntil: Instant;
}

/** When and where a ticket admits. */
export interface AdmissionTerms extends AdmissionTimes {
  /** Gates that lead to other zones than it opens, by their folded names. */
  readonly closedGates?: readonly string[] | undefined;
}

/** What a ticket's QR code says; a scanner without a network admits by it alone. */
export interface QrPayload {
  /** Tells which seed signed, see `codes.ts`. */
  readonly keyId: number;
  readonly eventId: string;
  readonly ticketId: string;
  /** Grows with every reissue; an older code is superseded (invariant I16). */
  readonly ticketVersion: number;
  /** The code admits nobody after this, milliseconds since the epoch, kept in whole seconds. */
  readonly validUntil: Instant;
  /** The zone that it opens; empty for the whole venue. */
  readonly accessLevel: string;
}

/** What the QR code of a ticket is made from, whichever key signs it. */
export type QrSubject = Omit<QrPayload, 'keyId'>;

/** What a ticket shows of itself, in print and in a mail. */
export interface TicketSheet {
  readonly event: {
    readonly title: string;
    readonly startsAt: Instant;
    readonly endsAt?: Instant | undefined;
    /** IANA name; times are shown in it. */
    readonly timeZone: string;
    readonly venueName?: string | undefined;
    readonly city?: string | undefined;
    /** Of its picture, where it has one. */
    readonly imageId?: string | undefined;
    /** What it asks of who comes. */
    readonly terms?: { readonly ageLimit?: number | undefined; readonly cancelHours?: number | undefined } | undefined;
  };
  readonly ticketTypeName: string;
  readonly accessLevel?: string | undefined;
  /** How the seat is named to people. */
  readonly seat?: string | undefined;
  readonly holderName?: string | undefined;
  readonly orderNumber: string;
  readonly number: string;
  /** The ticket's place among the `count` of its order, from 1. */
  readonly position: number;
  readonly count: number;
  readonly code: string;
  /** The text of the QR code. */
  readonly qr: string;
}

/** A ticket came into being (status VALID). */
export const ticketIssued = defineEvent(
  'delivery.TicketIssued.v1',
  'a ticket of a paid order is issued',
  z.object({
    ticketId: z.string(),
    orderId: z.string(),
    customerId: z.string(),
    eventId: z.string(),
    ticketTypeId: z.string(),
  }),
);

/** The ticket admits nobody any more (status ARCHIVED). */
export const ticketArchived = defineEvent(
  'delivery.TicketArchived.v1',
  'a ticket is given up by a refund or with its event',
  z.object({
    ticketId: z.string(),
    orderId: z.string(),
    customerId: z.string(),
    eventId: z.string(),
    ticketTypeId: z.string(),
  }),
);
/** The gate admits nobody with the ticket while the bank decides about its payment, or does so again. */
export const ticketFrozen = defineEvent(
  'delivery.TicketFrozen.v1',
  'the payment of a ticket is disputed, or the dispute is won',
  z.object({ ticketId: z.string(), orderId: z.string(), eventId: z.string(), frozen: z.optional(z.boolean()) }),
);

export const deliveryEvents = [ticketIssued, ticketArchived, ticketFrozen] as const;

const id = z.string().check(z.regex(ULID_PATTERN));

/** `tc_` and the ticket's id: an identifier that may be printed and read out, never a secret. */
export const TICKET_CODE_PATTERN = /^tc_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** The code under which a ticket is known. */
export function ticketCodeOf(ticketId: string): string {
  return `tc_${ticketId}`;
}

/** The id in a code that matches {@link TICKET_CODE_PATTERN}. */
export function ticketIdIn(code: string): string {
  return code.slice('tc_'.length);
}

/** A ticket as clients see it. */
export const ticketView = z.object({
  id,
  code: z.string(),
  customerId: z.string(),
  orderId: id,
  eventId: id,
  ticketTypeId: id,
  /** The order's number and the ticket's place in it, for example `ON-7K3M-Q2XD-2`. */
  ticketNumber: z.string(),
  /** Who was named for it, or the account that it was passed on to; null where nobody was, or it admits nobody any more. */
  holderName: z.nullable(z.string()),
  seat: z.optional(seatView),
  status: ticketStatus,
  /** The text of the signed QR code; null once the ticket no longer admits anybody. */
  qr: z.nullable(z.string()),
  /** The same as a PNG, Base64. */
  qrImage: z.nullable(z.string()),
  createdAt: z.iso.datetime(),
  usedAt: z.optional(z.iso.datetime()),
  /** Until when an offer of it may be accepted; absent while there is none. */
  offeredUntil: z.optional(z.iso.datetime()),
});
export type TicketView = z.infer<typeof ticketView>;

const ticketList = z.object({ items: z.array(ticketView), nextCursor: z.nullable(z.string()) });

/** Holders, organisers of the event and its staff, support and admins; anybody else meets 404. */
const who = ['customer', 'staff', 'organizer', 'support', 'admin', 'vendor'] as const;
const key = 'tickets:read';
const access = { who, owns: 'ticket', key } as const;
const accessByOrder = { who, owns: 'order', key, checkedBy: 'use case' } as const;
const ticketParams = z.strictObject({ ticketId: id });

export const listTickets = route({
  id: 'listTickets',
  method: 'GET',
  path: '/api/tickets',
  summary: "The tickets of an order, or the caller's own, newest order first",
  access: { ...accessByOrder, by: 'query' },
  query: z.strictObject({
    orderId: z.optional(id),
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(500))),
  }),
  responses: { 200: ticketList },
  problems: ['INVALID_INPUT'],
});

export const getTicket = route({
  id: 'getTicket',
  method: 'GET',
  path: '/api/tickets/{ticketId}',
  summary: 'One ticket',
  access,
  params: ticketParams,
  responses: { 200: ticketView },
  problems: [],
});

export const getTicketByCode = route({
  id: 'getTicketByCode',
  method: 'GET',
  path: '/api/tickets/code/{code}',
  summary: 'One ticket by its code',
  access,
  params: z.strictObject({ code: z.string().check(z.regex(TICKET_CODE_PATTERN)) }),
  responses: { 200: ticketView },
  problems: [],
});

export const listOrderTickets = route({
  id: 'listOrderTickets',
  method: 'GET',
  path: '/api/tickets/order/{orderId}',
  summary: 'The tickets of one order',
  access: accessByOrder,
  params: z.strictObject({ orderId: id }),
  responses: { 200: ticketList },
  problems: [],
});

export const getTicketQr = route({
  id: 'getTicketQr',
  method: 'GET',
  path: '/api/tickets/{ticketId}/qr.png',
  summary: "A ticket's QR code as an image",
  access,
  params: ticketParams,
  responses: { 200: null },
  produces: 'image/png',
  problems: ['TICKET_NOT_VALID'],
});

export const deliveryRoutes = [listTickets, getTicket, getTicketByCode, listOrderTickets, getTicketQr] as const;

/** Whoever makes or checks QR codes needs the seed that the events' signing keys are derived from. */
export const ticketSeedEnv = z.object({
  /** SSM parameter of kind `random-32-bytes`; several, newest first and comma-separated, after a rotation. */
  TICKET_SEED_PARAMETER: z.string(),
});

export const issueTicketsEnv = tableEnv;
export const ticketsEnv = z.extend(sessionEnv, {
  ...cursorEnv.shape,
  ...ticketSeedEnv.shape,
  ...personalDataEnv.shape,
});
