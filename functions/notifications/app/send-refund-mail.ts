import type * as z from 'zod/mini';

import { findEvent } from '../../catalog/reads.ts';
import type { Ticket, ticketArchived } from '../../delivery/contract.ts';
import { findIssuedTicketsOf, findTicket } from '../../delivery/reads.ts';
import { findOrder } from '../../orders/reads.ts';
import type { refundFailed, refundIssued } from '../../payments/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import { calendarFile } from '../calendar-file.ts';
import { languageOf, type Language } from '../domain/languages.ts';
import { wordCancelledMail, wordRefundMail, type CancelledMoney } from '../domain/refund-mail.ts';
import { ORDER_TEXTS } from '../domain/texts.ts';
import type { MailContent, MailFile } from '../mime.ts';
import { ownTemplateOf, templateSent } from '../templates.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps, type MailOrder } from './send-once.ts';

/** What mails about refunds need beyond sending. */
export interface RefundMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  /** The address that mails, and calendars in them, come from. */
  readonly sender: string;
  readonly clock: Clock;
}

type RefundIssued = Envelope<string, z.infer<(typeof refundIssued)['data']>>;

type RefundFailed = Envelope<string, z.infer<(typeof refundFailed)['data']>>;

type TicketArchived = Envelope<string, z.infer<(typeof ticketArchived)['data']>>;

/**
 * Tells a buyer that money is on its way back. Where their event was cancelled they are told that, once for the event
 * however many orders they have for it; any other refund is told by itself, once, and so is one that failed before.
 */
export async function sendRefundMail(deps: RefundMailDeps, event: RefundIssued): Promise<void> {
  const { eventId, cause, attempt, amount } = event.data;
  const isFirst = cause === 'EVENT_CANCELLED' && attempt === undefined;
  await tell(
    deps,
    event,
    isFirst && eventId !== undefined
      ? cancellationMail(deps, event.data, eventId, amount > 0 ? 'ON_ITS_WAY' : 'NONE')
      : refundMail(deps, event),
  );
}

/**
 * Tells a buyer whose event was cancelled so, although their money could not be sent back: a disputed payment, or an account
 * that is closed. Of other refunds that fail their case tells the support desk, which writes to the buyer.
 */
export async function sendRefundFailureMail(deps: RefundMailDeps, event: RefundFailed): Promise<void> {
  const { eventId, cause } = event.data;
  if (cause === 'EVENT_CANCELLED' && eventId !== undefined)
    await tell(deps, event, cancellationMail(deps, event.data, eventId, 'LOOKED_AFTER'));
}

/**
 * Tells somebody whom a ticket was passed on to that its event is cancelled, once for the event however many they hold; its
 * buyer, who gets the money back, is told with the refund. A ticket that was given up for another reason is no news of this.
 */
export async function sendHolderCancellationMail(deps: RefundMailDeps, event: TicketArchived): Promise<void> {
  const { ticketId, eventId, customerId } = event.data;
  const [ticket, found] = await Promise.all([
    findTicket(deps.table, ticketId, 'strong'),
    findEvent(deps.table, eventId),
  ]);
  if (ticket?.transferredFrom === undefined) return;
  if (found?.status !== 'CANCELLING' && found?.status !== 'CANCELLED') return;
  await tell(deps, event, {
    about: { userId: customerId },
    // Somebody who has bought others as well is told of their money by a mail of its own.
    cause: `event-cancelled#${eventId}#holder`,
    write: async (reader) => wordCancellation(deps, reader, eventId, { money: 'NONE', entries: { ticket } }),
  });
}

async function tell(
  deps: RefundMailDeps,
  event: RefundIssued | RefundFailed | TicketArchived,
  mail: Written,
): Promise<void> {
  const recipient = (): ReturnType<RecipientOf> => deps.recipientOf(event.data.customerId);
  await sendOnce(deps, { ...mail, event, recipient, resendable: false }, deps.clock());
}

type Written = Pick<MailOrder, 'about' | 'cause' | 'write'>;

function refundMail(deps: RefundMailDeps, { data }: RefundIssued): Written {
  const { refundId, orderId, number: orderNumber, amount, currency, lines } = data;
  const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    about: { orderId },
    cause: `refund#${refundId}`,
    write: async ({ firstName, locale }) => ({
      ...wordRefundMail(
        {
          firstName,
          locale,
          orderNumber,
          tickets,
          total: { amount, currency },
          orderUrl: `${deps.publicUrl}/orders/${orderId}`,
        },
        deps,
      ),
      attachments: [],
    }),
  };
}

function cancellationMail(
  deps: RefundMailDeps,
  { customerId, orderId }: (RefundIssued | RefundFailed)['data'],
  eventId: string,
  money: CancelledMoney,
): Written {
  return {
    about: { userId: customerId },
    cause: `event-cancelled#${eventId}`,
    write: async (reader) => wordCancellation(deps, reader, eventId, { money, entries: { orderId } }),
  };
}

/** @param of whose entries of a calendar are taken out: those of an order, or that of a ticket without its order */
async function wordCancellation(
  deps: RefundMailDeps,
  { firstName, locale }: Recipient,
  eventId: string,
  of: { readonly money: CancelledMoney; readonly entries: { readonly orderId: string } | { readonly ticket: Ticket } },
): Promise<MailContent | undefined> {
  const event = await findEvent(deps.table, eventId);
  if (event === undefined) return undefined;
  const { title, organizationId } = event;
  const own = await ownTemplateOf(deps.table, organizationId, 'event-cancelled');
  const orderUrl = 'orderId' in of.entries ? `${deps.publicUrl}/orders/${of.entries.orderId}` : undefined;
  const words = wordCancelledMail({ firstName, locale, title, money: of.money, orderUrl }, { brand: deps.brand, own });
  const attachments = await entriesOf(deps, eventId, of.entries, languageOf(locale));
  return { ...words, attachments, ...templateSent(own, locale) };
}

async function entriesOf(
  deps: RefundMailDeps,
  eventId: string,
  of: { readonly orderId: string } | { readonly ticket: Ticket },
  language: Language,
): Promise<readonly MailFile[]> {
  const t = ORDER_TEXTS[language].tickets;
  if ('ticket' in of)
    return [await calendarFile(deps.table, [of.ticket], 'ticket', deps, t.calendarName(of.ticket.number))];
  const order = await findOrder(deps.table, of.orderId);
  const issued = order === undefined ? [] : await findIssuedTicketsOf(deps.table, [order], 'strong');
  const ofEvent = issued.filter((ticket) => ticket.eventId === eventId);
  if (order === undefined || ofEvent.length === 0) return [];
  return [await calendarFile(deps.table, ofEvent, 'order', deps, t.calendarName(order.number))];
}
