import type { Problem } from '../../shared/kernel/problems.ts';
import { ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { EventRecord, TicketType } from '../domain/event.ts';
import { isEditable } from '../domain/lifecycle.ts';
import type { SeriesRecord } from '../domain/series.ts';
import { findEvents } from '../reads.ts';
import { changeEvent } from './change-event.ts';
import { codesOnSale } from './change-ticket-types.ts';
import { idsOf } from './create-series.ts';

/** Why a date of a series keeps the codes that it has. */
type Left = 'PAST' | 'CLOSED' | 'NOT_HIDDEN' | 'NO_SUCH_TYPE';

/** What became of new codes for all dates of a series. */
export interface SeriesCodes {
  /** Events that have the codes now, or had them already. */
  readonly changed: readonly string[];
  readonly left: readonly { readonly eventId: string; readonly reason: Left }[];
}

/**
 * Gives the ticket type of a name the same codes on each date that is still to come, sold or not, one after the other.
 * Sent again it goes on where it died; dates that went their own way are dates all the same.
 */
export async function setSeriesCodes(
  table: Table,
  series: SeriesRecord,
  { ticketType, codes }: { readonly ticketType: string; readonly codes: readonly string[] },
  occasion: Occasion,
): Promise<Result<SeriesCodes, Problem>> {
  const changed: string[] = [];
  const left: { eventId: string; reason: Left }[] = [];
  for (const event of (await findEvents(table, idsOf(series))).values()) {
    const { eventId } = event;
    const reason = whyLeft(event, ticketType, occasion.now);
    if (reason !== undefined) {
      left.push({ eventId, reason });
      continue;
    }
    const set = await changeEvent(table, { event }, occasion, (current) => {
      const type = hiddenType(current, ticketType);
      // Cancelled or over meanwhile: as if it had been so before.
      const gone = type === undefined || whyLeft(current, ticketType, occasion.now) !== undefined;
      return gone ? ok('UNCHANGED') : codesOnSale(current, type, codes);
    });
    if (!set.ok) return set;
    changed.push(eventId);
  }
  return ok({ changed, left });
}

function whyLeft(event: EventRecord, name: string, now: number): Left | undefined {
  if (!isEditable(event.status)) return 'CLOSED';
  if (event.startsAt <= now) return 'PAST';
  if (hiddenType(event, name) !== undefined) return undefined;
  return event.ticketTypes.some((type) => type.name === name) ? 'NOT_HIDDEN' : 'NO_SUCH_TYPE';
}

function hiddenType({ ticketTypes }: EventRecord, name: string): TicketType | undefined {
  return ticketTypes.find((type) => type.name === name && type.hidden === true);
}
