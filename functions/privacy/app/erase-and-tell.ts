import type { Farewell } from '../../notifications/farewell.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import type { Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import type { AddressBook } from '../../users/addresses.ts';
import { findRecipient } from '../../users/recipients.ts';
import type { ErasureView } from '../contract.ts';
import { beginErasure, type Erasure } from './begin-erasure.ts';

/** What erasing somebody who is told needs. */
export interface TellingDeps {
  readonly table: Table;
  readonly addresses: AddressBook;
  readonly farewell: Farewell;
}

/**
 * As {@link beginErasure}, and tells the person by mail: their address is opened before, since nobody can after. Who is
 * erased already has no address, and is told nothing again.
 */
export async function eraseAndTell(
  { table, addresses, farewell }: TellingDeps,
  erasure: Erasure,
): Promise<Result<ErasureView, Problem>> {
  const { userId, occasion } = erasure;
  const recipient = await findRecipient(table, addresses.personalData, userId);
  const begun = await beginErasure(table, addresses, erasure);
  if (begun.ok && recipient !== undefined) await farewell(userId, recipient, occasion.now);
  return begun;
}
