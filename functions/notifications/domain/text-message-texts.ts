import type { Language } from './languages.ts';
import type { TextNews } from './text-message.ts';

type Words = Readonly<Record<TextNews['news'], (title: string, when: string) => string>>;

/** What text messages say before their link; only characters of GSM-7, since a single other one halves what fits. */
export const TEXT_MESSAGES: Readonly<Record<Language, Words>> = {
  en: {
    tickets: (title) => `your tickets for ${title} are ready, and in your mail.`,
    paymentFailed: (title) => `the payment of order ${title} failed. Nothing was charged, no tickets are reserved.`,
    moved: (title, when) => `${title} has a new time: ${when}. Details are in your mail.`,
    changed: (title, when) => `something about ${title} (${when}) has changed. Your tickets stay valid.`,
    delay: (title) => `${title} is delayed. Details are in your mail.`,
    reminder: (title, when) => `${title} is soon: ${when}. Have your tickets at hand.`,
  },
  de: {
    tickets: (title) => `Ihre Tickets für ${title} sind da, auch in Ihrer E-Mail.`,
    paymentFailed: (title) =>
      `Die Zahlung zu ${title} ist fehlgeschlagen. Nichts wurde abgebucht, es sind keine Tickets reserviert.`,
    moved: (title, when) => `${title} hat einen neuen Termin: ${when}. Näheres in Ihrer E-Mail.`,
    changed: (title, when) => `Bei ${title} (${when}) hat sich etwas geändert. Ihre Tickets bleiben gültig.`,
    delay: (title) => `${title} verspätet sich. Näheres in Ihrer E-Mail.`,
    reminder: (title, when) => `Bald ist ${title}: ${when}. Halten Sie Ihre Tickets bereit.`,
  },
  fr: {
    tickets: (title) => `vos billets pour ${title} sont là, aussi dans votre messagerie.`,
    paymentFailed: (title) => `le paiement de ${title} a échoué. Rien n'est débité, aucun billet n'est réservé.`,
    moved: (title, when) => `${title} change de date : ${when}. Détails dans votre messagerie.`,
    changed: (title, when) => `il y a du nouveau pour ${title} (${when}). Vos billets restent valables.`,
    delay: (title) => `${title} a du retard. Détails dans votre messagerie.`,
    reminder: (title, when) => `${title}, c'est pour le ${when}. Ayez vos billets sous la main.`,
  },
  es: {
    tickets: (title) => `ya tiene sus entradas para ${title}, y en su correo.`,
    paymentFailed: (title) =>
      `el pago de ${title} no se pudo hacer. No se le ha cobrado nada ni hay entradas reservadas.`,
    moved: (title, when) => `${title} cambia de fecha: ${when}. Detalles en su correo.`,
    changed: (title, when) => `hay cambios en ${title} (${when}). Sus entradas siguen valiendo.`,
    delay: (title) => `${title} se retrasa. Detalles en su correo.`,
    reminder: (title, when) => `falta poco para ${title}: ${when}. Tenga a mano sus entradas.`,
  },
};
