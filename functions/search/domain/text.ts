/**
 * Text as the index sees it: folded (case, accents, widths, look-alikes of a script) and cut into tokens.
 * Query and documents go through the same functions, so whatever they do to a word they do to both.
 */

/** Longer tokens are cut; no word that people type is longer. UTF-16 units. */
export const LONGEST_TOKEN = 32;

/** Marks that people leave out when they type: Latin accents, Hebrew points, Arabic vowels and tatweel. */
const OPTIONAL_MARKS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]/g;
/** What cannot be seen within a word: soft hyphens, joiners, marks of direction. */
const UNSEEN = /[\u00ad\u200d-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** Letters that no decomposition leads to the one that people type instead. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ı', 'i'],
  ['ς', 'σ'],
  ['ى', 'ي'],
  ['ة', 'ه'],
  ['ی', 'ي'],
  ['ک', 'ك'],
]);
const LOOK_ALIKE = new RegExp(`[${[...LOOK_ALIKES.keys()].join('')}]`, 'g');
const KATAKANA = /[\u30a1-\u30f6]/g;
/** Distance of a katakana letter to its hiragana. */
const TO_HIRAGANA = 0x60;
const ASCII = /^\p{ASCII}*$/u;

/** `text` without case, accents, widths and other differences that a searcher does not mean. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(OPTIONAL_MARKS, '')
    .replace(UNSEEN, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(LOOK_ALIKE, (letter) => LOOK_ALIKES.get(letter) ?? letter)
    .replace(KATAKANA, (letter) => String.fromCharCode(letter.charCodeAt(0) - TO_HIRAGANA));
}

/** Runs of scripts that are written without spaces, or other words. */
const RUNS =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+)|([[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]]+)/gv;

/**
 * The tokens of a document's text, repetitions included. What is written without spaces becomes its pairs of
 * letters, and the last letter by itself so that a single one is found wherever it stands.
 */
export function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  for (const [, spaceless, word] of fold(text).matchAll(RUNS)) {
    if (word !== undefined) {
      tokens.push(word.slice(0, LONGEST_TOKEN));
      continue;
    }
    const letters = Array.from(spaceless ?? '');
    for (let at = 0; at + 1 < letters.length; at += 1) tokens.push(`${letters[at]}${letters[at + 1]}`);
    const last = letters.at(-1);
    if (last !== undefined) tokens.push(last);
  }
  return tokens;
}

/** One thing that a searcher looks for. */
export interface Wanted {
  readonly token: string;
  /** How the same word is written as well: `muenchen` for `munchen`, which is what folding leaves of München. */
  readonly spellings: readonly string[];
  /** Whether longer words that begin with it are meant too. */
  readonly prefix: boolean;
  /** How many typing errors it is forgiven. */
  readonly typos: 0 | 1 | 2;
}

/** More tokens than any sensible query has; the rest would only cost time. */
export const MOST_TOKENS = 24;
/** A shorter word that is typed to its end stands for itself. */
const SHORTEST_PREFIX = 3;
const SHORTEST_WITH_TYPO = 4;
const SHORTEST_WITH_TWO = 8;

/**
 * What a query asks for. The last word may be unfinished. Words that say nothing (articles, single letters)
 * are passed over where others are given.
 */
export function wantedBy(query: string): readonly Wanted[] {
  const wanted: Wanted[] = [];
  const runs = [...fold(query).matchAll(RUNS)];
  const spelledOut = [...fold(spellOut(query)).matchAll(RUNS)];
  for (const [at, [, spaceless, word]] of runs.entries()) {
    if (word !== undefined) wanted.push(wantedWord(word, spelledOut[at]?.[2] ?? word));
    else wanted.push(...wantedPairs(Array.from(spaceless ?? '')));
  }
  const last = wanted.at(-1);
  if (last !== undefined && isWord(last.token)) wanted[wanted.length - 1] = { ...last, prefix: true };
  const telling = wanted.filter(
    ({ token }, at) => !STOP_WORDS.has(token) && (token.length > 1 || !isWord(token) || at === wanted.length - 1),
  );
  const unique = new Map((telling.length > 0 ? telling : wanted).map((entry) => [entry.token, entry]));
  return [...unique.values()].slice(0, MOST_TOKENS);
}

/** Letters that many keyboards lack, and the two that stand for each (German, Danish, Norwegian, Swedish). */
const SPELLED_OUT: ReadonlyMap<string, string> = new Map([
  ['ä', 'ae'],
  ['ö', 'oe'],
  ['ü', 'ue'],
  ['ø', 'oe'],
  ['å', 'aa'],
]);
const PAIR = /(a)a|([aou])e/g;

function spellOut(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[äöüøå]/g, (letter) => SPELLED_OUT.get(letter) ?? letter);
}

/** @param spelledOut the word with two letters for each that a keyboard may lack, as its typist might have had it */
function wantedWord(word: string, spelledOut: string): Wanted {
  const token = word.slice(0, LONGEST_TOKEN);
  const shortened = token.replaceAll(PAIR, (_pair, doubled?: string, begun?: string) => doubled ?? begun ?? '');
  const spellings = [...new Set([spelledOut.slice(0, LONGEST_TOKEN), shortened])].filter((other) => other !== token);
  const length = token.length;
  const hasDigit = /\p{N}/u.test(token);
  const typos = hasDigit || length < SHORTEST_WITH_TYPO ? 0 : length < SHORTEST_WITH_TWO ? 1 : 2;
  return { token, spellings, prefix: length >= SHORTEST_PREFIX, typos };
}

function wantedPairs(letters: readonly string[]): readonly Wanted[] {
  const [only] = letters;
  if (letters.length === 1 && only !== undefined) return [{ token: only, spellings: [], prefix: true, typos: 0 }];
  return letters.slice(0, -1).map((letter, at): Wanted => ({
    token: `${letter}${letters[at + 1] ?? ''}`,
    spellings: [],
    prefix: false,
    typos: 0,
  }));
}

/** First code point of the scripts that are written without spaces, in the order of code points. */
export const FIRST_SPACELESS = 0x2e80;

function isWord(token: string): boolean {
  return (token.codePointAt(0) ?? 0) < FIRST_SPACELESS;
}

/** Words that tell nothing about an event, of the languages that most texts are in. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be by for from in into is it its of on or our that the their this to we with you your ' +
    'am auf aus bei das dem den der des die ein eine einem einen einer fur im ist mit nach oder sich sie und uns unser vom von wir zu zum zur ' +
    'au aux avec ce ces cette dans de du en est et il la le les leur nos notre nous ou par pas pour que qui sa se ses son sur un une vos vous ' +
    'al como con del el es esta este las lo los mas no nos para por se sin su sus te una uno y ' +
    'alla che dal della delle di e gli i nel nella o per piu sono ' +
    'do da dos das na nas nem os uma het een van voor met op te zijn ' +
    'и в во на с со по для из к от за не что это في من على إلى الى عن مع هذا هذه'
  ).split(' '),
);
