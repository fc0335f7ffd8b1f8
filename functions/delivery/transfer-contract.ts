import * as z from 'zod/mini';

import { DAY } from '../shared/kernel/clock.ts';
import { ULID_PATTERN } from '../shared/kernel/ids.ts';
import { defineEvent } from '../shared/runtime/events.ts';
import { route } from '../shared/runtime/route.ts';
import { emailAddress, locale } from '../users/person-fields.ts';
import { ticketView } from './contract.ts';

/** How long an offered ticket may be accepted, and never beyond its own end. */
export const OFFER_LIVES_MS = 7 * DAY;
/** Times that a ticket changes hands: more is trade. */
export const MOST_TRANSFERS = 5;

const id = z.string().check(z.regex(ULID_PATTERN));
const ticketParams = z.strictObject({ ticketId: id });

const ofTicket = z.object({ ticketId: z.string(), customerId: z.string(), eventId: z.string() });

export const ticketOffered = defineEvent(
  'delivery.TicketOffered.v1',
  'a holder offers a ticket to whoever has an address',
  z.extend(ofTicket, { offer: z.object({ offerId: z.string(), until: z.int() }) }),
);
export const ticketOfferCancelled = defineEvent(
  'delivery.TicketOfferCancelled.v1',
  'a holder takes the offer of a ticket back',
  ofTicket,
);
export const ticketTransferred = defineEvent(
  'delivery.TicketTransferred.v1',
  'an offered ticket is accepted: this one admits nobody any more (status TRANSFERRED)',
  z.extend(ofTicket, { orderId: z.string(), transferredTo: z.string() }),
);
export const ticketReceived = defineEvent(
  'delivery.TicketReceived.v1',
  'the ticket of whoever has accepted an offered one exists (status VALID); raised with `delivery.TicketTransferred.v1`',
  z.extend(ofTicket, { orderId: z.string(), ticketTypeId: z.string(), transferredFrom: z.string() }),
);

export const transferEvents = [ticketOffered, ticketOfferCancelled, ticketTransferred, ticketReceived] as const;

export const offerView = z.object({ offerId: id, expiresAt: z.iso.datetime() });
export type OfferView = z.infer<typeof offerView>;

export const offerTicket = route({
  id: 'offerTicket',
  method: 'POST',
  path: '/api/tickets/{ticketId}/transfer',
  summary:
    'Offer a ticket to whoever has an address, by a mail whose link lives for seven days; it stays yours until accepted',
  access: { who: ['customer'], owns: 'ticket' },
  params: ticketParams,
  body: z.strictObject({
    email: emailAddress,
    /** Language of the mail; yours unless said. */
    locale: z.optional(locale),
  }),
  headers: { 'Idempotency-Key': 'The same key and address are answered by the offer that they have made' },
  responses: { 202: offerView },
  problems: ['TICKET_NOT_VALID', 'TICKET_OFFERED_ALREADY', 'TOO_MANY_TRANSFERS', 'TOO_MANY_REQUESTS', 'INVALID_INPUT'],
});

export const cancelOffer = route({
  id: 'cancelOffer',
  method: 'POST',
  path: '/api/tickets/{ticketId}/transfer/cancel',
  summary: 'Take the offer of a ticket back, at once; of this and its acceptance one happens',
  access: { who: ['customer'], owns: 'ticket' },
  params: ticketParams,
  body: z.strictObject({}),
  responses: { 204: null },
  problems: ['TICKET_NOT_VALID'],
});

export const acceptTicket = route({
  id: 'acceptTicket',
  method: 'POST',
  path: '/api/tickets/{ticketId}/transfer/accept',
  summary:
    'Accept an offered ticket, with the token of the mail or as who has an account with the address; answers the new ticket',
  // Whose it is to be, the token or the address says.
  access: { who: ['customer'], owns: 'ticket', checkedBy: 'use case' },
  params: ticketParams,
  body: z.strictObject({ token: z.optional(z.string().check(z.minLength(1), z.maxLength(500))) }),
  responses: { 200: ticketView },
  problems: ['TOKEN_INVALID_OR_EXPIRED', 'TICKET_NOT_VALID', 'TICKET_IS_YOURS', 'LIMIT_EXCEEDED'],
});

export const transferRoutes = [offerTicket, cancelOffer, acceptTicket] as const;
