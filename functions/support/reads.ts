import * as z from 'zod/mini';

import type { Table } from '../shared/table/client.ts';
import { getItem, getItems, queryPage } from '../shared/table/read.ts';
import type { CaseStatus } from './contract.ts';
import { caseIdOf, parseCase, type Case } from './domain/case.ts';
import { caseKey, caseListPartition } from './keys.ts';

export { caseIdOf, parseCase, type Case };

/** The case `caseId`, or undefined. */
export async function findCase(table: Table, caseId: string): Promise<Case | undefined> {
  const item = await getItem(table, caseKey(caseId), 'strong');
  return item === undefined ? undefined : parseCase(item);
}

const pointer = z.object({ sk: z.string(), caseId: z.string() });

/** A page of the cases of a status, those that have had it longest first. */
export async function pageOfCases(
  table: Table,
  status: CaseStatus,
  limit: number,
  after?: string,
): Promise<{ readonly cases: readonly Case[]; readonly next: string | undefined }> {
  const query = { pk: caseListPartition(status), consistency: 'strong' as const };
  const { items, more } = await queryPage(table, { ...query, ...(after === undefined ? {} : { after }) }, limit);
  const entries = items.map((item) => z.parse(pointer, item));
  const rows = await getItems(
    table,
    entries.map(({ caseId }) => caseKey(caseId)),
    'strong',
  );
  const byId = new Map(rows.map(parseCase).map((found) => [found.caseId, found]));
  return {
    cases: entries.flatMap(({ caseId }) => byId.get(caseId) ?? []),
    next: more ? entries.at(-1)?.sk : undefined,
  };
}
