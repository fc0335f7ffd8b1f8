import { afterAll, beforeAll, expect, it } from 'vitest';

import { foundOutUnder, waitingAgain, withoutWaiting } from '../inventory/histories.ts';
import { allMutants, failingCase, nameOf } from '../mutants/judge.ts';
import { record } from './record.ts';

/** Histories in which a forgotten condition may show; those that guard against what no history does never do. */
const HISTORIES = 1_500;

beforeAll(withoutWaiting);
afterAll(waitingAgain);

it('every condition of the ledger, forgotten one after the other', async () => {
  const mutants = allMutants();
  const survivors: string[] = [];
  const found: Record<string, number> = {};
  for (const mutant of mutants) {
    if ((await failingCase(mutant)) === undefined) survivors.push(nameOf(mutant));
    const history = await foundOutUnder(mutant, HISTORIES);
    if (history !== undefined) found[`${nameOf(mutant)}, in history`] = history;
  }
  record('mutants of the ledger', {
    mutants: mutants.length,
    'found out by a case': mutants.length - survivors.length,
    'by histories, too': Object.keys(found).length,
    survivors: survivors.length,
  });
  record('mutants of the ledger, found out by people who just use it', found);
  expect(survivors).toEqual([]);
}, 3_600_000);
