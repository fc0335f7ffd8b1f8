import type { Owned } from '../shared/runtime/policy.ts';
import type { Table } from '../shared/table/client.ts';
import { findCase, type Case } from './reads.ts';

/** Cases for policies that say `owns: 'case'`: they are the support desk's, whoever they are about. */
export function ownedCases(table: Table): Owned<'case', Case> {
  return { kind: 'case', find: (caseId) => findCase(table, caseId), ownersOf: () => ({}) };
}
