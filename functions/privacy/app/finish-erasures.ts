import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { dueEntries, rememberRun, strike } from '../../shared/table/due-list.ts';
import type { AddressBook } from '../../users/addresses.ts';
import { markErased, sweepPerson } from '../../users/erasure.ts';
import { findAccount } from '../../users/reads.ts';
import type { ErasureRegister, KeptDocuments } from '../ports.ts';
import { beginErasure } from './begin-erasure.ts';

/** What finishing an erasure needs. */
export interface ErasureDeps {
  readonly table: Table;
  readonly addresses: AddressBook;
  readonly register: ErasureRegister;
  readonly documents: KeptDocuments;
}

/** Entries of the due-list taken in one run, so that it ends within the function's time. */
const ENTRIES = 200;

/**
 * Finishes the erasures that were begun, from the due-list: takes away what still lies with the person, notes the id
 * in the register, marks the account. It may die between any two of these, or run twice at once: each is done once
 * or again to the same end, and the entry stays on its list until all are.
 */
export async function finishErasures(deps: ErasureDeps, occasion: Occasion): Promise<JobReport> {
  const { table } = deps;
  let [entries, erased, faults, complete] = [0, 0, 0, true];
  for await (const due of dueEntries(table, 'ERASURES', occasion.now)) {
    if (entries === ENTRIES) {
      complete = false;
      break;
    }
    entries += 1;
    try {
      for (const userId of due.ids) erased += (await finishErasure(deps, userId, occasion)) ? 1 : 0;
      await strike(table, due);
    } catch (error) {
      logFault('JOB_FAULT', error, { job: 'finish-erasures', entry: due.key.sk });
      faults += 1;
      complete = false;
    }
  }
  if (complete) await rememberRun(table, 'ERASURES', occasion.now);
  return { entries, erased, faults };
}

/** @returns whether there was anything left to do */
async function finishErasure(
  { table, register, documents }: ErasureDeps,
  userId: string,
  occasion: Occasion,
): Promise<boolean> {
  const account = await findAccount(table, userId);
  if (account?.deletedAt === undefined || account.erasedAt !== undefined) return false;
  const rows = await sweepPerson(table, userId);
  await documents.forget(userId);
  // Before the mark: whoever is marked as erased is in the register.
  await register.note(userId);
  await markErased(table, userId, occasion);
  logInfo('PERSON_ERASED', { userId, rows });
  return true;
}

/**
 * Erases again whom a restored table knows again. No rule stands in the way: it was decided before. Who is not there,
 * or is erased to the end, is left alone, so that it may be repeated as often as one likes.
 */
export async function repeatErasures(
  deps: ErasureDeps,
  userIds: readonly string[],
  occasion: Occasion,
): Promise<JobReport> {
  let [erased, absent] = [0, 0];
  for (const userId of userIds) {
    const begun = await beginErasure(deps.table, deps.addresses, { userId, occasion, evenAsLast: true });
    if (!begun.ok && begun.error.code !== 'USER_NOT_FOUND') throw new Error(`Erasing again: ${begun.error.code}`);
    if (!begun.ok) absent += 1;
    else if (await finishErasure(deps, userId, occasion)) erased += 1;
  }
  return { asked: userIds.length, erased, absent };
}
