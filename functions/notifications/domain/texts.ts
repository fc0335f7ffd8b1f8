import type { Language } from './languages.ts';
import { DE } from './texts-de.ts';
import { ES } from './texts-es.ts';
import { FR } from './texts-fr.ts';

/** What mails about orders say in one language; a language that lacks a sentence does not compile. */
export interface OrderTexts {
  readonly greeting: (firstName: string) => string;
  readonly viewOrder: string;
  readonly tickets: {
    readonly subject: (title: string, orderNumber: string) => string;
    readonly severalEvents: (count: number) => string;
    /** Shown by mail programs beside the subject. */
    readonly preview: (orderNumber: string) => string;
    readonly intro: (count: number) => string;
    /** The tickets are attached as a PDF. */
    readonly attached: string;
    readonly receiptAttached: string;
    /** The files would make the mail larger than providers take. */
    readonly notAttached: string;
    readonly showCode: string;
    readonly possibleDuplicate: string;
    readonly ticketsHeading: string;
    readonly orderHeading: string;
    /** Heads a list of tickets of which the mail has the links alone. */
    readonly more: (count: number) => string;
    readonly total: string;
    readonly included: (name: string) => string;
    /** Leads to the ticket on a page, without a log-in. */
    readonly onYourPhone: string;
    /** As `pdfName`. */
    readonly calendarName: (orderNumber: string) => string;
    readonly keepPrivate: string;
    readonly footer: string;
    /** Latin letters, digits and `-` only: it becomes a header. */
    readonly pdfName: (orderNumber: string) => string;
    /** As `pdfName`. */
    readonly receiptName: (orderNumber: string) => string;
  };
  readonly paymentReturned: PaymentTexts;
  readonly paymentFailed: PaymentTexts;
}

/** What a mail about a payment that came to nothing says. */
interface PaymentTexts {
  readonly subject: (orderNumber: string) => string;
  /** @param total with its currency */
  readonly body: (orderNumber: string, total: string) => string;
  readonly footer: string;
}

const EN: OrderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Hello,' : `Hello ${firstName},`),
  viewOrder: 'View your order',
  tickets: {
    subject: (title, orderNumber) => `Your tickets: ${title} (${orderNumber})`,
    severalEvents: (count) => `${count} events`,
    preview: (orderNumber) => `Order ${orderNumber} is paid. Your tickets are in this mail.`,
    intro: (count) =>
      count === 1
        ? 'Your payment went through, and here is your ticket.'
        : `Your payment went through, and here are your ${count} tickets.`,
    attached: 'They are attached as a PDF too, a page each.',
    receiptAttached: 'Your receipt is attached as well.',
    notAttached: 'The PDFs are too large for a mail: open your order to download tickets and receipt.',
    showCode: 'Show the code on your phone or on paper; it admits one person, once.',
    possibleDuplicate:
      'You may get this mail twice: we could not tell whether the first one reached you. The tickets are the same.',
    ticketsHeading: 'Your tickets',
    orderHeading: 'Your order',
    more: (count) => (count === 1 ? 'One more ticket:' : `${count} more tickets:`),
    total: 'Total',
    included: (name) => `of which ${name}`,
    onYourPhone: 'Show on your phone',
    calendarName: (orderNumber) => `order-${orderNumber}.ics`,
    keepPrivate: 'Keep the codes and links to yourself: whoever shows one first goes in.',
    footer: 'You get this mail because you bought tickets with {brand}.',
    pdfName: (orderNumber) => `tickets-${orderNumber}.pdf`,
    receiptName: (orderNumber) => `receipt-${orderNumber}.pdf`,
  },
  paymentReturned: {
    subject: (orderNumber) => `Your payment was given back (${orderNumber})`,
    // Why it came to nothing is on the order: sold out is only one of the reasons, and must not be guessed.
    body: (orderNumber, total) =>
      `Your order ${orderNumber} could not be completed, so there are no tickets for it. ` +
      `Your payment of ${total} was released or refunded in full. Depending on your bank it shows within a few days.`,
    footer: 'You get this mail because you ordered tickets with {brand}.',
  },
  paymentFailed: {
    subject: (orderNumber) => `Your payment did not go through (${orderNumber})`,
    body: (orderNumber, total) =>
      `The payment of ${total} for your order ${orderNumber} did not go through, and the time to pay it is over. ` +
      'There are no tickets for it, and nothing was charged. If you still want to come, please order again while there are tickets.',
    footer: 'You get this mail because you ordered tickets with {brand}.',
  },
};

export const ORDER_TEXTS: Readonly<Record<Language, OrderTexts>> = { en: EN, de: DE, fr: FR, es: ES };
