import fc from 'fast-check';
import { expect, it } from 'vitest';

import { fuzzyTokens } from '../../functions/search/domain/typos.ts';

/** Optimal string alignment by its definition: what the walk along the sorted tokens must come to. */
function distance(left: string, right: string): number {
  const rows = Array.from({ length: left.length + 1 }, (_unused, row) =>
    Array.from({ length: right.length + 1 }, (_none, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= left.length; row += 1) {
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const best = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
        swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      (rows[row] ?? [])[column] = best;
    }
  }
  return at(left.length, right.length);
}

function beginningDistance(word: string, token: string): number {
  return Math.min(...Array.from({ length: token.length + 1 }, (_unused, end) => distance(word, token.slice(0, end))));
}

function columnsOf(tokens: readonly string[]) {
  const starts = [0];
  for (const token of tokens) starts.push((starts.at(-1) ?? 0) + token.length);
  return {
    tokenText: Uint16Array.from(tokens.join(''), (letter) => letter.charCodeAt(0)),
    tokenStarts: Uint32Array.from(starts),
  };
}

// Few letters, so that tokens share beginnings and words are close to many of them.
const word = fc.stringMatching(/^[abcd]{1,9}$/);

it('finds exactly the tokens that are close enough, and how close they are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 60 }),
      fc.stringMatching(/^[abcd]{4,9}$/),
      fc.constantFrom(1, 2),
      fc.boolean(),
      (given, typed, typos, beginnings) => {
        const tokens = given.toSorted();
        const found = fuzzyTokens(columnsOf(tokens), tokens.length, typed, typos, beginnings);
        const expected = tokens.flatMap((token, number) => {
          const whole = distance(typed, token);
          if (whole <= typos) return [{ token: number, distance: whole, beginning: false }];
          const begun = beginnings ? beginningDistance(typed, token) : 99;
          return begun <= 1 ? [{ token: number, distance: begun, beginning: true }] : [];
        });
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 600, seed: 20_261_124 },
  );
});

it('looks at the tokens before its end only', () => {
  expect(fuzzyTokens(columnsOf(['abca', 'abcd']), 1, 'abcc', 1, false)).toEqual([
    { token: 0, distance: 1, beginning: false },
  ]);
});
