import type { OrderTexts } from './texts.ts';

/** What mails about orders say in French. */
export const FR: OrderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Bonjour,' : `Bonjour ${firstName},`),
  viewOrder: 'Voir votre commande',
  tickets: {
    subject: (title, orderNumber) => `Vos billets : ${title} (${orderNumber})`,
    severalEvents: (count) => `${count} événements`,
    preview: (orderNumber) => `La commande ${orderNumber} est payée. Vos billets sont dans ce message.`,
    intro: (count) =>
      count === 1
        ? 'Votre paiement a été accepté, et voici votre billet.'
        : `Votre paiement a été accepté, et voici vos ${count} billets.`,
    attached: 'Ils sont aussi joints en PDF, un par page.',
    receiptAttached: 'Votre reçu est également joint.',
    notAttached:
      'Les PDF sont trop volumineux pour un message : ouvrez votre commande pour télécharger les billets et le reçu.',
    showCode: 'Présentez le code sur votre téléphone ou sur papier ; il admet une personne, une fois.',
    possibleDuplicate:
      'Il se peut que vous receviez ce message deux fois : nous n’avons pas pu savoir si le premier vous est parvenu. Les billets sont les mêmes.',
    ticketsHeading: 'Vos billets',
    orderHeading: 'Votre commande',
    more: (count) => (count === 1 ? 'Un autre billet :' : `${count} autres billets :`),
    total: 'Total',
    included: (name) => `dont ${name}`,
    onYourPhone: 'Afficher sur votre téléphone',
    calendarName: (orderNumber) => `commande-${orderNumber}.ics`,
    keepPrivate: 'Gardez les codes et les liens pour vous : la première personne qui en présente un entre.',
    footer: 'Vous recevez ce message parce que vous avez acheté des billets avec {brand}.',
    pdfName: (orderNumber) => `billets-${orderNumber}.pdf`,
    receiptName: (orderNumber) => `recu-${orderNumber}.pdf`,
  },
  paymentReturned: {
    subject: (orderNumber) => `Votre paiement a été rendu (${orderNumber})`,
    body: (orderNumber, total) =>
      `Votre commande ${orderNumber} n’a pas pu aboutir ; il n’y a donc pas de billets. ` +
      `Votre paiement de ${total} a été libéré ou remboursé en totalité. Selon votre banque, cela apparaît sous quelques jours.`,
    footer: 'Vous recevez ce message parce que vous avez commandé des billets avec {brand}.',
  },
  paymentFailed: {
    subject: (orderNumber) => `Votre paiement a échoué (${orderNumber})`,
    body: (orderNumber, total) =>
      `Le paiement de ${total} pour votre commande ${orderNumber} a échoué et le délai pour la payer est écoulé. ` +
      'Il n’y a donc pas de billets, et rien n’a été débité. Si vous souhaitez toujours venir, passez une nouvelle commande tant qu’il reste des billets.',
    footer: 'Vous recevez ce message parce que vous avez commandé des billets avec {brand}.',
  },
};
