import { STOP_WORDS, tokensOf } from './text.ts';

/**
 * How many words of a description are searched. Whole descriptions made the index five times as large and
 * the answers worse: what an event is about is said often, what it is not about once.
 */
export const MOST_KEYWORDS = 10;
/** Words shorter than this tell little. */
const SHORTEST = 3;

/**
 * The words that a description is about: those said most often, the longer one among equals, the earlier one
 * of those.
 *
 * @param said tokens that are searched already, as the title's, which need not be kept twice
 */
export function keywordsOf(description: string, said: ReadonlySet<string>): readonly string[] {
  const counts = new Map<string, number>();
  for (const token of tokensOf(description)) {
    if (said.has(token) || STOP_WORDS.has(token) || (token.length < SHORTEST && isAlphabetic(token))) continue;
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([left, times], [right, others]) => others - times || right.length - left.length)
    .slice(0, MOST_KEYWORDS)
    .map(([token]) => token);
}

/** Pairs of letters are as short as they are by nature. */
function isAlphabetic(token: string): boolean {
  return /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{N}]/u.test(token);
}
