import * as z from 'zod/mini';

import { stepOf } from '../../shared/kernel/money.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { ChargesBody, ChargesView } from '../contract.ts';
import { charge, type Charge } from '../views.ts';
import type { Fault } from './rule-faults.ts';

const chargesRow = z.object({
  /** The event, or the organisation. */
  ownerId: z.string(),
  organizationId: z.string(),
  /** Of the fixed amounts. */
  currency: z.optional(z.string()),
  charges: z.array(charge),
});

/** What the row of a table keeps beside its mark. */
export type ChargeTable = z.infer<typeof chargesRow>;
/** A table of fees and taxes as its row keeps it. */
export type ChargeTableRecord = ChargeTable & Marked & Item;

/** Reads a row as a table of fees and taxes. @throws when it is none */
export function parseCharges(item: Item): ChargeTableRecord {
  return { ...marked(item), ...z.parse(chargesRow, item) };
}

/** Charges as an organizer wrote them: a fee is each ticket's unless it says otherwise. */
export function chargesOf({ charges }: ChargesBody): Charge[] {
  return charges.map(({ per = 'TICKET', ...rest }) => ({ ...rest, per }));
}

/**
 * Everything between the members of a table that is wrong.
 *
 * @param currency of the prices that it is for; undefined for an organisation, whose events may have any
 */
export function chargeFaults(
  { charges, currency: given }: ChargesBody,
  currency: string | undefined,
): readonly Fault[] {
  const own = currency ?? given;
  const faults: Fault[] = [];
  if (currency !== undefined && given !== undefined && given !== currency)
    faults.push({ path: 'currency', message: `The event is priced in ${currency}` });
  const names = new Set<string>();
  for (const [index, { name, kind, per, rateBp, amount, refundable }] of charges.entries()) {
    const at = (member: string, message: string): void =>
      void faults.push({ path: `charges.${index}.${member}`, message });
    if (names.has(name)) at('name', 'Another one has this name');
    names.add(name);
    if (rateBp === undefined && amount === undefined) at('rateBp', 'Give rateBp, or for a fee amount');
    if (kind === 'TAX' && amount !== undefined) at('amount', 'A tax is a rate');
    if (kind === 'TAX' && per !== undefined) at('per', 'A tax is on tickets and fees alike');
    if (kind === 'TAX' && refundable !== undefined) at('refundable', 'A tax goes the way of what it taxes');
    if (amount !== undefined && own === undefined) at('amount', 'Say the currency of fixed amounts');
    if (amount !== undefined && own !== undefined && amount % stepOf(own) !== 0)
      at('amount', `Amounts in ${own} must end in 0`);
  }
  return faults;
}

/** The charges of a table for an event priced in `currency`, or undefined where its fixed amounts are in another one. */
export function chargesIn({ charges, currency: own }: ChargeTable, currency: string): readonly Charge[] | undefined {
  const fixed = charges.some(({ amount }) => amount !== undefined);
  return fixed && own !== currency ? undefined : charges;
}

/** A table as organizers see it. */
export function viewTable(table: ChargeTable | undefined, source: ChargesView['source']): ChargesView {
  return { source, currency: table?.currency ?? null, charges: table?.charges ?? [] };
}
