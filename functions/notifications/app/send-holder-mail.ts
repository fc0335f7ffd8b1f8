import type * as z from 'zod/mini';

import { findEvents } from '../../catalog/reads.ts';
import type { Ticket } from '../../delivery/contract.ts';
import { illustratedPdf, sheetsOf } from '../../delivery/documents.ts';
import type { ticketReissued } from '../../delivery/holder-contract.ts';
import { holderNamesOf } from '../../delivery/holder-names.ts';
import { inOffer, offerLink } from '../../delivery/offers.ts';
import { findOffer, findTicket } from '../../delivery/reads.ts';
import type { ticketOffered, ticketReceived, ticketTransferred } from '../../delivery/transfer-contract.ts';
import { ticketLink } from '../../delivery/web-tickets.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findOrder } from '../../orders/reads.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import {
  wordOfferMail,
  wordPassedOnMail,
  wordReceivedMail,
  wordReissuedMail,
  type TicketNews,
} from '../domain/ticket-news.ts';
import type { House } from '../domain/layout.ts';
import { languageOf } from '../domain/languages.ts';
import type { MailText } from '../domain/ticket-mail.ts';
import type { MailContent } from '../mime.ts';
import { calendarFile } from '../calendar-file.ts';
import { sendOnce } from './send-once.ts';
import type { OrderMailDeps } from './send-ticket-mail.ts';

/** What mails about single tickets need beyond sending. */
export type HolderMailDeps = OrderMailDeps;

type Offered = Envelope<string, z.infer<(typeof ticketOffered)['data']>>;
type Received = Envelope<string, z.infer<(typeof ticketReceived)['data']>>;
type Transferred = Envelope<string, z.infer<(typeof ticketTransferred)['data']>>;
type Reissued = Envelope<string, z.infer<(typeof ticketReissued)['data']>>;

/**
 * Mails the offer of a ticket to its address. Neither event nor queue holds address or token: both are read or made here, and
 * a mail that comes after the offer's end is not sent.
 */
export async function sendOfferMail(deps: HolderMailDeps, event: Offered): Promise<void> {
  const { ticketId, customerId, offer: named } = event.data;
  const now = deps.clock();
  const offer = await findOffer(deps.table, ticketId);
  if (offer === undefined || offer.offerId !== named.offerId || offer.expiresAt <= now) return;
  await sendOnce(
    deps,
    {
      about: { ticketId },
      event,
      recipient: async () => {
        const person = await deps.personalData.person(offer.offerId);
        if (!person.hasKey) return undefined;
        const email = await person.open(inOffer(ticketId), offer.email);
        return { email, firstName: '', lastName: '', locale: offer.locale };
      },
      cause: causeOf(event),
      resendable: false,
      write: async ({ locale }) => {
        const [found, giver, key] = await Promise.all([
          ofTicket(deps, ticketId),
          deps.recipientOf(customerId),
          deps.linkKey(),
        ]);
        if (found?.ticket.offer?.offerId !== offer.offerId) return undefined;
        const words = wordOfferMail(
          { language: languageOf(locale), event: eventOf(found.type) },
          {
            giver: giver === undefined ? '' : `${giver.firstName} ${giver.lastName}`.trim(),
            expiresAt: offer.expiresAt,
            url: offerLink(deps.publicUrl, key, ticketId, offer),
          },
          deps,
        );
        return { ...words, attachments: [] };
      },
    },
    now,
  );
}

/** Mails a ticket to who has accepted it. Its loss is worse than its repetition. */
export async function sendReceivedMail(deps: HolderMailDeps, event: Received): Promise<void> {
  await send(deps, event, true, (found, recipient) => withTicket(deps, found, recipient, wordReceivedMail));
}

/** Tells who has passed a ticket on that it was accepted. */
export async function sendPassedOnMail(deps: HolderMailDeps, event: Transferred): Promise<void> {
  await send(deps, event, false, async (found, recipient) => ({
    ...wordPassedOnMail(newsOf(found, recipient), deps),
    attachments: [],
  }));
}

/** Mails a ticket with its new code to its holder. */
export async function sendReissuedMail(deps: HolderMailDeps, event: Reissued): Promise<void> {
  const { ticketVersion } = event.data;
  await send(deps, event, true, async (found, recipient) =>
    // Another new code has a mail of its own.
    found.ticket.ticketVersion === ticketVersion ? withTicket(deps, found, recipient, wordReissuedMail) : undefined,
  );
}

interface Found {
  readonly ticket: Ticket;
  readonly type: TicketTypeCopy;
}

async function send(
  deps: HolderMailDeps,
  event: Envelope<string, { readonly ticketId: string; readonly customerId: string }>,
  resendable: boolean,
  write: (found: Found, recipient: Recipient) => Promise<MailContent | undefined>,
): Promise<void> {
  const { ticketId, customerId } = event.data;
  await sendOnce(
    deps,
    {
      about: { ticketId },
      event,
      recipient: () => deps.recipientOf(customerId),
      cause: causeOf(event),
      resendable,
      write: async (recipient) => {
        const found = await ofTicket(deps, ticketId);
        return found === undefined ? undefined : write(found, recipient);
      },
    },
    deps.clock(),
  );
}

async function ofTicket({ table }: HolderMailDeps, ticketId: string): Promise<Found | undefined> {
  const ticket = await findTicket(table, ticketId, 'strong');
  if (ticket === undefined) return undefined;
  const type = (await findTicketTypes(table, [ticket.ticketTypeId])).get(ticket.ticketTypeId);
  if (type === undefined) throw new Error(`Ticket ${ticketId} lacks its type`);
  return { ticket, type };
}

/** The mail with the ticket itself, as far as it still lets somebody in. */
async function withTicket(
  deps: HolderMailDeps,
  found: Found,
  recipient: Recipient,
  word: (news: TicketNews, url: string, house: House) => MailText,
): Promise<MailContent | undefined> {
  const { ticket, type } = found;
  if (ticket.status !== 'VALID') return undefined;
  const [order, events, seeds, key, names] = await Promise.all([
    findOrder(deps.table, ticket.orderId, 'eventual'),
    findEvents(deps.table, [ticket.eventId]),
    deps.seeds(),
    deps.linkKey(),
    holderNamesOf(deps.table, deps.personalData, [ticket]),
  ]);
  if (order === undefined) throw new Error(`Ticket ${ticket.ticketId} lacks its order`);
  const sheets = sheetsOf(order, [ticket], new Map([[ticket.ticketTypeId, type]]), seeds, events, names);
  const language = languageOf(recipient.locale);
  return {
    ...word(newsOf(found, recipient), ticketLink(deps.publicUrl, key, ticket), deps),
    attachments: [
      {
        filename: `ticket-${ticket.number}.pdf`,
        contentType: 'application/pdf',
        content: await illustratedPdf(deps.store, sheets, events, {
          issuedAt: ticket.issuedAt,
          language,
          brand: deps.brand,
        }),
      },
      await calendarFile(deps.table, [ticket], 'ticket', deps, `ticket-${ticket.number}.ics`),
    ],
  };
}

function newsOf({ ticket, type }: Found, { firstName, locale }: Recipient): TicketNews {
  return { language: languageOf(locale), firstName, ticketNumber: ticket.number, event: eventOf(type) };
}

function eventOf(type: TicketTypeCopy): TicketNews['event'] {
  const { eventTitle: title, eventStartsAt: startsAt, eventEndsAt: endsAt, timeZone, venueName, city } = type;
  return { title, startsAt, endsAt, timeZone, venueName, city };
}

/** A cause is an event and its aggregate's version: the mail is sent once for it. */
function causeOf({ name, version }: Envelope): string {
  return `${name}#${version}`;
}
