import { absent, allOf, anyOf, exists, type Condition } from '../../functions/shared/table/writes.ts';

/** A condition that a mutant has forgotten: it is taken as met, or, as an alternative, as never met. */
export interface Mutant {
  readonly id: string;
  readonly as: 'MET' | 'NEVER_MET';
}

let active: Mutant | undefined;

/** Runs `work` with the code of the ledger as `mutant` has it. */
export async function underMutant<T>(mutant: Mutant | undefined, work: () => Promise<T>): Promise<T> {
  active = mutant;
  try {
    return await work();
  } finally {
    active = undefined;
  }
}

const MET = anyOf(exists('pk'), absent('pk'));
const NEVER_MET = allOf(exists('pk'), absent('pk'));

/** What a place in the code of the ledger states: its condition or write, unless it is the one that is forgotten. */
export function mutable<T>(id: string, stated: T): T;
export function mutable(id: string, stated: unknown): unknown {
  if (active?.id !== id) return stated;
  const forgotten = active.as === 'MET' ? MET : NEVER_MET;
  if (isRecord(stated) && isRecord(stated['write'])) return { ...stated, write: unpinned(stated['write']) };
  if (isRecord(stated) && 'kind' in stated) return unpinned(stated);
  return forgotten;
}

/** A write that does not insist any more on the version that was read, or on there being none; its guard stays. */
function unpinned(write: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { when } = write;
  const guards = isRecord(when) && Array.isArray(when['of']) ? when['of'].slice(1) : [];
  return { ...write, when: guards.length === 0 ? MET : ({ op: 'and', of: guards } satisfies Condition) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
