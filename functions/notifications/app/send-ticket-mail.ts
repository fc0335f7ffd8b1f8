import * as z from 'zod/mini';

import type { TicketSeeds } from '../../delivery/codes.ts';
import { ticketCodeOf, type TicketSheet } from '../../delivery/contract.ts';
import { illustratedPdf, qrPng, receiptPdf, sheetsOf } from '../../delivery/documents.ts';
import { holderNamesOf } from '../../delivery/holder-names.ts';
import { findIssuedTicketsOf, findLiveTicketsOf, isLive } from '../../delivery/reads.ts';
import { ticketLink } from '../../delivery/web-tickets.ts';
import { findEvents } from '../../catalog/reads.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import { viewCharges } from '../../pricing/views.ts';
import { delivered } from '../../orders/contract.ts';
import { findOrder, type Order } from '../../orders/reads.ts';
import { findReceipt } from '../../orders/receipts.ts';
import { SECOND, type Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { ObjectStore } from '../../shared/runtime/object-store.ts';
import { logMetrics } from '../../shared/runtime/log.ts';
import type { resendRequested } from '../contract.ts';
import { contentIdOf, MOST_INLINE, wordTicketMail } from '../domain/ticket-mail.ts';
import { languageOf, type Language } from '../domain/languages.ts';
import { ORDER_TEXTS } from '../domain/texts.ts';
import { filesThatFit, type MailContent, type MailFile } from '../mime.ts';
import type { Recipient } from '../../users/contract.ts';
import type { PersonalData } from '../../users/recipients.ts';
import type { RecipientOf } from '../ports.ts';
import { ownTemplateOf, templateSent } from '../templates.ts';
import { calendarFile } from '../calendar-file.ts';
import { sendOnce } from './send-once.ts';
import { tell, type TellDeps } from './tell.ts';

/** What mails about orders need beyond sending. */
export interface OrderMailDeps extends TellDeps {
  readonly recipientOf: RecipientOf;
  readonly personalData: PersonalData;
  readonly seeds: () => Promise<TicketSeeds>;
  /** The key that tokens of links are derived with. */
  readonly linkKey: () => Promise<Uint8Array>;
  /** Where pictures of events lie. */
  readonly store: Pick<ObjectStore, 'read'>;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

type TicketsGenerated = Envelope<string, z.infer<(typeof delivered)['data']>>;

/** Mails the tickets of an order, with a PDF and the codes; once, however often the event is delivered. */
export async function sendTicketMail(deps: OrderMailDeps, event: TicketsGenerated): Promise<void> {
  const { orderId, customerId, paidAt } = event.data;
  const sent = await tell(
    deps,
    {
      about: { orderId },
      event,
      recipient: () => deps.recipientOf(customerId),
      cause: causeOf(event),
      resendable: true,
      write: (recipient, possibleDuplicate) => writeTicketMail(deps, event, recipient, possibleDuplicate),
      text: { goes: 'beside', write: () => textOfTickets(deps, event) },
    },
    deps.clock(),
  );
  if (!sent) return;
  const now = deps.clock();
  const since = paidAt ?? Date.parse(event.occurredAt);
  logMetrics({ mailDelay: { value: (now - since) / SECOND, unit: 'Seconds' } }, { orderId }, now);
}

/** Mails the tickets of an order once more, those that live by now; see `requestResend`. */
export async function resendTicketMail(
  deps: OrderMailDeps,
  event: Envelope<string, z.infer<(typeof resendRequested)['data']>>,
): Promise<void> {
  const { orderId, resendId } = event.data;
  const order = await findOrder(deps.table, orderId);
  if (order === undefined) return;
  const asIssued = { ...event, data: z.parse(delivered.data, order) };
  await sendOnce(
    deps,
    {
      about: { orderId },
      event,
      recipient: () => deps.recipientOf(order.customerId),
      cause: `${event.name}#${resendId}`,
      resendable: true,
      write: (recipient, possibleDuplicate) => writeTicketMail(deps, asIssued, recipient, possibleDuplicate),
    },
    deps.clock(),
  );
}

/** That there are tickets, as far as there still are; the codes themselves go by mail alone. */
async function textOfTickets({ table, publicUrl }: OrderMailDeps, { data }: TicketsGenerated) {
  const [first] = await findLiveTicketsOf(table, data);
  if (first === undefined) return undefined;
  const type = (await findTicketTypes(table, [first.ticketTypeId])).get(first.ticketTypeId);
  return {
    news: 'tickets',
    title: type?.eventTitle ?? data.number,
    url: `${publicUrl}/orders/${data.orderId}`,
  } as const;
}

async function writeTicketMail(
  deps: OrderMailDeps,
  { data, occurredAt }: TicketsGenerated,
  { firstName, locale }: Recipient,
  possibleDuplicate: boolean,
): Promise<MailContent | undefined> {
  const { orderId, number: orderNumber, currency, total, lines, charges } = data;
  const [issued, types, seeds, events, order] = await Promise.all([
    findIssuedTicketsOf(deps.table, [data], 'strong'),
    findTicketTypes(
      deps.table,
      lines.map(({ ticketTypeId }) => ticketTypeId),
    ),
    deps.seeds(),
    findEvents(deps.table, [...new Set(lines.map(({ eventId }) => eventId))]),
    findOrder(deps.table, orderId),
  ]);
  const tickets = issued.filter(isLive);
  if (tickets.length === 0) return undefined;
  const linkKey = await deps.linkKey();
  const names = await holderNamesOf(deps.table, deps.personalData, tickets);
  const sheets = sheetsOf(data, tickets, types, seeds, events, names);
  const items = lines.map(({ ticketTypeId, quantity, unitPrice }) => ({
    name: types.get(ticketTypeId)?.name ?? '',
    eventTitle: types.get(ticketTypeId)?.eventTitle ?? '',
    quantity,
    price: { amount: unitPrice * quantity, currency },
  }));
  const language = languageOf(locale);
  const fileNames = ORDER_TEXTS[language].tickets;
  const pdf = {
    filename: fileNames.pdfName(orderNumber),
    contentType: 'application/pdf',
    content: await illustratedPdf(deps.store, sheets, events, {
      issuedAt: Date.parse(occurredAt),
      language,
      brand: deps.brand,
    }),
  };
  const receipt = await receiptFile(deps, order, language);
  const others: readonly MailFile[] = [
    ...(await Promise.all(sheets.slice(0, MOST_INLINE).map(inlineCode))),
    await calendarFile(deps.table, issued, 'order', deps, fileNames.calendarName(orderNumber)),
  ];
  // Links are in the mail always; its PDFs as far as providers take them.
  const pdfs = filesThatFit(others, [pdf, ...receipt]);
  const sellers = new Set([...types.values()].map(({ organizationId }) => organizationId));
  // Of an order for several organisations' events none speaks for the others.
  const own = sellers.size === 1 ? await ownTemplateOf(deps.table, [...sellers][0], 'order-confirmation') : undefined;
  const words = wordTicketMail(
    {
      orderNumber,
      firstName,
      locale,
      items,
      charges: viewCharges(charges, currency),
      total: { amount: total, currency },
      sheets,
      links: new Map(
        tickets.map((ticket) => [ticketCodeOf(ticket.ticketId), ticketLink(deps.publicUrl, linkKey, ticket)]),
      ),
      orderUrl: orderUrl(deps, orderId),
      possibleDuplicate,
      attached: { tickets: pdfs.length > 0, receipt: pdfs.length > 1 },
    },
    { brand: deps.brand, own },
  );
  return { ...words, attachments: [...others, ...pdfs], ...templateSent(own, locale) };
}

/** The receipt of an order as a file, or nothing where there is none (any more). */
async function receiptFile(
  { table }: OrderMailDeps,
  order: Order | undefined,
  language: Language,
): Promise<readonly MailFile[]> {
  const receipt = order === undefined ? undefined : await findReceipt(table, order);
  if (receipt?.ok !== true) return [];
  const filename = ORDER_TEXTS[language].tickets.receiptName(receipt.value.orderNumber);
  return [{ filename, contentType: 'application/pdf', content: await receiptPdf(receipt.value, language) }];
}

async function inlineCode({ qr, number }: TicketSheet, index: number): Promise<MailFile> {
  return { filename: `${number}.png`, contentType: 'image/png', content: await qrPng(qr), cid: contentIdOf(index) };
}

function orderUrl({ publicUrl }: OrderMailDeps, orderId: string): string {
  return `${publicUrl}/orders/${orderId}`;
}

/** The same event of the same change is the same cause, however often it is delivered. */
function causeOf({ name, version }: Envelope): string {
  return `${name}#${version}`;
}
