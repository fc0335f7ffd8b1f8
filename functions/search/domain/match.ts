import { compoundsOf } from './compounds.ts';
import { FIELD, MASKS } from './document.ts';
import type { Segment } from './segment.ts';
import type { Wanted } from './text.ts';

/**
 * How generously a text is read. `plain`: each word as it is, or as the beginning of a longer one; `typos`:
 * words that are similar as well; `some`: documents that lack some of the words as well. A search is as strict
 * as it can be and still find something, so that nobody who types well meets what is only similar.
 */
export const STAGES = ['plain', 'typos', 'some'] as const;
export type Stage = (typeof STAGES)[number];

/** How well a token is met, of 100. */
const EXACT = 100;
const OTHER_SPELLING = 95;
const BEGINNING = 60;
/** What a beginning gains by being nearly all of the token. */
const NEARLY_ALL = 25;
/** The end of a compound. */
const COMPOUND = { known: 45, any: 42 } as const;
const TYPO: readonly number[] = [0, 40, 25];
const TYPO_IN_BEGINNING = 20;

/** What a field is worth. */
const WORTH = { title: 10, performer: 8, venue: 5, place: 3, keyword: 1 } as const;
/** Extra for a title that is all of what was typed, in the unit of the rest: between two equals, the shorter title. */
const WHOLE_TITLE = 200;

const WORTH_OF_MASK: readonly number[] = Array.from({ length: MASKS }, (_unused, mask) =>
  Math.max(
    ...(['title', 'performer', 'venue', 'place', 'keyword'] as const).map((field) =>
      (mask & FIELD[field]) === 0 ? 0 : WORTH[field],
    ),
  ),
);

/** The documents of a segment that a text finds. */
export interface Matches {
  /** By document; 0 where it is not found. */
  readonly scores: Uint32Array;
}

/**
 * Holds a segment against a text.
 *
 * @returns scores of the documents that are found
 */
export function matchText(segment: Segment, wanted: readonly Wanted[], stage: Stage): Matches {
  const { count } = segment;
  const scores = new Uint32Array(count);
  const met = new Uint8Array(count);
  const inTitle = new Uint8Array(count);
  const best = new Uint16Array(count);
  for (const one of wanted) {
    const touched: number[] = [];
    const see = (quality: number) => (document: number, mask: number) => {
      const score = quality * (WORTH_OF_MASK[mask] ?? 0);
      const known = best[document] ?? 0;
      if (known === 0) touched.push(document);
      if (score > known) best[document] = score;
      if (quality >= OTHER_SPELLING && (mask & FIELD.title) !== 0) inTitle[document] = (inTitle[document] ?? 0) + 1;
    };
    for (const { token, quality } of tokensMet(segment, one, stage)) segment.eachPosting(token, see(quality));
    for (const document of touched) {
      scores[document] = (scores[document] ?? 0) + (best[document] ?? 0);
      met[document] = (met[document] ?? 0) + 1;
      best[document] = 0;
    }
  }
  const needed = stage === 'some' ? enoughOf(wanted.length) : wanted.length;
  const { titleLengths } = segment.data.columns;
  for (let document = 0; document < count; document += 1) {
    if ((met[document] ?? 0) < needed) scores[document] = 0;
    else if ((inTitle[document] ?? 0) > 0) {
      const part = Math.min(1, (inTitle[document] ?? 0) / Math.max(1, titleLengths[document] ?? 1));
      scores[document] = (scores[document] ?? 0) + Math.round(WHOLE_TITLE * part);
    }
  }
  return { scores };
}

/** How many of `count` words a document must have when not all are asked for. */
function enoughOf(count: number): number {
  return count <= 2 ? 1 : Math.ceil(count * 0.6);
}

interface Met {
  readonly token: number;
  readonly quality: number;
}

/** The tokens of `segment` that a wanted word may mean, each with how well it is met at best. */
function tokensMet(segment: Segment, wanted: Wanted, stage: Stage): readonly Met[] {
  const { token, spellings, prefix, typos } = wanted;
  const met = new Map<number, number>();
  const meet = (found: number, quality: number): void =>
    void (quality > (met.get(found) ?? 0) && met.set(found, quality));
  for (const [at, spelling] of [token, ...spellings].entries()) {
    const { first, end } = segment.tokensFrom(spelling);
    for (let found = first; found < end; found += 1) {
      const length = segment.lengthOf(found);
      if (length === spelling.length) meet(found, at === 0 ? EXACT : OTHER_SPELLING);
      else if (prefix) meet(found, BEGINNING + Math.round((NEARLY_ALL * spelling.length) / length));
      else break;
    }
    for (const found of compoundsOf(segment, spelling, 'known')) meet(found, COMPOUND.known);
  }
  if (stage !== 'plain') {
    for (const found of compoundsOf(segment, token, 'any')) meet(found, COMPOUND.any);
    if (typos > 0)
      for (const { token: similar, distance, beginning } of segment.similarWords(token, typos, prefix))
        meet(similar, beginning ? TYPO_IN_BEGINNING : (TYPO[distance] ?? 0));
  }
  return [...met].map(([found, quality]) => ({ token: found, quality }));
}
