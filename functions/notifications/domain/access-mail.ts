import type { Instant } from '../../shared/kernel/clock.ts';
import type { Assignment } from '../../shared/runtime/membership.ts';
import type { Role } from '../../shared/runtime/route.ts';
import { ACCESS_TEXTS } from './access-texts.ts';
import { languageOf, type Language } from './languages.ts';
import type { House } from './layout.ts';
import { wordNotice } from './notice.ts';
import type { MailText } from './ticket-mail.ts';
import { named } from './brand.ts';
import { isolate } from './isolate.ts';

/** Whom a mail about access greets, and in which language. */
export interface Addressee {
  readonly firstName: string;
  /** BCP 47 language tag. */
  readonly locale: string;
}

/** A post with the names of what it is in. */
export interface NamedPost extends Assignment {
  readonly organization: string;
  /** Of the one event that it is for, with the time zone in which its window is read. */
  readonly event?: { readonly title: string; readonly timeZone: string };
}

/** Words the mail that tells somebody which roles an admin has left them with. */
export function wordRolesMail({ firstName, locale }: Addressee, roles: readonly Role[], house: House): MailText {
  const language = languageOf(locale);
  const t = ACCESS_TEXTS[language];
  const given = roles.flatMap((role) => (role === 'support' || role === 'admin' ? [t.roleNames[role]] : []));
  return wordNotice(
    {
      language,
      subject: named(t.roles.subject, house.brand),
      greeting: t.greeting(isolate(firstName)),
      paragraphs: [given.length === 0 ? t.roles.none : t.roles.some],
      items: given,
      footer: `${t.unexpected} ${named(t.footer, house.brand)}`,
    },
    house,
  );
}

/** Words the mail that tells somebody which posts they hold now, over all organisations. */
export function wordPostsMail({ firstName, locale }: Addressee, posts: readonly NamedPost[], house: House): MailText {
  const language = languageOf(locale);
  const t = ACCESS_TEXTS[language];
  return wordNotice(
    {
      language,
      subject: t.posts.subject,
      greeting: t.greeting(isolate(firstName)),
      paragraphs: [posts.length === 0 ? t.posts.none : t.posts.some],
      items: posts.map((post) => describePost(post, language)),
      footer: `${t.unexpected} ${named(t.footer, house.brand)}`,
    },
    house,
  );
}

/** A post in one line: `Harbour Lights: Gate · Lighthouse Concert · from 5 December 2026 at 17:00 CET`. */
export function describePost({ organization, post, event, from, until }: NamedPost, language: Language): string {
  const t = ACCESS_TEXTS[language];
  const time = (at: Instant): string => describeTime(at, event?.timeZone ?? 'UTC', language);
  return [
    `${organization}: ${t.postNames[post]}`,
    ...(event === undefined ? [] : [event.title]),
    ...(from === undefined ? [] : [t.from(time(from))]),
    ...(until === undefined ? [] : [t.until(time(until))]),
  ].join(' · ');
}

/** A moment as people of a language read it, with its time zone. */
export function describeTime(at: Instant, timeZone: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(at);
}

/** Words the mail that tells somebody that their account is barred, or open again. */
export function wordBanMail({ firstName, locale }: Addressee, what: 'banned' | 'unbanned', house: House): MailText {
  const language = languageOf(locale);
  const t = ACCESS_TEXTS[language];
  return wordNotice(
    {
      language,
      subject: t[what].subject,
      greeting: t.greeting(isolate(firstName)),
      paragraphs: [t[what].body, t[what].next],
      footer: named(t.footer, house.brand),
    },
    house,
  );
}

/** What organizers are told of a key; never the key. */
export interface KeyNews {
  readonly what: 'keyCreated' | 'keyRevoked';
  readonly organization: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Who did it, if that is a colleague. */
  readonly by?: string;
}

/** Words the mail that tells an organizer that an API key was made or revoked. */
export function wordKeyMail(
  { firstName, locale }: Addressee,
  { what, organization, name, scopes, by }: KeyNews,
  house: House,
): MailText {
  const language = languageOf(locale);
  const t = ACCESS_TEXTS[language];
  const isNew = what === 'keyCreated';
  return wordNotice(
    {
      language,
      subject: t[what].subject(isolate(organization)),
      greeting: t.greeting(isolate(firstName)),
      paragraphs: [
        t[what].body(isolate(name), isolate(organization), by === undefined ? undefined : isolate(by)),
        ...(isNew ? [t.keyNext, t.keyScopes] : [t.keyNext]),
      ],
      items: isNew ? scopes : [],
      footer: t.keyFooter(isolate(organization)),
    },
    house,
  );
}
