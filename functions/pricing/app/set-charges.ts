import type { TypeOfEvent } from '../../catalog/owned.ts';
import { findEvent } from '../../catalog/reads.ts';
import { requireEvent } from '../../catalog/writes.ts';
import { changeCopy } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { ChargesBody } from '../contract.ts';
import { chargeFaults, chargesOf, type ChargeTable } from '../domain/charge-table.ts';
import { findCharges, type ChargeTableRecord } from '../reads.ts';
import { putCharges } from '../writes.ts';

/** An event as its organizers change it. */
type EventRecord = TypeOfEvent['event'];

/** Rounds of reading, deciding and writing; each may lose its race against another editor. */
const ROUNDS = 5;

/** A row is not as it was read; the row as it was found. */
interface Moved {
  readonly moved: Readonly<Record<string, unknown>> | undefined;
}
const moved = (found: Moved['moved']): Moved => ({ moved: found });

/** What an organizer wants, and which version of the table the request was made for. */
export interface WantedCharges {
  readonly body: ChargesBody;
  readonly version: number | 'any' | 'none' | undefined;
}

/**
 * Gives an event a table of fees and taxes of its own. What is on sale has it from the same transaction on; the event
 * is pinned, so that nobody publishes it, or adds a type to it, without.
 *
 * @returns EVENT_NOT_EDITABLE, PRECONDITION_FAILED, or INVALID_INPUT with every fault
 */
export async function setEventCharges(
  table: Table,
  found: EventRecord,
  { body, version }: WantedCharges,
  occasion: Occasion,
): Promise<Result<ChargeTableRecord, Problem>> {
  const currency = found.ticketTypes[0]?.currency ?? '';
  const errors = chargeFaults(body, currency);
  if (errors.length > 0)
    return err(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors }));
  const charges = chargesOf(body);
  const { eventId: ownerId, organizationId } = found;
  let event: EventRecord | undefined = found;
  for (let round = 1; round <= ROUNDS && event !== undefined; round += 1) {
    if (event.status !== 'DRAFT' && event.status !== 'PUBLISHED')
      return err(problem('EVENT_NOT_EDITABLE', 'The event is over, cancelled or archived.'));
    const former = await findCharges(table, ownerId);
    if (isOtherVersion(version, former?.ver)) return err(movedOn());
    const put = putCharges({ ownerId, organizationId, currency, charges }, former, occasion, moved);
    const copies =
      event.status === 'PUBLISHED'
        ? event.ticketTypes.map(({ ticketTypeId }) => changeCopy(ticketTypeId, { charges }, moved))
        : [];
    const done = await commit(table, [put.write, ...copies, requireEvent(event, moved)]);
    if (done.ok || isOwnEffect(done.error.moved, put.table)) return ok(put.table);
    event = await findEvent(table, ownerId);
  }
  throw new StoreBusyError('The event kept changing');
}

/**
 * Gives an organisation a table of fees and taxes, for events that are published from now on.
 *
 * @returns PRECONDITION_FAILED, or INVALID_INPUT with every fault
 */
export async function setOrganizationCharges(
  table: Table,
  organizationId: string,
  { body, version }: WantedCharges,
  occasion: Occasion,
): Promise<Result<ChargeTableRecord, Problem>> {
  const errors = chargeFaults(body, undefined);
  if (errors.length > 0)
    return err(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors }));
  const { currency } = body;
  const next: ChargeTable = { ownerId: organizationId, organizationId, currency, charges: chargesOf(body) };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const former = await findCharges(table, organizationId);
    if (isOtherVersion(version, former?.ver)) return err(movedOn());
    const put = putCharges(next, former, occasion, moved);
    const done = await commit(table, [put.write]);
    if (done.ok || isOwnEffect(done.error.moved, put.table)) return ok(put.table);
  }
  throw new StoreBusyError('The fees of the organisation kept changing');
}

function isOtherVersion(asked: WantedCharges['version'], present = 0): boolean {
  return asked !== undefined && asked !== 'any' && asked !== present;
}

function movedOn(): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'It has changed since you read it. Read it again and repeat your change.');
}
