import type * as z from 'zod/mini';

import type { ticketStatus } from '../delivery/contract.ts';
import type { orderState } from '../orders/contract.ts';

/** Words of the page of an order. */
interface OrderPageTexts {
  /** `{number}` stands for the order's number. */
  readonly order: string;
  readonly title: string;
  readonly wait: string;
  readonly lead: string;
  readonly accept: string;
  readonly other: string;
  readonly signIn: string;
  readonly email: string;
  readonly password: string;
  readonly signInAndAccept: string;
  readonly noAccount: string;
  /** There is no such order, or it is somebody else's. */
  readonly gone: string;
  readonly failed: string;
  readonly states: Readonly<Record<z.infer<typeof orderState>, string>>;
  readonly beingChecked: string;
  readonly total: string;
  readonly tickets: string;
  readonly statuses: Readonly<Record<z.infer<typeof ticketStatus>, string>>;
  readonly show: string;
  readonly print: string;
  readonly calendar: string;
  /** By the code of a problem. */
  readonly problems: Readonly<Record<string, string>>;
}

/** By language of the reader's browser. */
export const ORDER_PAGE_TEXTS: Readonly<Record<'en' | 'de' | 'fr' | 'es', OrderPageTexts>> = {
  en: {
    order: 'Order {number}',
    title: 'Your order',
    wait: 'One moment …',
    lead: 'Your order and its tickets are shown to you alone.',
    accept: 'Show the order',
    other: 'Use another account',
    signIn: 'Log in with the account that you ordered with.',
    email: 'E-mail',
    password: 'Password',
    signInAndAccept: 'Log in and show it',
    noAccount: 'Forgotten your password? Your tickets are in our mail as well, without a log-in.',
    gone: 'This account has no such order.',
    failed: 'That did not work. Try again in a moment.',
    states: {
      HELD: 'Reserved, not ordered yet',
      PENDING: 'Waiting for your payment',
      SECURED: 'Your payment is being taken',
      PAID: 'Paid',
      EXPIRED: 'Lapsed: it was not paid in time',
      CANCELLED: 'Cancelled',
      FAILED: 'Failed: nothing was sold to you',
      REFUNDED: 'Given back, with the money',
      PARTIALLY_REFUNDED: 'Partly given back',
    },
    beingChecked: 'We look at your payment before we take it. Your tickets are reserved, and you need to do nothing.',
    total: 'Total',
    tickets: 'Tickets',
    statuses: { VALID: 'valid', USED: 'used', ARCHIVED: 'given back', TRANSFERRED: 'passed on' },
    show: 'Show the code',
    print: 'Print (PDF)',
    calendar: 'Add to a calendar',
    problems: {
      INVALID_CREDENTIALS: 'E-mail or password is wrong.',
      EMAIL_NOT_VERIFIED: 'Prove your address first, by the link that we have mailed you.',
      ACCOUNT_LOCKED: 'This account is locked for a while.',
    },
  },
  de: {
    order: 'Bestellung {number}',
    title: 'Ihre Bestellung',
    wait: 'Einen Moment …',
    lead: 'Ihre Bestellung und ihre Tickets sehen nur Sie.',
    accept: 'Bestellung zeigen',
    other: 'Anderes Konto benutzen',
    signIn: 'Melden Sie sich mit dem Konto an, mit dem Sie bestellt haben.',
    email: 'E-Mail',
    password: 'Passwort',
    signInAndAccept: 'Anmelden und zeigen',
    noAccount: 'Passwort vergessen? Ihre Tickets stehen auch in unserer Mail, ohne Anmeldung.',
    gone: 'In diesem Konto gibt es keine solche Bestellung.',
    failed: 'Das hat nicht geklappt. Versuchen Sie es gleich noch einmal.',
    states: {
      HELD: 'Reserviert, noch nicht bestellt',
      PENDING: 'Wartet auf Ihre Zahlung',
      SECURED: 'Ihre Zahlung wird eingezogen',
      PAID: 'Bezahlt',
      EXPIRED: 'Verfallen: nicht rechtzeitig bezahlt',
      CANCELLED: 'Storniert',
      FAILED: 'Gescheitert: Ihnen wurde nichts verkauft',
      REFUNDED: 'Zurückgegeben und erstattet',
      PARTIALLY_REFUNDED: 'Zum Teil zurückgegeben',
    },
    beingChecked:
      'Wir sehen uns Ihre Zahlung an, bevor wir sie einziehen. Ihre Tickets sind reserviert; Sie müssen nichts tun.',
    total: 'Summe',
    tickets: 'Tickets',
    statuses: { VALID: 'gültig', USED: 'benutzt', ARCHIVED: 'zurückgegeben', TRANSFERRED: 'weitergegeben' },
    show: 'Code zeigen',
    print: 'Drucken (PDF)',
    calendar: 'In den Kalender',
    problems: {
      INVALID_CREDENTIALS: 'E-Mail oder Passwort ist falsch.',
      EMAIL_NOT_VERIFIED: 'Bestätigen Sie zuerst Ihre Adresse, über den Link aus unserer Mail.',
      ACCOUNT_LOCKED: 'Dieses Konto ist für eine Weile gesperrt.',
    },
  },
  fr: {
    order: 'Commande {number}',
    title: 'Votre commande',
    wait: 'Un instant …',
    lead: 'Vous seul voyez votre commande et ses billets.',
    accept: 'Afficher la commande',
    other: 'Utiliser un autre compte',
    signIn: 'Connectez-vous avec le compte de votre commande.',
    email: 'E-mail',
    password: 'Mot de passe',
    signInAndAccept: 'Se connecter et afficher',
    noAccount: 'Mot de passe oublié ? Vos billets sont aussi dans notre message, sans connexion.',
    gone: 'Ce compte n’a pas de commande de ce nom.',
    failed: 'Cela n’a pas marché. Réessayez dans un instant.',
    states: {
      HELD: 'Réservée, pas encore commandée',
      PENDING: 'En attente de votre paiement',
      SECURED: 'Votre paiement est en cours',
      PAID: 'Payée',
      EXPIRED: 'Échue : pas payée à temps',
      CANCELLED: 'Annulée',
      FAILED: 'Échouée : rien ne vous a été vendu',
      REFUNDED: 'Rendue et remboursée',
      PARTIALLY_REFUNDED: 'Rendue en partie',
    },
    beingChecked:
      'Nous vérifions votre paiement avant de l’encaisser. Vos billets sont réservés ; vous n’avez rien à faire.',
    total: 'Total',
    tickets: 'Billets',
    statuses: { VALID: 'valable', USED: 'utilisé', ARCHIVED: 'rendu', TRANSFERRED: 'transmis' },
    show: 'Afficher le code',
    print: 'Imprimer (PDF)',
    calendar: 'Ajouter au calendrier',
    problems: {
      INVALID_CREDENTIALS: 'E-mail ou mot de passe incorrect.',
      EMAIL_NOT_VERIFIED: 'Confirmez d’abord votre adresse, par le lien de notre message.',
      ACCOUNT_LOCKED: 'Ce compte est bloqué pour un moment.',
    },
  },
  es: {
    order: 'Pedido {number}',
    title: 'Su pedido',
    wait: 'Un momento …',
    lead: 'Solo usted ve su pedido y sus entradas.',
    accept: 'Mostrar el pedido',
    other: 'Usar otra cuenta',
    signIn: 'Inicie sesión con la cuenta de su pedido.',
    email: 'Correo',
    password: 'Contraseña',
    signInAndAccept: 'Iniciar sesión y mostrarlo',
    noAccount: '¿Olvidó la contraseña? Sus entradas están también en nuestro mensaje, sin iniciar sesión.',
    gone: 'Esta cuenta no tiene tal pedido.',
    failed: 'No funcionó. Inténtelo de nuevo en un momento.',
    states: {
      HELD: 'Reservado, aún sin pedir',
      PENDING: 'A la espera de su pago',
      SECURED: 'Su pago está en curso',
      PAID: 'Pagado',
      EXPIRED: 'Vencido: no se pagó a tiempo',
      CANCELLED: 'Cancelado',
      FAILED: 'Fallido: no se le vendió nada',
      REFUNDED: 'Devuelto y reembolsado',
      PARTIALLY_REFUNDED: 'Devuelto en parte',
    },
    beingChecked: 'Revisamos su pago antes de cobrarlo. Sus entradas están reservadas y no tiene que hacer nada.',
    total: 'Total',
    tickets: 'Entradas',
    statuses: { VALID: 'válida', USED: 'usada', ARCHIVED: 'devuelta', TRANSFERRED: 'cedida' },
    show: 'Mostrar el código',
    print: 'Imprimir (PDF)',
    calendar: 'Añadir al calendario',
    problems: {
      INVALID_CREDENTIALS: 'Correo o contraseña incorrectos.',
      EMAIL_NOT_VERIFIED: 'Confirme primero su dirección, con el enlace de nuestro mensaje.',
      ACCOUNT_LOCKED: 'Esta cuenta está bloqueada por un momento.',
    },
  },
};
