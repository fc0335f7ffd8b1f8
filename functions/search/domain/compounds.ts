import type { Segment } from './segment.ts';

/**
 * Words within words: languages such as German and Dutch write several as one, and who looks for `konzert` means
 * `weihnachtskonzert` as well. There is no dictionary of any language here; what stands before counts as a word if
 * the index knows it from elsewhere.
 */

/** Shorter words end too many others by chance. */
const SHORTEST_WORD = 4;
/** How many letters must stand before it: enough to be a word themselves. */
const SHORTEST_HEAD = { known: 4, any: 3 } as const;
/** Endings of cases and plurals: `konzerte`, `konzertes`. */
const LONGEST_ENDING = 2;
/** Letters that join two words in German: `weihnacht-s-konzert`, `kirche-n-chor`. */
const LINKS = ['s', 'es', 'n', 'en', 'er', 'e'];
/** After folding, in which all that is Latin has become one of these. */
const LATIN = /^[a-z]+$/;

/** What a compound's beginning has to be: `known` from other words of the index, or `any` letters. */
export type Head = keyof typeof SHORTEST_HEAD;

/** The tokens of `segment` that end with `word`, but for an ending, behind a head of the kind that is asked for. */
export function compoundsOf(segment: Segment, word: string, head: Head): readonly number[] {
  if (word.length < SHORTEST_WORD || !LATIN.test(word)) return [];
  const { text } = segment;
  const { tokenStarts } = segment.data.columns;
  const found: number[] = [];
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const token = tokenAround(tokenStarts, at);
    const start = tokenStarts[token] ?? 0;
    const after = (tokenStarts[token + 1] ?? 0) - at - word.length;
    // Where two tokens meet, letters may spell the word that neither has.
    if (after < 0 || after > LONGEST_ENDING || at - start < SHORTEST_HEAD[head]) continue;
    if (head === 'any' || isKnown(segment, text.slice(start, at), word)) found.push(token);
  }
  return found;
}

/** Whether other words begin like a head and go on otherwise: `developer` makes `devel` no word before `oper`. */
function isKnown(segment: Segment, head: string, word: string): boolean {
  const stems = ['', ...LINKS]
    .filter((link) => head.endsWith(link))
    .map((link) => head.slice(0, head.length - link.length));
  return stems.some((stem) => {
    if (stem.length < SHORTEST_HEAD.known) return false;
    const all = segment.tokensFrom(stem);
    const alike = segment.tokensFrom((head + word).slice(0, stem.length + 1));
    return all.end - all.first > alike.end - alike.first;
  });
}

/** The token that has the letter at `at`. */
function tokenAround(starts: Uint32Array, at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}
