import * as z from 'zod/mini';

import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { ticketView } from './contract.ts';

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
export const holderRoutes = [reissueTicket] as const;
