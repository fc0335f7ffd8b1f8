import { LONGEST_TOKEN } from './text.ts';
import type { Columns } from './segment-format.ts';

/** A token that is similar to what was typed. */
export interface FuzzyMatch {
  readonly token: number;
  /** Letters added, left out, replaced or swapped with the next. */
  readonly distance: number;
  /** Whether only the token's beginning is similar. */
  readonly beginning: boolean;
}

/** More than any distance that is asked for. */
const FAR = 99;
/** The beginning of a longer word is forgiven this many errors. */
const BEGINNING_TYPOS = 1;
const WIDTH = LONGEST_TOKEN + 3;

/**
 * The first `end` tokens at most `typos` errors away from `word` (optimal string alignment: a swap of
 * neighbours is one error), and with `beginnings` those of which a beginning is at most one error away.
 *
 * Goes along the sorted tokens like along a tree: what tokens have in common is compared once, and a beginning
 * that is too far away already takes all that share it along. Only a band of the matrix is filled in.
 */
export function fuzzyTokens(
  { tokenText, tokenStarts }: Pick<Columns, 'tokenText' | 'tokenStarts'>,
  end: number,
  word: string,
  typos: number,
  beginnings: boolean,
): readonly FuzzyMatch[] {
  const length = word.length;
  const letters = Uint16Array.from(word, (letter) => letter.charCodeAt(0));
  // Row d: distances of the token's first d letters to the word's beginnings; column j: its first j letters.
  const rows = new Uint8Array((LONGEST_TOKEN + 2) * WIDTH).fill(FAR);
  for (let column = 0; column <= Math.min(length, typos); column += 1) rows[column] = column;
  const least = new Uint8Array(LONGEST_TOKEN + 2);
  /** Smallest distance of a beginning up to this length to the whole word. */
  const beginningAt = new Uint8Array(LONGEST_TOKEN + 2).fill(FAR);
  if (length <= typos) beginningAt[0] = length;

  const found: FuzzyMatch[] = [];
  let filled = 0;
  let token = 0;
  while (token < end) {
    const start = tokenStarts[token] ?? 0;
    const tokenLength = (tokenStarts[token + 1] ?? 0) - start;
    let depth = Math.min(filled, token === 0 ? 0 : commonLength(tokenText, tokenStarts, token));
    let dead = false;
    while (depth < tokenLength && !dead) {
      depth += 1;
      fillRow(rows, least, letters, tokenText, start, depth, typos);
      const whole = depth * WIDTH + length;
      const here = Math.abs(depth - length) <= typos ? (rows[whole] ?? FAR) : FAR;
      beginningAt[depth] = Math.min(beginningAt[depth - 1] ?? FAR, here);
      const hopeless = (least[depth] ?? 0) > typos && (least[depth - 1] ?? 0) + 1 > typos;
      dead = hopeless && !(beginnings && (beginningAt[depth] ?? FAR) <= BEGINNING_TYPOS);
    }
    filled = depth;
    if (dead) {
      token = afterBeginning(tokenText, tokenStarts, token, end, depth);
      continue;
    }
    const distance = Math.abs(tokenLength - length) <= typos ? (rows[tokenLength * WIDTH + length] ?? FAR) : FAR;
    if (distance <= typos) found.push({ token, distance, beginning: false });
    else if (beginnings && (beginningAt[tokenLength] ?? FAR) <= BEGINNING_TYPOS)
      found.push({ token, distance: beginningAt[tokenLength] ?? FAR, beginning: true });
    token += 1;
  }
  return found;
}

function fillRow(
  rows: Uint8Array,
  least: Uint8Array,
  letters: Uint16Array,
  text: Uint16Array,
  start: number,
  depth: number,
  typos: number,
): void {
  const letter = text[start + depth - 1];
  const row = depth * WIDTH;
  const above = row - WIDTH;
  const first = Math.max(1, depth - typos);
  const last = Math.min(letters.length, depth + typos);
  const before = first === 1 && depth <= typos ? depth : FAR;
  rows[row + first - 1] = before;
  let smallest = before;
  for (let column = first; column <= last; column += 1) {
    const same = letters[column - 1] === letter;
    let distance = (rows[above + column - 1] ?? FAR) + (same ? 0 : 1);
    distance = Math.min(distance, (rows[row + column - 1] ?? FAR) + 1, (rows[above + column] ?? FAR) + 1);
    const swapped =
      depth > 1 && column > 1 && letters[column - 2] === letter && text[start + depth - 2] === letters[column - 1];
    if (swapped) distance = Math.min(distance, (rows[row - 2 * WIDTH + column - 2] ?? FAR) + 1);
    rows[row + column] = Math.min(distance, FAR);
    if (distance < smallest) smallest = distance;
  }
  rows[row + last + 1] = FAR;
  least[depth] = smallest;
}

function commonLength(text: Uint16Array, starts: Uint32Array, token: number): number {
  const here = starts[token] ?? 0;
  const before = starts[token - 1] ?? 0;
  const most = Math.min((starts[token + 1] ?? 0) - here, here - before);
  let common = 0;
  while (common < most && text[here + common] === text[before + common]) common += 1;
  return common;
}

/** The first token after `token` that does not share its first `depth` letters. */
function afterBeginning(text: Uint16Array, starts: Uint32Array, token: number, end: number, depth: number): number {
  const begin = starts[token] ?? 0;
  const shares = (other: number): boolean => {
    const start = starts[other] ?? 0;
    if ((starts[other + 1] ?? 0) - start < depth) return false;
    for (let at = depth - 1; at >= 0; at -= 1) if (text[start + at] !== text[begin + at]) return false;
    return true;
  };
  // Most beginnings are shared by few: look ahead in growing steps before searching between two of them.
  let step = 1;
  let low = token;
  while (low + step < end && shares(low + step)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(end, low + step);
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (shares(middle)) low = middle;
    else high = middle;
  }
  return low + 1;
}
