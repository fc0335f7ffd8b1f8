import type { Language } from './languages.ts';

/** What the mail with an invitation says, in one language. */
export interface InvitationTexts {
  readonly greeting: string;
  readonly subject: (organization: string) => string;
  /** @param sender name of who invites; empty for an administrator whose name is nobody's business */
  readonly body: (organization: string, sender: string, operator: string) => string;
  readonly until: (date: string) => string;
  readonly unknown: string;
  readonly view: string;
  readonly footer: string;
}

/** The words of each language. */
export const INVITATION_TEXTS: Readonly<Record<Language, InvitationTexts>> = {
  en: {
    greeting: 'Hello,',
    subject: (organization) => `Invitation to work with ${organization}`,
    body: (organization, sender, operator) =>
      `${sender === '' ? 'You are invited' : `${sender} invites you`} to work with ${organization} at ${operator}. Your posts would be:`,
    until: (date) =>
      `The link works once, until ${date}, for an account with exactly this address. If you have none yet, register first and open the link again.`,
    unknown: 'If you do not know who this comes from, do nothing: nobody gets anything by it.',
    view: 'View the invitation',
    footer:
      'You get this mail because somebody has entered your address as that of a colleague. It is deleted when the invitation ends.',
  },
  de: {
    greeting: 'Guten Tag,',
    subject: (organization) => `Einladung zur Mitarbeit bei ${organization}`,
    body: (organization, sender, operator) =>
      `${sender === '' ? 'Sie sind eingeladen' : `${sender} lädt Sie ein`}, bei ${operator} für ${organization} zu arbeiten. Ihre Aufgaben wären:`,
    until: (date) =>
      `Der Link gilt einmal, bis ${date}, für ein Konto mit genau dieser Adresse. Wenn Sie noch keines haben, registrieren Sie sich zuerst und öffnen dann den Link noch einmal.`,
    unknown: 'Wenn Sie nicht wissen, von wem das kommt, unternehmen Sie nichts: Niemand bekommt dadurch etwas.',
    view: 'Einladung ansehen',
    footer:
      'Sie erhalten diese E-Mail, weil jemand Ihre Adresse als die eines Kollegen eingegeben hat. Sie wird gelöscht, sobald die Einladung endet.',
  },
  fr: {
    greeting: 'Bonjour,',
    subject: (organization) => `Invitation à travailler avec ${organization}`,
    body: (organization, sender, operator) =>
      `${sender === '' ? 'Vous êtes invité' : `${sender} vous invite`} à travailler avec ${organization} sur ${operator}. Vos fonctions seraient :`,
    until: (date) =>
      `Le lien est valable une seule fois, jusqu’au ${date}, pour un compte avec exactement cette adresse. Si vous n’en avez pas encore, inscrivez-vous d’abord, puis rouvrez le lien.`,
    unknown: 'Si vous ne savez pas de qui cela vient, ne faites rien : personne n’y gagne quoi que ce soit.',
    view: 'Voir l’invitation',
    footer:
      'Vous recevez ce message parce que quelqu’un a indiqué votre adresse comme celle d’un collègue. Elle est effacée à la fin de l’invitation.',
  },
  es: {
    greeting: 'Hola:',
    subject: (organization) => `Invitación para trabajar con ${organization}`,
    body: (organization, sender, operator) =>
      `${sender === '' ? 'Tiene una invitación' : `${sender} le invita`} para trabajar con ${organization} en ${operator}. Sus funciones serían:`,
    until: (date) =>
      `El enlace vale una sola vez, hasta el ${date}, para una cuenta con exactamente esta dirección. Si aún no la tiene, regístrese primero y vuelva a abrir el enlace.`,
    unknown: 'Si no sabe de quién viene esto, no haga nada: nadie obtiene nada con ello.',
    view: 'Ver la invitación',
    footer:
      'Recibe este mensaje porque alguien ha indicado su dirección como la de un colega. Se borra cuando termina la invitación.',
  },
};
