import type { Language } from './languages.ts';

/** What mails about single tickets say, in one language. */
export interface TicketNewsTexts {
  readonly hello: (firstName: string) => string;
  readonly footer: string;
  readonly offered: {
    readonly subject: (title: string) => string;
    /** @param giver empty where there is no name to tell */
    readonly body: (giver: string, title: string) => string;
    readonly until: (date: string) => string;
    readonly link: string;
    readonly unknown: string;
  };
  readonly received: {
    readonly subject: (title: string) => string;
    readonly body: (title: string) => string;
    readonly attached: string;
  };
  readonly passedOn: { readonly subject: (title: string) => string; readonly body: (number: string) => string };
  readonly reissued: {
    readonly subject: (title: string) => string;
    readonly body: (number: string) => string;
    readonly notYou: string;
  };
  readonly show: string;
}

const en: TicketNewsTexts = {
  hello: (firstName) => (firstName === '' ? 'Hello,' : `Hello ${firstName},`),
  footer: 'You get this mail because of a ticket with {brand}.',
  offered: {
    subject: (title) => `A ticket for you: ${title}`,
    body: (giver, title) => `${giver === '' ? 'Somebody' : giver} would like to give you a ticket for ${title}.`,
    until: (date) =>
      `Accept it by ${date}. You need an account, with this address or another; the ticket costs you nothing.`,
    link: 'Accept the ticket',
    unknown: 'If you do not know who that is, leave this mail alone: the offer ends by itself.',
  },
  received: {
    subject: (title) => `Your ticket: ${title}`,
    body: (title) => `The ticket for ${title} is yours now.`,
    attached: 'It is attached as a PDF. Show the code on your phone or on paper; it admits one person, once.',
  },
  passedOn: {
    subject: (title) => `Your ticket was passed on: ${title}`,
    body: (number) =>
      `Your ticket ${number} was accepted by the person you offered it to. Your own code admits nobody any more.`,
  },
  reissued: {
    subject: (title) => `Your ticket has a new code: ${title}`,
    body: (number) =>
      `Ticket ${number} has a new code, attached as a PDF. The one that was out admits nobody any more.`,
    notYou: 'If that was neither you nor our support, choose a new password.',
  },
  show: 'Show on your phone',
};

const de: TicketNewsTexts = {
  hello: (firstName) => (firstName === '' ? 'Guten Tag,' : `Guten Tag ${firstName},`),
  footer: 'Sie erhalten diese Mail wegen eines Tickets bei {brand}.',
  offered: {
    subject: (title) => `Ein Ticket für Sie: ${title}`,
    body: (giver, title) => `${giver === '' ? 'Jemand' : giver} möchte Ihnen ein Ticket für ${title} geben.`,
    until: (date) =>
      `Nehmen Sie es bis ${date} an. Dazu brauchen Sie ein Konto, mit dieser oder einer anderen Adresse; das Ticket kostet Sie nichts.`,
    link: 'Ticket annehmen',
    unknown: 'Wenn Sie nicht wissen, wer das ist, lassen Sie diese Mail liegen: Das Angebot endet von selbst.',
  },
  received: {
    subject: (title) => `Ihr Ticket: ${title}`,
    body: (title) => `Das Ticket für ${title} gehört jetzt Ihnen.`,
    attached:
      'Es hängt als PDF an. Zeigen Sie den Code auf dem Telefon oder auf Papier; er gilt für eine Person, einmal.',
  },
  passedOn: {
    subject: (title) => `Ihr Ticket wurde weitergegeben: ${title}`,
    body: (number) => `Ihr Ticket ${number} wurde angenommen. Ihr eigener Code lässt niemanden mehr ein.`,
  },
  reissued: {
    subject: (title) => `Ihr Ticket hat einen neuen Code: ${title}`,
    body: (number) =>
      `Ticket ${number} hat einen neuen Code, als PDF im Anhang. Der bisherige lässt niemanden mehr ein.`,
    notYou: 'Wenn das weder Sie noch unser Support waren, wählen Sie ein neues Passwort.',
  },
  show: 'Auf dem Telefon zeigen',
};

const fr: TicketNewsTexts = {
  hello: (firstName) => (firstName === '' ? 'Bonjour,' : `Bonjour ${firstName},`),
  footer: 'Vous recevez ce message à cause d’un billet chez {brand}.',
  offered: {
    subject: (title) => `Un billet pour vous : ${title}`,
    body: (giver, title) => `${giver === '' ? 'Quelqu’un' : giver} souhaite vous donner un billet pour ${title}.`,
    until: (date) =>
      `Acceptez-le avant le ${date}. Il vous faut un compte, avec cette adresse ou une autre ; le billet ne vous coûte rien.`,
    link: 'Accepter le billet',
    unknown: 'Si vous ne savez pas qui c’est, laissez ce message : l’offre prend fin d’elle-même.',
  },
  received: {
    subject: (title) => `Votre billet : ${title}`,
    body: (title) => `Le billet pour ${title} est maintenant à vous.`,
    attached:
      'Il est joint en PDF. Montrez le code sur votre téléphone ou sur papier ; il vaut pour une personne, une fois.',
  },
  passedOn: {
    subject: (title) => `Votre billet a été transmis : ${title}`,
    body: (number) => `Votre billet ${number} a été accepté. Votre propre code n’admet plus personne.`,
  },
  reissued: {
    subject: (title) => `Votre billet a un nouveau code : ${title}`,
    body: (number) => `Le billet ${number} a un nouveau code, joint en PDF. L’ancien n’admet plus personne.`,
    notYou: 'Si ce n’était ni vous ni notre assistance, choisissez un nouveau mot de passe.',
  },
  show: 'Montrer sur le téléphone',
};

const es: TicketNewsTexts = {
  hello: (firstName) => (firstName === '' ? 'Hola:' : `Hola, ${firstName}:`),
  footer: 'Recibe este mensaje por una entrada en {brand}.',
  offered: {
    subject: (title) => `Una entrada para usted: ${title}`,
    body: (giver, title) => `${giver === '' ? 'Alguien' : giver} quiere darle una entrada para ${title}.`,
    until: (date) =>
      `Acéptela antes del ${date}. Necesita una cuenta, con esta dirección u otra; la entrada no le cuesta nada.`,
    link: 'Aceptar la entrada',
    unknown: 'Si no sabe quién es, deje este mensaje: la oferta termina sola.',
  },
  received: {
    subject: (title) => `Su entrada: ${title}`,
    body: (title) => `La entrada para ${title} ya es suya.`,
    attached: 'Va adjunta en PDF. Muestre el código en el teléfono o en papel; vale para una persona, una vez.',
  },
  passedOn: {
    subject: (title) => `Su entrada se ha cedido: ${title}`,
    body: (number) => `Su entrada ${number} fue aceptada. Su propio código ya no admite a nadie.`,
  },
  reissued: {
    subject: (title) => `Su entrada tiene un código nuevo: ${title}`,
    body: (number) => `La entrada ${number} tiene un código nuevo, adjunto en PDF. El anterior ya no admite a nadie.`,
    notYou: 'Si no fue usted ni nuestra asistencia, elija una contraseña nueva.',
  },
  show: 'Mostrar en el teléfono',
};

export const TICKET_NEWS_TEXTS: Readonly<Record<Language, TicketNewsTexts>> = { en, de, fr, es };
