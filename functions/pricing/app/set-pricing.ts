import type { TypeOfEvent } from '../../catalog/owned.ts';
import { findEventOfType } from '../../catalog/reads.ts';
import { requireEvent } from '../../catalog/writes.ts';
import { changeCopy } from '../../inventory/sale-writes.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { isOwnEffect, type Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { PricingRules } from '../contract.ts';
import type { PricingDetails, PricingRecord } from '../domain/record.ts';
import { faultsOf, isDynamic } from '../domain/rule-faults.ts';
import { findPricing } from '../reads.ts';
import { changePricing, putPricing } from '../writes.ts';
import { repriceType } from './reprice-type.ts';
import { unset } from './show-pricing.ts';

/** Rounds of reading, deciding and writing; each may lose its race against a recomputation or another editor. */
const ROUNDS = 5;

/** A row is not as it was read; the row as it was found. */
interface Moved {
  readonly moved: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Gives a ticket type price rules in place of those it had. The event is pinned, so that nobody publishes it or
 * changes its price in between. While the type is on sale its price follows before this answers; if this dies
 * after its first write, the job that looks after prices makes it follow within a minute.
 *
 * @param version the version of the rules that If-Match named, see `versionAsked`
 * @returns EVENT_NOT_EDITABLE, PRECONDITION_FAILED, or INVALID_INPUT with every fault
 * @throws StoreBusyError when others keep getting in between
 */
export async function setPricing(
  table: Table,
  found: TypeOfEvent,
  { rules, version }: { readonly rules: PricingRules; readonly version: number | 'any' | 'none' | undefined },
  occasion: Occasion,
): Promise<Result<PricingDetails, Problem>> {
  const errors = faultsOf(rules, found.type.currency);
  if (errors.length > 0)
    return err(problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors }));
  const { ticketTypeId } = found.type;
  let current: TypeOfEvent | undefined = found;
  for (let round = 1; round <= ROUNDS && current !== undefined; round += 1) {
    const { status } = current.event;
    if (status !== 'DRAFT' && status !== 'PUBLISHED')
      return err(problem('EVENT_NOT_EDITABLE', 'The event is over, cancelled or archived.'));
    const pricing = await findPricing(table, ticketTypeId);
    if (version !== undefined && version !== 'any' && version !== (pricing?.rulesVersion ?? 0)) return err(movedOn());
    const { writes, row } = decide(current, pricing, rules, occasion);
    const done = await commit(table, writes);
    if (done.ok || (row !== undefined && isOwnEffect(done.error.moved, row))) {
      if (status === 'PUBLISHED') await repriceType(table, ticketTypeId, occasion);
      return ok((await findPricing(table, ticketTypeId)) ?? unset(current));
    }
    current = await typeAsItIs(table, ticketTypeId);
  }
  throw new StoreBusyError('The price of the ticket type kept changing');
}

function decide(
  type: TypeOfEvent,
  pricing: PricingRecord | undefined,
  rules: PricingDetails['rules'],
  occasion: Occasion,
): { readonly row: PricingRecord | undefined; readonly writes: readonly Write<Moved>[] } {
  const otherwise = (moved: Moved['moved']): Moved => ({ moved });
  const onSale = type.event.status === 'PUBLISHED';
  const dynamic = isDynamic(rules) ? true : undefined;
  const beside = [
    requireEvent(type.event, otherwise),
    ...(onSale ? [changeCopy(type.type.ticketTypeId, { dynamic }, otherwise)] : []),
  ];
  if (pricing === undefined) {
    const details = { ...unset(type), rules, rulesVersion: 1 };
    return { row: undefined, writes: [putPricing(details, onSale, occasion, otherwise), ...beside] };
  }
  const changes = { rules, rulesVersion: pricing.rulesVersion + 1 };
  const changed = changePricing(pricing, changes, onSale, occasion, otherwise);
  return { row: changed.pricing, writes: [changed.write, ...beside] };
}

async function typeAsItIs(table: Table, ticketTypeId: string): Promise<TypeOfEvent | undefined> {
  const event = await findEventOfType(table, ticketTypeId);
  const type = event?.ticketTypes.find((each) => each.ticketTypeId === ticketTypeId);
  return event === undefined || type === undefined ? undefined : { event, type };
}

function movedOn(): Problem<'PRECONDITION_FAILED'> {
  return problem('PRECONDITION_FAILED', 'It has changed since you read it. Read it again and repeat your change.');
}
