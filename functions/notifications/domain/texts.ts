/**
 * What mails say, in English; the one place for their words, so that further languages and organisers'
 * templates need only this module's shape.
 */
export const TEXTS = {
  tickets: {
    subject: (title: string, orderNumber: string) => `Your tickets: ${title} (${orderNumber})`,
    severalEvents: (count: number) => `${count} events`,
    preview: (orderNumber: string) =>
      `Order ${orderNumber} is paid. Your tickets are in this mail and attached as a PDF.`,
    greeting: (firstName: string) => (firstName === '' ? 'Hello,' : `Hello ${firstName},`),
    intro: (count: number) =>
      count === 1
        ? 'Your payment went through, and here is your ticket.'
        : `Your payment went through, and here are your ${count} tickets.`,
    attached:
      'They are attached as a PDF too, a page each. Show the code on your phone or on paper; it admits one person, once.',
    possibleDuplicate:
      'You may get this mail twice: we could not tell whether the first one reached you. The tickets are the same.',
    ticketsHeading: 'Your tickets',
    orderHeading: 'Your order',
    moreInPdf: (count: number) => `${count} more ${count === 1 ? 'ticket is' : 'tickets are'} in the attached PDF.`,
    total: 'Total',
    included: (name: string) => `of which ${name}`,
    viewOrder: 'View your order',
    onYourPhone: 'Show on your phone',
    calendarName: (orderNumber: string) => `order-${orderNumber}.ics`,
    keepPrivate: 'Keep the codes and links to yourself: whoever shows one first goes in.',
    footer: 'You get this mail because you bought tickets with Onsale.',
    pdfName: (orderNumber: string) => `tickets-${orderNumber}.pdf`,
  },
  paymentReturned: {
    subject: (orderNumber: string) => `Your payment was given back (${orderNumber})`,
    greeting: (firstName: string) => (firstName === '' ? 'Hello,' : `Hello ${firstName},`),
    // Why it came to nothing is on the order: sold out is only one of the reasons, and must not be guessed.
    body: (orderNumber: string, total: string) =>
      `Your order ${orderNumber} could not be completed, so there are no tickets for it. ` +
      `Your payment of ${total} was released or refunded in full. Depending on your bank it shows within a few days.`,
    viewOrder: 'View your order',
    footer: 'You get this mail because you ordered tickets with Onsale.',
  },
} as const;
