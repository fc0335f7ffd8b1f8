import type { Key } from '../shared/table/keys.ts';
import type { CaseStatus } from './contract.ts';

/** One case. Its id follows from what it is about, so the same trouble is one case. */
export function caseKey(caseId: string): Key {
  return { pk: `CASE#${caseId}`, sk: 'CASE' };
}

/** Where a case is listed, by status and by when it came to it. */
export function caseListKey(status: CaseStatus, since: number, caseId: string): Key {
  return { pk: caseListPartition(status), sk: `${new Date(since).toISOString()}#${caseId}` };
}

export function caseListPartition(status: CaseStatus): string {
  return `CASES#${status}`;
}
