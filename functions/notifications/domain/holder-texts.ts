import type { Language } from './languages.ts';

/** What the holders of an event's tickets are told, in one language. */
export interface HolderTexts {
  readonly greeting: (firstName: string) => string;
  /** The order, to its buyer. */
  readonly viewTickets: string;
  /** One ticket, to who holds it without its order. */
  readonly viewTicket: string;
  readonly footer: string;
  /** What the link says that stops mails of a kind. */
  readonly stop: Readonly<Record<'notices' | 'reminders', string>>;
  readonly was: (when: string) => string;
  readonly optOut: (until: string) => string;
  readonly moved: readonly [subject: (title: string) => string, body: (title: string) => string];
  readonly changed: readonly [subject: (title: string) => string, body: (title: string) => string];
  readonly reminder: readonly [subject: (title: string) => string, body: (title: string) => string];
  readonly information: readonly [subject: (title: string) => string, body: (title: string) => string];
  readonly entry: readonly [subject: (title: string) => string, body: (title: string) => string];
  readonly delay: readonly [subject: (title: string) => string, body: (title: string) => string];
}

const EN: HolderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Hello,' : `Hello ${firstName},`),
  viewTickets: 'View your order',
  viewTicket: 'View your ticket',
  footer: 'You get this mail because you have tickets for this event.',
  stop: { notices: 'No more notices from organisers', reminders: 'No more reminders' },
  was: (when) => `instead of ${when}`,
  optOut: (until) =>
    `If the new time does not suit you, you may give your tickets back in full until ${until}: open your order.`,
  moved: [
    (title) => `New time: ${title}`,
    (title) => `${title} takes place at another time. Your tickets stay valid; you need not do anything.`,
  ],
  changed: [
    (title) => `Changed: ${title}`,
    (title) => `Something about ${title} has changed. This is how it stands now. Your tickets stay valid.`,
  ],
  reminder: [
    (title) => `Tomorrow: ${title}`,
    (title) => `${title} starts soon. Have your tickets at hand: on your phone or on paper.`,
  ],
  information: [(title) => `News about ${title}`, (title) => `The organiser of ${title} writes:`],
  entry: [(title) => `Getting in: ${title}`, (title) => `How to get in, from the organiser of ${title}:`],
  delay: [(title) => `Later than planned: ${title}`, (title) => `The organiser of ${title} writes about a delay:`],
};

const DE: HolderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Guten Tag,' : `Guten Tag ${firstName},`),
  viewTickets: 'Bestellung ansehen',
  viewTicket: 'Ticket ansehen',
  footer: 'Sie bekommen diese Mail, weil Sie Tickets für diese Veranstaltung haben.',
  stop: { notices: 'Keine Mitteilungen von Veranstaltern mehr', reminders: 'Keine Erinnerungen mehr' },
  was: (when) => `statt ${when}`,
  optOut: (until) =>
    `Passt Ihnen die neue Zeit nicht, können Sie Ihre Tickets bis ${until} zum vollen Preis zurückgeben: Öffnen Sie dafür Ihre Bestellung.`,
  moved: [
    (title) => `Neuer Termin: ${title}`,
    (title) => `${title} findet zu einer anderen Zeit statt. Ihre Tickets bleiben gültig; Sie müssen nichts tun.`,
  ],
  changed: [
    (title) => `Geändert: ${title}`,
    (title) => `Bei ${title} hat sich etwas geändert. So ist es jetzt. Ihre Tickets bleiben gültig.`,
  ],
  reminder: [
    (title) => `Morgen: ${title}`,
    (title) => `${title} beginnt bald. Halten Sie Ihre Tickets bereit: auf dem Telefon oder auf Papier.`,
  ],
  information: [(title) => `Neues zu ${title}`, (title) => `Der Veranstalter von ${title} schreibt:`],
  entry: [(title) => `Einlass: ${title}`, (title) => `Zum Einlass, vom Veranstalter von ${title}:`],
  delay: [
    (title) => `Später als geplant: ${title}`,
    (title) => `Der Veranstalter von ${title} schreibt zu einer Verspätung:`,
  ],
};

const FR: HolderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Bonjour,' : `Bonjour ${firstName},`),
  viewTickets: 'Voir votre commande',
  viewTicket: 'Voir votre billet',
  footer: 'Vous recevez ce message parce que vous avez des billets pour cet événement.',
  stop: { notices: 'Ne plus recevoir de messages des organisateurs', reminders: 'Ne plus recevoir de rappels' },
  was: (when) => `au lieu du ${when}`,
  optOut: (until) =>
    `Si ce nouvel horaire ne vous convient pas, vous pouvez rendre vos billets et être remboursé intégralement jusqu’au ${until} : ouvrez votre commande.`,
  moved: [
    (title) => `Nouvel horaire : ${title}`,
    (title) => `${title} aura lieu à un autre moment. Vos billets restent valables ; vous n’avez rien à faire.`,
  ],
  changed: [
    (title) => `Modifié : ${title}`,
    (title) => `Quelque chose a changé pour ${title}. Voici la situation actuelle. Vos billets restent valables.`,
  ],
  reminder: [
    (title) => `Demain : ${title}`,
    (title) => `${title} commence bientôt. Préparez vos billets : sur votre téléphone ou sur papier.`,
  ],
  information: [(title) => `Du nouveau sur ${title}`, (title) => `L’organisateur de ${title} vous écrit :`],
  entry: [(title) => `Accès : ${title}`, (title) => `L’accès, par l’organisateur de ${title} :`],
  delay: [(title) => `Plus tard que prévu : ${title}`, (title) => `L’organisateur de ${title} annonce un retard :`],
};

const ES: HolderTexts = {
  greeting: (firstName) => (firstName === '' ? 'Hola:' : `Hola, ${firstName}:`),
  viewTickets: 'Ver su pedido',
  viewTicket: 'Ver su entrada',
  footer: 'Recibe este mensaje porque tiene entradas para este evento.',
  stop: { notices: 'No recibir más avisos de los organizadores', reminders: 'No recibir más recordatorios' },
  was: (when) => `en lugar de ${when}`,
  optOut: (until) =>
    `Si la nueva fecha no le conviene, puede devolver sus entradas y recuperar todo el importe hasta el ${until}: abra su pedido.`,
  moved: [
    (title) => `Nueva fecha: ${title}`,
    (title) => `${title} tendrá lugar en otro momento. Sus entradas siguen siendo válidas; no tiene que hacer nada.`,
  ],
  changed: [
    (title) => `Cambios: ${title}`,
    (title) => `Algo ha cambiado en ${title}. Así queda ahora. Sus entradas siguen siendo válidas.`,
  ],
  reminder: [
    (title) => `Mañana: ${title}`,
    (title) => `${title} empieza pronto. Tenga sus entradas a mano: en el teléfono o en papel.`,
  ],
  information: [(title) => `Novedades de ${title}`, (title) => `El organizador de ${title} escribe:`],
  entry: [(title) => `Acceso: ${title}`, (title) => `Sobre el acceso, del organizador de ${title}:`],
  delay: [
    (title) => `Más tarde de lo previsto: ${title}`,
    (title) => `El organizador de ${title} informa de un retraso:`,
  ],
};

export const HOLDER_TEXTS: Readonly<Record<Language, HolderTexts>> = { en: EN, de: DE, fr: FR, es: ES };
