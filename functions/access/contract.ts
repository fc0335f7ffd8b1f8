import * as z from 'zod/mini';

import { ticketSeedEnv } from '../delivery/contract.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { cursorEnv, sessionEnv } from '../shared/runtime/env.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';

const id = z.string().check(z.regex(ULID_PATTERN));

/** Why the gate refuses. Ours: `EVENT_OVER`, the ticket's time has passed; `FROZEN`, its payment is disputed. */
export const refusalReason = z.enum([
  'ALREADY_USED',
  'WRONG_EVENT',
  'WRONG_ZONE',
  'CANCELLED',
  'SUPERSEDED',
  'FORGED',
  'NOT_YET_OPEN',
  'EVENT_OVER',
  'FROZEN',
]);
export type RefusalReason = z.infer<typeof refusalReason>;

/** A ticket let its holder in (status USED); raised by the ticket's row. */
export const ticketAdmitted = defineEvent(
  'access.TicketAdmitted.v1',
  'the gate admits a ticket',
  z.object({
    ticketId: z.string(),
    orderId: z.string(),
    eventId: z.string(),
    usedAt: z.int(),
    usedGate: z.optional(z.string()),
  }),
);

export const accessEvents = [ticketAdmitted] as const;

/** Names of gates, devices and zones: printable, short, and such that they come back from the store unchanged. */
const label = z.string().check(
  z.minLength(1),
  z.maxLength(64),
  z.regex(/^[^\p{Cc}]+$/u),
  z.refine<string>((text) => text.isWellFormed(), 'This is not well-formed Unicode'),
);

/** The gate's answer to a scan. */
export const verdict = z.object({
  result: z.enum(['ADMIT', 'REFUSE']),
  reason: z.optional(refusalReason),
  ticket: z.optional(
    z.object({
      id,
      code: z.string(),
      ticketNumber: z.string(),
      eventId: id,
      ticketTypeId: id,
      ticketTypeName: z.nullable(z.string()),
      accessLevel: z.nullable(z.string()),
      /** How the holder's seat is named. */
      seat: z.optional(z.string()),
      status: z.string(),
    }),
  ),
  /** When and where the ticket was let in first, for `ALREADY_USED`. */
  firstUse: z.optional(z.object({ at: z.iso.datetime(), gate: z.nullable(z.string()) })),
  scanId: id,
  scannedAt: z.iso.datetime(),
});
export type Verdict = z.infer<typeof verdict>;

export const validateTicket = route({
  id: 'validateTicket',
  method: 'POST',
  path: '/api/tickets/validate',
  summary: 'Scan a ticket at the gate: admits once',
  access: { who: ['staff'], posts: ['gate'], owns: 'ticket', by: 'body', checkedBy: 'use case' },
  body: z.strictObject({
    /** The text of the QR code, exactly as scanned. */
    qr: z.string().check(z.minLength(1), z.maxLength(2_000)),
    /** Where the scan is made; a gate that its event has declared admits tickets of its zones alone. */
    gate: z.optional(label),
    deviceId: z.optional(label),
    /** Only entries for now. */
    direction: z.optional(z.string().check(z.regex(/^in$/i))),
    /** The event being admitted: a ticket of any other is refused. */
    eventId: z.optional(id),
    /** The scanner's own name of this scan, so that a retry is answered the same; else `Idempotency-Key`. */
    scanId: z.optional(label),
  }),
  responses: {
    200: verdict,
  },
  problems: ['NOT_ALLOWED'],
});

/** One row of the validation log. */
export const scanView = z.object({
  id,
  at: z.iso.datetime(),
  result: z.enum(['ADMIT', 'REFUSE']),
  reason: z.nullable(refusalReason),
  ticketId: z.nullable(id),
  eventId: z.nullable(id),
  gate: z.nullable(z.string()),
  deviceId: z.nullable(z.string()),
  staffId: z.string(),
});
export type ScanView = z.infer<typeof scanView>;

export const listScans = route({
  id: 'listScans',
  method: 'GET',
  path: '/api/events/{eventId}/scans',
  summary: 'The validation log of an event, newest first',
  access: { who: ['staff', 'organizer', 'admin'], posts: ['gate'], owns: 'event' },
  params: z.strictObject({ eventId: id }),
  query: z.strictObject({
    limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100))),
    cursor: z.optional(z.string().check(z.maxLength(500))),
  }),
  responses: { 200: z.object({ items: z.array(scanView), nextCursor: z.nullable(z.string()) }) },
  problems: ['INVALID_INPUT'],
});

export const accessRoutes = [validateTicket, listScans] as const;

export const scanEnv = z.extend(sessionEnv, { ...cursorEnv.shape, ...ticketSeedEnv.shape });
