import type { CaseAbout, CaseKind } from '../../support/contract.ts';
import { caseIdOf, findCase } from '../../support/reads.ts';
import { openCase as open } from '../../support/writes.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';

/** Opens a case about what has no row of its own, once: one that somebody closed stays closed. */
export async function openCase(
  table: Table,
  kind: CaseKind,
  thing: string,
  about: CaseAbout,
  occasion: Occasion,
): Promise<void> {
  const found = await findCase(table, caseIdOf(kind, thing));
  if (found !== undefined) return;
  // Whoever was faster opened it.
  await commit(
    table,
    open(kind, thing, about, found, occasion, () => 'OPENED' as const),
  );
}
