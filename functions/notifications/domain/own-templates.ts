import * as z from 'zod/mini';

import { isolate } from './isolate.ts';
import { LANGUAGES, type Language } from './languages.ts';

const OF_EVENT = ['firstName', 'eventTitle', 'date', 'time', 'place'] as const;

/**
 * Mails that an organisation may add its own words to, each with the placeholders that it fills in. What happened must be read
 * from the subject of a mail about a change, so that only the others take a subject. Mails about money and accounts are the
 * operator's own.
 */
export const TEMPLATES = {
  'order-confirmation': { placeholders: ['firstName', 'eventTitle', 'orderNumber', 'ticketCount'], ownSubject: true },
  'event-reminder': { placeholders: OF_EVENT, ownSubject: true },
  'event-changed': { placeholders: OF_EVENT, ownSubject: false },
  'event-moved': { placeholders: OF_EVENT, ownSubject: false },
  'event-cancelled': { placeholders: ['firstName', 'eventTitle'], ownSubject: false },
} as const;

export const TEMPLATE_NAMES = [
  'order-confirmation',
  'event-reminder',
  'event-changed',
  'event-moved',
  'event-cancelled',
] as const satisfies readonly (keyof typeof TEMPLATES)[];
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** A value for each placeholder of a template. */
export type ValuesOf<Name extends TemplateName> = Readonly<
  Record<(typeof TEMPLATES)[Name]['placeholders'][number], string>
>;

/** Longest subject, intro and closing, in UTF-16 units as they are written. */
export const MOST_SIGNS = { subject: 120, intro: 1_000, closing: 1_000 } as const;
/** Links in one text. */
export const MOST_LINKS = 3;

const text = (most: number) => z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(most)));
const words = z.strictObject({
  subject: text(MOST_SIGNS.subject),
  intro: text(MOST_SIGNS.intro),
  closing: text(MOST_SIGNS.closing),
});

/** An organisation's own words for one mail, by language; a language that has none is written in ours. */
export const ownTexts = z.strictObject({
  en: z.optional(words),
  de: z.optional(words),
  fr: z.optional(words),
  es: z.optional(words),
});
export type OwnTexts = z.infer<typeof ownTexts>;
export type OwnWords = z.infer<typeof words>;

/** What is wrong with own words, and where. */
export interface TextFault {
  /** `texts.de.intro` */
  readonly path: string;
  readonly message: string;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z]{1,40})\s*\}\}/g;
const LINK = /\b[a-z][a-z\d+.-]*:\/\/[^\s<>"]*/gi;
/** A plain https address: no name before the host, no port, a host of ASCII letters that has a dot. */
const SAFE_LINK = /^https:\/\/(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}(?:[/?#][^\s<>"{}]*)?$/i;
const SCRIPT = /\b(?:javascript|data|vbscript|file):/i;
/** Control signs but the line break, and signs that turn text around or cannot be seen. */
const HIDDEN = /[\p{Cc}\u{200B}\u{200E}\u{200F}\u{2028}-\u{202E}\u{2060}-\u{2069}\u{FEFF}]/u;

/** Everything that is wrong with the own words of a template; none when they may be used. */
export function faultsOf(name: TemplateName, texts: OwnTexts): readonly TextFault[] {
  const given = LANGUAGES.flatMap((language) =>
    (['subject', 'intro', 'closing'] as const).flatMap((part) => {
      const written = texts[language]?.[part];
      return written === undefined ? [] : [{ path: `texts.${language}.${part}`, part, written }];
    }),
  );
  if (given.length === 0) return [{ path: 'texts', message: 'Write something in one language at least' }];
  return given.flatMap(({ path, part, written }) =>
    messagesOf(name, part, written).map((message) => ({ path, message })),
  );
}

function messagesOf(name: TemplateName, part: keyof OwnWords, written: string): readonly string[] {
  const { placeholders, ownSubject } = TEMPLATES[name];
  const known: readonly string[] = placeholders;
  const unknown = [...written.matchAll(PLACEHOLDER)]
    .map(([, each = '']) => each)
    .filter((each) => !known.includes(each));
  const rest = written.replaceAll(PLACEHOLDER, '');
  const links = written.match(LINK) ?? [];
  return [
    ...(part === 'subject' && !ownSubject ? ['The subject of this mail says what has happened, and stays ours'] : []),
    ...unknown.map((each) => `There is no placeholder {{${each}}} here; there are ${known.join(', ')}`),
    ...(/[{}]/.test(rest) ? ['Braces stand around a placeholder, {{eventTitle}} for example'] : []),
    ...(HIDDEN.test(part === 'subject' ? written : written.replaceAll('\n', '')) ? ['Signs that cannot be seen'] : []),
    ...(written.isWellFormed() ? [] : ['This is not well-formed Unicode']),
    ...(links.every((link) => SAFE_LINK.test(link)) && !SCRIPT.test(written)
      ? []
      : ['A link is https://, with a host in Latin letters and no placeholder in it']),
    ...(links.length > (part === 'subject' ? 0 : MOST_LINKS) ? ['Too many links'] : []),
  ];
}

/** A piece of a paragraph; with `link`, one to follow, shown in full. */
export interface Piece {
  readonly text: string;
  readonly link?: true;
}

/** Own words with their placeholders filled in. */
export interface FilledWords {
  readonly subject?: string;
  readonly intro: readonly (readonly Piece[])[];
  readonly closing: readonly (readonly Piece[])[];
}

/**
 * Fills own words in, in one pass: a value that looks like a placeholder or a link stays text. Only links that the organisation
 * wrote are links.
 */
export function fillWords(
  { subject, intro, closing }: OwnWords,
  values: Readonly<Record<string, string>>,
): FilledWords {
  const fill = (written: string): string =>
    written.replaceAll(PLACEHOLDER, (_all, name: string) =>
      isolate(Object.hasOwn(values, name) ? (values[name] ?? '') : ''),
    );
  const pieces = (paragraph: string): readonly Piece[] => {
    const links = [...paragraph.matchAll(LINK)];
    let from = 0;
    const found = links.flatMap(({ 0: link, index }): readonly Piece[] => {
      const before = { text: fill(paragraph.slice(from, index)) };
      from = index + link.length;
      return [before, { text: link, link: true }];
    });
    return [...found, { text: fill(paragraph.slice(from)) }].filter((piece) => piece.text !== '');
  };
  const paragraphs = (written: string | undefined): readonly (readonly Piece[])[] =>
    written === undefined ? [] : written.split(/\n\s*\n/).map(pieces);
  return {
    ...(subject === undefined ? {} : { subject: fill(subject) }),
    intro: paragraphs(intro),
    closing: paragraphs(closing),
  };
}

/** The own words in force of a template: whose they are, in one language. */
export interface OwnTemplate {
  readonly organization: string;
  readonly name: TemplateName;
  readonly version: number;
  readonly words: (language: Language) => OwnWords | undefined;
}
