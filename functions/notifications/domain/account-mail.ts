import type { Instant } from '../../shared/kernel/clock.ts';
import { ACCOUNT_TEXTS, type AccountMailKind } from './account-texts.ts';
import type { Language } from './languages.ts';
import type { House } from './layout.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';
import { named } from './brand.ts';
import { isolate } from './isolate.ts';

/** What a mail about an account tells. */
export interface AccountMail {
  readonly kind: AccountMailKind;
  readonly language: Language;
  readonly firstName: string;
  /** When that happened. */
  readonly at: Instant;
  /** Where its link leads; with a token, in the fragment. */
  readonly url: string;
}

/** Words a mail about an account. Every value is escaped (invariant I25). */
export function wordAccountMail({ kind, language, firstName, at, url }: AccountMail, house: House): MailText {
  const { hello, footer, mails } = ACCOUNT_TEXTS[language];
  const { subject, paragraphs, link: label } = mails[kind];
  // Where the reader is, nobody knows: a time that says its zone is the same everywhere.
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const when = `${time.format(at)} UTC`;
  return wordNotice(
    {
      language,
      subject: named(subject, house.brand),
      greeting: hello(isolate(firstName)),
      paragraphs: paragraphs.map((text) => named(text, house.brand).replaceAll('{when}', () => when)),
      ...(label === undefined ? {} : { link: { label: named(label, house.brand), url } }),
      footer: named(footer, house.brand),
    },
    house,
  );
}
