import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import { mustHold, type Delete, type Otherwise, type Put, type Write } from '../shared/table/writes.ts';
import {
  caseClosed,
  caseOpened,
  caseReopened,
  type CaseAbout,
  type CaseDetails,
  type CaseKind,
  type CaseResolution,
} from './contract.ts';
import { caseIdOf, parseCase, type Case } from './domain/case.ts';
import { caseKey, caseListKey } from './keys.ts';

/**
 * Opens the case about `thing`, or opens it again where it was closed; an open one stays as it is. Goes into the
 * transaction of what it is about, so that nothing fails without one (invariant I14).
 *
 * @param found the case as it was read just now, see `findCase`; undefined where there is none yet
 * @param otherwise what it means that somebody opened or closed it meanwhile
 */
export function openCase<E>(
  kind: CaseKind,
  thing: string,
  about: CaseAbout,
  found: Case | undefined,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): readonly Write<E>[] {
  if (found?.status === 'OPEN') return [];
  const { now } = occasion;
  if (found === undefined) {
    const opened: CaseDetails = {
      ...about,
      caseId: caseIdOf(kind, thing),
      kind,
      status: 'OPEN',
      openedAt: now,
      since: now,
    };
    const row = begin(caseKey(opened.caseId), opened, { ...occasion, event: caseOpened.name }, otherwise);
    return [row, listCase(opened)];
  }
  const changes = {
    ...about,
    status: 'OPEN',
    since: now,
    reopened: (found.reopened ?? 0) + 1,
    closedAt: undefined,
    closedBy: undefined,
    resolution: undefined,
  };
  const { row, write } = advance(found, changes, { ...occasion, event: caseReopened.name }, otherwise);
  return [write, unlistCase(found), listCase(parseCase(row))];
}

/** OPEN → CLOSED. */
export function closeCase<E>(
  found: Case,
  resolution: CaseResolution,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): { readonly found: Case; readonly writes: readonly Write<E>[] } {
  if (found.status !== 'OPEN') throw new Error('A case cannot be closed twice');
  const { now, by } = occasion;
  const changes = { status: 'CLOSED', since: now, closedAt: now, closedBy: by, resolution };
  const { row, write } = advance(found, changes, { ...occasion, event: caseClosed.name }, otherwise);
  const closed = parseCase(row);
  return { found: closed, writes: [write, unlistCase(found), listCase(closed)] };
}

/** The entry of a case in the list of its status. */
function listCase({ status, since, caseId }: CaseDetails): Put<never> {
  return {
    kind: 'put',
    key: caseListKey(status, since, caseId),
    item: { caseId },
    otherwise: mustHold('an entry is put without a condition'),
  };
}

function unlistCase({ status, since, caseId }: CaseDetails): Delete<never> {
  return {
    kind: 'delete',
    key: caseListKey(status, since, caseId),
    otherwise: mustHold('an entry is deleted without a condition'),
  };
}
