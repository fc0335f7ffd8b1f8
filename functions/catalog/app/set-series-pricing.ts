import type { RelativePricingBody } from '../../pricing/contract.ts';
import { faultsOf, rulesBefore, setPricing } from '../../pricing/operations.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { invalid } from '../domain/draft-of.ts';
import type { EventRecord, TicketType } from '../domain/event.ts';
import { isEditable } from '../domain/lifecycle.ts';
import type { SeriesRecord } from '../domain/series.ts';
import { findEvents } from '../reads.ts';
import { idsOf } from './create-series.ts';

/** Why a date of a series keeps the price rules that it has. */
type Left = 'PAST' | 'CLOSED' | 'NO_SUCH_TYPE';

/** What became of new price rules for all dates of a series. */
export interface SeriesPricing {
  /** Events that have the rules now. */
  readonly changed: readonly string[];
  readonly left: readonly { readonly eventId: string; readonly reason: Left }[];
}

/**
 * Gives the ticket type of a name the same price rules on each date that is still to come, sold or not, one after the
 * other; what is held keeps its price. Sent again it goes on where it died; dates that went their own way are dates all
 * the same.
 *
 * @returns INVALID_INPUT with every fault of the rules, of which nothing is stored then
 */
export async function setSeriesPricing(
  table: Table,
  series: SeriesRecord,
  { ticketType, rules }: { readonly ticketType: string; readonly rules: RelativePricingBody },
  occasion: Occasion,
): Promise<Result<SeriesPricing, Problem>> {
  const events = [...(await findEvents(table, idsOf(series))).values()];
  const left: { eventId: string; reason: Left }[] = [];
  const reached: { event: EventRecord; type: TicketType }[] = [];
  for (const event of events) {
    const found = typeOn(event, ticketType, occasion.now);
    if (typeof found === 'string') left.push({ eventId: event.eventId, reason: found });
    else reached.push({ event, type: found });
  }
  for (const { event, type } of reached) {
    const faults = faultsOf(rulesBefore(rules, event.startsAt), type.currency);
    if (faults.length > 0) return err(invalid(faults.map(({ path, message }) => ({ path: told(path), message }))));
  }
  const changed: string[] = [];
  for (const { event, type } of reached) {
    const wanted = { rules: rulesBefore(rules, event.startsAt), version: undefined };
    const set = await setPricing(table, { event, type }, wanted, occasion);
    if (set.ok) changed.push(event.eventId);
    // Cancelled or over meanwhile: as if it had been so before.
    else if (set.error.code === 'EVENT_NOT_EDITABLE') left.push({ eventId: event.eventId, reason: 'CLOSED' });
    else return set;
  }
  return ok({ changed, left });
}

/** The type of a name on a date that is still to come, or why it has none. */
function typeOn({ status, startsAt, ticketTypes }: EventRecord, name: string, now: number): TicketType | Left {
  if (!isEditable(status)) return 'CLOSED';
  if (startsAt <= now) return 'PAST';
  return ticketTypes.find((type) => type.name === name) ?? 'NO_SUCH_TYPE';
}

/** Where a fault is in the body of the request, which tells phases as times before the start. */
function told(path: string): string {
  return `rules.${path.replace(/startsAt$/, 'startsMinutesBefore').replace(/endsAt$/, 'endsMinutesBefore')}`;
}
