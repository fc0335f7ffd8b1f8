import { DE } from './account-texts-de.ts';
import { EN } from './account-texts-en.ts';
import { ES } from './account-texts-es.ts';
import { FR } from './account-texts-fr.ts';
import type { Language } from './languages.ts';

/** What a mail about an account is for. */
export type AccountMailKind =
  | 'verification'
  | 'welcome'
  | 'passwordReset'
  | 'passwordChanged'
  | 'emailChangeConfirm'
  | 'emailChangeNotice'
  | 'emailChanged'
  | 'emailChangedOld'
  | 'phoneChanged'
  | 'phoneProven'
  | 'accountErased'
  | 'accountLocked'
  | 'newDevice'
  | 'sessionCopied'
  | 'signedOutEverywhere'
  | 'dataExported';

/** The words of one kind of mail; `{when}` stands for the time of what it tells. */
export interface AccountText {
  readonly subject: string;
  /** One after the other; the first one is also what mail programs show beside the subject. */
  readonly paragraphs: readonly string[];
  /** What the link is called, where there is one. */
  readonly link?: string;
}

/** The words of all of them in one language: one that lacks a mail does not compile. */
export interface AccountTexts {
  readonly hello: (firstName: string) => string;
  readonly footer: string;
  readonly mails: Readonly<Record<AccountMailKind, AccountText>>;
}

export const ACCOUNT_TEXTS: Readonly<Record<Language, AccountTexts>> = { en: EN, de: DE, fr: FR, es: ES };
