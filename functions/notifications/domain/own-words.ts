import { isolate } from './isolate.ts';
import type { Language } from './languages.ts';
import { quote, type House } from './layout.ts';
import { fillWords, type FilledWords, type Piece, type TemplateName, type ValuesOf } from './own-templates.ts';
import type { Html } from './html.ts';

/** What stands above an organisation's own words, so that nobody takes them for the operator's. */
const FROM: Readonly<Record<Language, (organization: string) => string>> = {
  en: (organization) => `${organization} writes:`,
  de: (organization) => `${organization} schreibt:`,
  fr: (organization) => `${organization} écrit :`,
  es: (organization) => `${organization} escribe:`,
};

/** An organisation's own words in one mail. */
export interface SaidWords extends FilledWords {
  readonly from: string;
}

/** The own words that a mail bears, filled in; undefined where there are none in its language. */
export function ownWordsIn<Name extends TemplateName>(
  { own }: House,
  name: Name,
  language: Language,
  values: ValuesOf<Name>,
): SaidWords | undefined {
  const words = own?.name === name ? own.words(language) : undefined;
  if (own === undefined || words === undefined) return undefined;
  return { from: FROM[language](isolate(own.organization)), ...fillWords(words, values) };
}

/** One part of them as a block of the mail, set off from ours; nothing where it is empty. */
export function quoted(own: SaidWords | undefined, part: 'intro' | 'closing', house: House): readonly Html[] {
  return own === undefined || own[part].length === 0 ? [] : [quote(own.from, own[part], house)];
}

/** The same in plain text. */
export function quotedText(own: SaidWords | undefined, part: 'intro' | 'closing'): readonly string[] {
  if (own === undefined || own[part].length === 0) return [];
  const textOf = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');
  return [own.from, ...own[part].map(textOf)].map((paragraph) =>
    paragraph
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n'),
  );
}
