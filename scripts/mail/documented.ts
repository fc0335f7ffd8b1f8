import type { Language } from '../../functions/notifications/domain/languages.ts';

/** When each mail is sent, and to whom: the rows of `docs/mails.md`. */
export const MAILS: Readonly<Record<string, string>> = {
  'order-confirmation':
    'tickets of a paid order exist, or are asked for once more: with PDFs of tickets and receipt, a calendar, links',
  'payment-failed': 'an order is over and its payment never went through',
  'payment-returned': 'an order could not be completed after all (late payment, sold out): the money went back',
  refund: 'money goes back, or tickets do without any',
  'event-cancelled': 'an event does not take place: once a person, with what becomes of the money',
  'event-cancelled-money-later': 'the same, where the money could not be sent back by itself',
  'event-moved': 'an event has another time: with the old one, and until when tickets may be given back',
  'event-changed': 'place or entry of an event have changed',
  'event-reminder': 'a day before an event starts',
  'notice-information': 'an organizer writes to the holders of tickets',
  'notice-entry': 'the same, about getting in',
  'notice-delay': 'the same, about a delay',
  'ticket-offered': 'a holder offers a ticket to an address',
  'ticket-received': 'the offer was accepted: the ticket, to its new holder',
  'ticket-passed-on': 'the same, to the one who passed it on',
  'ticket-reissued': 'a ticket has a new code',
  verification: 'an account is made: the link that proves its address',
  welcome: 'the address is proven',
  'password-reset': 'a new password is asked for',
  'password-changed': 'it was set',
  'account-locked': 'a wrong password was typed three times',
  'new-device': 'somebody signed in on a device that was not known',
  'session-copied': 'a session was used in a way that only a copy of it could',
  'signed-out-everywhere': 'all sessions were ended',
  'email-change-confirm': 'another address is wanted: to the new one',
  'email-change-notice': 'the same: to the old one',
  'email-changed': 'the address was changed: to the new one',
  'email-changed-old': 'the same: to the old one',
  'phone-changed': 'the phone number was changed',
  'phone-proven': 'a phone number was proven',
  'data-exported': 'what is kept of a person was handed out',
  'account-erased': 'an account was erased',
  invitation: 'a colleague is invited to an organisation',
  'posts-changed': 'what somebody does in organisations has changed',
  'roles-changed': 'an administrator has given or taken roles',
  banned: 'an account is barred',
  unbanned: 'it is open again',
  'api-key-created': 'an API key of an organisation was made: to all of its organizers',
  'api-key-revoked': 'it was revoked',
};

/** A picture of a mail in the documentation. */
export interface MailPicture {
  readonly template: string;
  readonly language: Language;
  /** In names that try to break out, or as a mail program in dark mode shows it. */
  readonly as?: 'hostile' | 'dark';
}

/** Where they lie, from the repository's root. */
export const MAIL_PICTURES = 'docs/pictures/mails';
/** The largest of them may have so many bytes. */
export const MOST_PICTURE_BYTES = 40 * 1024;

const SHOWN_IN_ALL_LANGUAGES = ['order-confirmation', 'event-moved'] as const;

/** All of them: each mail in English, two in every language, with hostile names and in the dark. */
export function documentedPictures(): readonly MailPicture[] {
  return [
    ...Object.keys(MAILS).map((template): MailPicture => ({ template, language: 'en' })),
    ...SHOWN_IN_ALL_LANGUAGES.flatMap((template): readonly MailPicture[] => [
      ...(['de', 'fr', 'es'] as const).map((language) => ({ template, language })),
      { template, language: 'en', as: 'hostile' },
      { template, language: 'en', as: 'dark' },
    ]),
  ];
}

/** The name of its file. */
export function pictureFile({ template, language, as }: MailPicture): string {
  return `${template}${language === 'en' ? '' : `.${language}`}${as === undefined ? '' : `.${as}`}.webp`;
}
