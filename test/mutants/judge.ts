import { BUYERS } from './buyers.ts';
import { allSites } from './sites.ts';
import { underMutant, type Mutant } from './mutable.ts';
import { ORGANIZERS } from './organizers.ts';

/** Every case that the writes of the ledger must pass. */
export const CASES: readonly (readonly [string, () => Promise<void>])[] = [
  ...Object.entries(BUYERS),
  ...Object.entries(ORGANIZERS),
];

/** Every way in which the ledger could have forgotten one of its conditions. */
export function allMutants(): readonly Mutant[] {
  return allSites().flatMap(({ id, alternative }): Mutant[] => [
    { id, as: 'MET' },
    ...(alternative ? [{ id, as: 'NEVER_MET' } as const] : []),
  ]);
}

export function nameOf({ id, as }: Mutant): string {
  return as === 'MET' ? id : `${id} (never met)`;
}

/** The first case that fails under a mutant, or with the code as it is; undefined where all hold. */
export async function failingCase(mutant: Mutant | undefined): Promise<string | undefined> {
  for (const [what, holds] of CASES) {
    try {
      await underMutant(mutant, holds);
    } catch {
      return what;
    }
  }
  return undefined;
}
