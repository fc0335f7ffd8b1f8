import { ACCOUNT_TEXTS, COMMON, type AccountMailKind } from './account-texts.ts';
import type { Language } from './languages.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';

/** What a mail about an account tells. */
export interface AccountMail {
  readonly kind: AccountMailKind;
  readonly language: Language;
  readonly firstName: string;
  /** Where its link leads; with a token, in the fragment. */
  readonly url: string;
}

/** Words a mail about an account. Every value is escaped (invariant I25). */
export function wordAccountMail({ kind, language, firstName, url }: AccountMail): MailText {
  const { subject, paragraphs, link: label } = ACCOUNT_TEXTS[kind][language];
  const { hello, footer } = COMMON[language];
  const link = label === undefined ? {} : { link: { label, url } };
  return wordNotice({ language, subject, greeting: hello(firstName), paragraphs, ...link, footer });
}
