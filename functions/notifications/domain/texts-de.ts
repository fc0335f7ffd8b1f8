import type { OrderTexts } from './texts.ts';

/** What mails about orders say in German. */
export const DE: OrderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Guten Tag,' : `Guten Tag ${firstName},`),
  viewOrder: 'Bestellung ansehen',
  tickets: {
    subject: (title, orderNumber) => `Ihre Tickets: ${title} (${orderNumber})`,
    severalEvents: (count) => `${count} Veranstaltungen`,
    preview: (orderNumber) => `Die Bestellung ${orderNumber} ist bezahlt. Ihre Tickets sind in dieser Mail.`,
    intro: (count) =>
      count === 1
        ? 'Ihre Zahlung ist eingegangen, und hier ist Ihr Ticket.'
        : `Ihre Zahlung ist eingegangen, und hier sind Ihre ${count} Tickets.`,
    attached: 'Als PDF sind sie auch angehängt, jedes auf einer Seite.',
    receiptAttached: 'Ihre Quittung hängt ebenfalls an.',
    notAttached:
      'Die PDFs sind zu groß für eine Mail: Öffnen Sie Ihre Bestellung, um Tickets und Quittung herunterzuladen.',
    showCode: 'Zeigen Sie den Code auf dem Telefon oder auf Papier; er lässt eine Person einmal ein.',
    possibleDuplicate:
      'Vielleicht bekommen Sie diese Mail zweimal: Wir konnten nicht feststellen, ob die erste angekommen ist. Die Tickets sind dieselben.',
    ticketsHeading: 'Ihre Tickets',
    orderHeading: 'Ihre Bestellung',
    more: (count) => (count === 1 ? 'Ein weiteres Ticket:' : `${count} weitere Tickets:`),
    total: 'Summe',
    included: (name) => `davon ${name}`,
    onYourPhone: 'Auf dem Telefon zeigen',
    calendarName: (orderNumber) => `bestellung-${orderNumber}.ics`,
    keepPrivate: 'Behalten Sie Codes und Links für sich: Wer einen zuerst vorzeigt, kommt hinein.',
    footer: 'Sie bekommen diese Mail, weil Sie bei {brand} Tickets gekauft haben.',
    pdfName: (orderNumber) => `tickets-${orderNumber}.pdf`,
    receiptName: (orderNumber) => `quittung-${orderNumber}.pdf`,
  },
  paymentReturned: {
    subject: (orderNumber) => `Ihre Zahlung wurde zurückgegeben (${orderNumber})`,
    body: (orderNumber, total) =>
      `Ihre Bestellung ${orderNumber} konnte nicht abgeschlossen werden, daher gibt es für sie keine Tickets. ` +
      `Ihre Zahlung von ${total} wurde vollständig freigegeben oder erstattet. Je nach Bank ist das in einigen Tagen zu sehen.`,
    footer: 'Sie bekommen diese Mail, weil Sie bei {brand} Tickets bestellt haben.',
  },
  paymentFailed: {
    subject: (orderNumber) => `Ihre Zahlung ist fehlgeschlagen (${orderNumber})`,
    body: (orderNumber, total) =>
      `Die Zahlung von ${total} für Ihre Bestellung ${orderNumber} ist fehlgeschlagen, und die Zeit zum Bezahlen ist abgelaufen. ` +
      'Für sie gibt es keine Tickets, und es wurde nichts abgebucht. Wenn Sie noch kommen möchten, bestellen Sie bitte neu, solange es Tickets gibt.',
    footer: 'Sie bekommen diese Mail, weil Sie bei {brand} Tickets bestellt haben.',
  },
};
