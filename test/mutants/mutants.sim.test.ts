import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { foundOutUnder, waitingAgain, withoutWaiting } from '../inventory/histories.ts';
import { allMutants, CASES, failingCase, nameOf } from './judge.ts';

/** Mutants that the histories are asked to find, too; `npm run prove` asks them for all. */
const SAMPLE = [
  "writes.ts takeWhen: atLeast('free', quantity)",
  'writes.ts takeFromBlock: above(closesAt, now)',
  "writes.ts countAgainstLimit: atMost('held', limit - quantity)",
  'resizing.ts change: advance',
];
const HISTORIES = 600;

beforeAll(withoutWaiting);
afterAll(waitingAgain);

describe('the conditions of the ledger', () => {
  it.each(CASES)('%s', async (_what, holds) => {
    await expect(holds()).resolves.toBeUndefined();
  });
});

describe('a ledger that has forgotten one condition', () => {
  const mutants = allMutants();

  it('could have forgotten many', () => {
    expect(mutants.length).toBeGreaterThan(35);
    expect(new Set(mutants.map(nameOf)).size).toBe(mutants.length);
  });

  it.each(mutants.map((mutant) => [nameOf(mutant), mutant] as const))('is found out: %s', async (_name, mutant) => {
    expect(await failingCase(mutant)).toBeDefined();
  });

  it.each(SAMPLE)('is found out by people who just use it: %s', async (id) => {
    const mutant = mutants.find((each) => each.id === id && each.as === 'MET');
    if (mutant === undefined) throw new Error(`The code has no such place any more: ${id}`);
    expect(await foundOutUnder(mutant, HISTORIES)).toBeDefined();
  });
});
