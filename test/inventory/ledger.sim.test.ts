import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CONDITIONS, foundOutAfter, liveSoundly, waitingAgain, withoutWaiting } from './histories.ts';

/** Histories that are lived; `npm run prove` lives as many more with another seed. */
const RUNS = 10_000;
/** Histories within which a forgotten condition must have shown. */
const MUTANT_RUNS = 600;

beforeAll(withoutWaiting);
afterAll(waitingAgain);

describe('the block ledger, whatever happens at once', () => {
  it(`conserves every block after every write, keeps limits, windows and states, and refuses nobody wrongly (${RUNS} histories)`, async () => {
    expect((await liveSoundly(RUNS)).get('hold held')).toBeGreaterThan(RUNS);
  }, 900_000);
});

describe('a program that has forgotten a condition', () => {
  it.each(CONDITIONS)('is found out: $what', async (forgotten) => {
    expect(await foundOutAfter(forgotten, MUTANT_RUNS)).toBeDefined();
  });
});
