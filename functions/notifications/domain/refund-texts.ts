import type { Language } from './languages.ts';

/** What mails about money that goes back say, in one language. */
export interface RefundTexts {
  readonly greeting: (firstName: string) => string;
  readonly footer: string;
  readonly viewOrder: string;
  readonly refund: {
    readonly subject: (orderNumber: string) => string;
    /** @param total with its currency */
    readonly money: (orderNumber: string, total: string) => string;
    /** All of the price is kept, or there was none. */
    readonly noMoney: (orderNumber: string) => string;
    readonly tickets: (count: number) => string;
  };
  readonly cancelled: {
    readonly subject: (title: string) => string;
    readonly body: (title: string) => string;
    readonly money: string;
    /** It could not be sent back by itself. */
    readonly moneyLater: string;
  };
}

const named = (before: string, firstName: string): string =>
  firstName === '' ? `${before},` : `${before} ${firstName},`;

const EN: RefundTexts = {
  greeting: (firstName) => named('Hello', firstName),
  footer: 'You get this mail because you ordered tickets with {brand}.',
  viewOrder: 'View your order',
  refund: {
    subject: (orderNumber) => `Refund for your order ${orderNumber}`,
    money: (orderNumber, total) =>
      `${total} of your order ${orderNumber} go back the way you paid. Depending on your bank it shows within a few days.`,
    noMoney: (orderNumber) => `Tickets of your order ${orderNumber} were given back. No money goes back for them.`,
    tickets: (count) =>
      count === 1
        ? 'One ticket of the order was given back and admits nobody any more.'
        : `${count} tickets of the order were given back and admit nobody any more.`,
  },
  cancelled: {
    subject: (title) => `Cancelled: ${title}`,
    body: (title) =>
      `“${title}” has been cancelled and does not take place. Your tickets for it admit nobody any more.`,
    money:
      'What you paid for them goes back the way you paid; you need not do anything. Depending on your bank it shows within a few days.',
    moneyLater:
      'What you paid for them could not be sent back automatically. Our support is looking after it and will write to you.',
  },
};

const DE: RefundTexts = {
  greeting: (firstName) => named('Guten Tag', firstName),
  footer: 'Sie bekommen diese Mail, weil Sie bei {brand} Tickets bestellt haben.',
  viewOrder: 'Bestellung ansehen',
  refund: {
    subject: (orderNumber) => `Erstattung für Ihre Bestellung ${orderNumber}`,
    money: (orderNumber, total) =>
      `${total} Ihrer Bestellung ${orderNumber} gehen auf dem Weg zurück, auf dem Sie bezahlt haben. Je nach Bank sehen Sie das Geld in einigen Tagen.`,
    noMoney: (orderNumber) =>
      `Tickets Ihrer Bestellung ${orderNumber} wurden zurückgegeben. Geld geht dafür nicht zurück.`,
    tickets: (count) =>
      count === 1
        ? 'Ein Ticket der Bestellung wurde zurückgegeben und gilt nicht mehr.'
        : `${count} Tickets der Bestellung wurden zurückgegeben und gelten nicht mehr.`,
  },
  cancelled: {
    subject: (title) => `Abgesagt: ${title}`,
    body: (title) => `„${title}“ ist abgesagt und findet nicht statt. Ihre Tickets dafür gelten nicht mehr.`,
    money:
      'Was Sie für sie bezahlt haben, geht auf demselben Weg zurück; Sie müssen nichts tun. Je nach Bank sehen Sie das Geld in einigen Tagen.',
    moneyLater:
      'Was Sie für sie bezahlt haben, ließ sich nicht automatisch zurückzahlen. Unser Support kümmert sich darum und schreibt Ihnen.',
  },
};

const FR: RefundTexts = {
  greeting: (firstName) => named('Bonjour', firstName),
  footer: 'Vous recevez cet e-mail parce que vous avez commandé des billets avec {brand}.',
  viewOrder: 'Voir votre commande',
  refund: {
    subject: (orderNumber) => `Remboursement de votre commande ${orderNumber}`,
    money: (orderNumber, total) =>
      `${total} de votre commande ${orderNumber} vous sont remboursés par le moyen de paiement utilisé. Selon votre banque, cela prend quelques jours.`,
    noMoney: (orderNumber) =>
      `Des billets de votre commande ${orderNumber} ont été rendus. Aucun montant n’est remboursé pour eux.`,
    tickets: (count) =>
      count === 1
        ? 'Un billet de la commande a été rendu et n’est plus valable.'
        : `${count} billets de la commande ont été rendus et ne sont plus valables.`,
  },
  cancelled: {
    subject: (title) => `Annulé : ${title}`,
    body: (title) => `« ${title} » est annulé et n’aura pas lieu. Vos billets ne sont plus valables.`,
    money:
      'Ce que vous avez payé vous est remboursé par le même moyen de paiement ; vous n’avez rien à faire. Selon votre banque, cela prend quelques jours.',
    moneyLater:
      'Ce que vous avez payé n’a pas pu être remboursé automatiquement. Notre service d’assistance s’en occupe et vous écrira.',
  },
};

const ES: RefundTexts = {
  greeting: (firstName) => named('Hola', firstName),
  footer: 'Recibe este correo porque pidió entradas con {brand}.',
  viewOrder: 'Ver su pedido',
  refund: {
    subject: (orderNumber) => `Reembolso de su pedido ${orderNumber}`,
    money: (orderNumber, total) =>
      `Le devolvemos ${total} de su pedido ${orderNumber} por el medio con el que pagó. Según su banco, tarda unos días en verse.`,
    noMoney: (orderNumber) => `Se han devuelto entradas de su pedido ${orderNumber}. No se devuelve dinero por ellas.`,
    tickets: (count) =>
      count === 1
        ? 'Una entrada del pedido se ha devuelto y ya no es válida.'
        : `${count} entradas del pedido se han devuelto y ya no son válidas.`,
  },
  cancelled: {
    subject: (title) => `Cancelado: ${title}`,
    body: (title) => `«${title}» se ha cancelado y no se celebrará. Sus entradas ya no son válidas.`,
    money:
      'Lo que pagó por ellas se le devuelve por el mismo medio; no tiene que hacer nada. Según su banco, tarda unos días en verse.',
    moneyLater:
      'Lo que pagó no se ha podido devolver automáticamente. Nuestro servicio de atención se ocupa de ello y le escribirá.',
  },
};

export const REFUND_TEXTS: Readonly<Record<Language, RefundTexts>> = { en: EN, de: DE, fr: FR, es: ES };
