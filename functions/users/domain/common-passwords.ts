/** Signs that stand for letters where people mean to be clever; `1` is read as either of two. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** What fingers type without a thought: the alphabet, and rows of keyboards of our languages. */
const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiopu',
  'asdfghjklnoa',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
].flatMap((run) => [run, Array.from(run).toReversed().join('')]);

/** Words of this very system, which no list of breaches holds (OWASP ASVS 5.0.0, V6.2.11). */
const OWN_WORDS: ReadonlySet<string> = new Set(['onsale', 'onsaletickets', 'ticket', 'tickets', 'ticketing']);

/** Shorter words say nothing: four letters are in many a good password by chance. */
const SHORTEST_WORD = 4;
/** The shortest password (seed 002 requirement 1): what repeats something shorter is worth no more than that. */
const SHORTEST_PASSWORD = 12;

/**
 * Whether a password is one that many people have, whatever they put around it to please a rule: one of `common` itself,
 * or with digits and signs before and behind, with signs for letters, in any case (`P@ssw0rd-2026!`); a run of keys;
 * or something short that is repeated. Two words are two words, and not looked at.
 *
 * No list of passwords that were found in breaches holds any that has all that our rules ask for, so a look-up of the
 * password as it is would find nothing (OWASP ASVS 5.0.0, V6.2.4).
 *
 * @param common passwords in lower case
 */
export function isCommonPassword(password: string, common: ReadonlySet<string>): boolean {
  const folded = foldPassword(password);
  return (
    repeatsItself(folded) || coresOf(folded).some((core) => common.has(core) || OWN_WORDS.has(core) || isRun(core))
  );
}

/**
 * Whether hardly anything is left of a password without the words that tell whose it is. A word of one's own beside
 * them is two words, as above.
 *
 * @param about names and addresses of its person
 */
export function isAboutPerson(password: string, about: readonly string[]): boolean {
  const words = about
    .flatMap((text) => {
      const folded = foldPassword(text);
      // Hosts are shared by many, and say nothing of a person.
      const [local = ''] = folded.split('@');
      return [folded, local, ...local.split(/[^\p{L}]+/u)];
    })
    .filter((word) => word.length >= SHORTEST_WORD - 1)
    .toSorted((left, right) => right.length - left.length);
  return readings(foldPassword(password)).some((reading) => {
    const rest = words.reduce((text, word) => text.replaceAll(word, ' '), reading);
    if (rest === reading) return false;
    return rest.replaceAll(/[^\p{L}]/gu, '').length < SHORTEST_WORD;
  });
}

/** Without case and accents: `É` and `e` are one key to who guesses. */
function foldPassword(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** As it is, and with signs read as the letters that they may stand for. */
function readings(folded: string): readonly string[] {
  const read = Array.from(folded, (sign) => STANDS_FOR[sign] ?? sign).join('');
  return [folded, read, read.replaceAll('1', 'i').replaceAll('!', 'i'), read.replaceAll('1', 'l')];
}

/** What may be the word of a password: all of it, and what is within the digits and signs around it. */
function coresOf(folded: string): readonly string[] {
  const inner = folded.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  // Signs for letters at either end belong to the word: `$ommer2026!`, `Princ3$$2026!`.
  const outer = folded.replaceAll(/^[^\p{L}$@]+|[^\p{L}$@]+$/gu, '');
  // And digits, where they are what is typed: `1qaz2wsx3edc!`.
  const bare = folded.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  return [folded, bare, ...readings(inner), ...readings(outer)].filter((core) => core.length >= SHORTEST_WORD);
}

function isRun(core: string): boolean {
  return RUNS.some((run) => run.includes(core));
}

function repeatsItself(text: string): boolean {
  const period = (text + text).indexOf(text, 1);
  return period < text.length && period < SHORTEST_PASSWORD;
}
