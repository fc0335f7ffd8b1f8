import { MOST_TICKETS } from '../../functions/reservations/contract.ts';
import type { Arrival } from './arrivals.ts';

/** What a trace is made of: a heading, and a line for each buyer. */
export const TRACE_HEADING = 'at_ms,tickets';
const MOST_LINES = 2_000_000;
/** A day: longer is no on-sale, but a mistake of units. */
const LONGEST_MS = 86_400_000;
/** Faults that are told at once. */
const MOST_FAULTS = 10;

/** A trace as read, or all that is wrong with it, line by line. */
export type Trace =
  | { readonly ok: true; readonly arrivals: readonly Arrival[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Reads who came when from a CSV with the columns `at_ms` (milliseconds after the sale opened) and `tickets`; lines may be
 * in any order.
 */
export function readTrace(text: string): Trace {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const [heading = '', ...rows] = lines;
  if (heading.trim() !== TRACE_HEADING)
    return { ok: false, faults: [`line 1: the heading is to be ${TRACE_HEADING}, not ${shown(heading)}`] };
  if (rows.length === 0) return { ok: false, faults: ['there is no buyer in it'] };
  if (rows.length > MOST_LINES)
    return { ok: false, faults: [`${rows.length} buyers are more than the ${MOST_LINES} that fit`] };
  const faults: string[] = [];
  const arrivals = rows.flatMap((row, index): Arrival[] => {
    const read = readRow(row);
    if (typeof read !== 'string') return [read];
    faults.push(`line ${index + 2}: ${read}`);
    return [];
  });
  if (faults.length > 0)
    return {
      ok: false,
      faults: [
        ...faults.slice(0, MOST_FAULTS),
        ...(faults.length > MOST_FAULTS ? [`and ${faults.length - MOST_FAULTS} more lines`] : []),
      ],
    };
  return { ok: true, arrivals: arrivals.toSorted((left, right) => left.at - right.at) };
}

/** One buyer, or what is wrong with the line. */
function readRow(row: string): Arrival | string {
  const cells = row.split(',').map((cell) => cell.trim());
  if (cells.length !== 2) return `two columns are expected, not ${cells.length}: ${shown(row)}`;
  const [at = '', tickets = ''] = cells;
  if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(at) || Number(at) > LONGEST_MS)
    return `at_ms is to be a number of milliseconds from 0 to ${LONGEST_MS}, not ${shown(at)}`;
  if (!/^\d{1,3}$/.test(tickets) || Number(tickets) < 1 || Number(tickets) > MOST_TICKETS)
    return `tickets is to be a whole number from 1 to ${MOST_TICKETS}, not ${shown(tickets)}`;
  return { at: Number(at), tickets: Number(tickets) };
}

/** What somebody else wrote, short and in quotes, so that it cannot be taken for our words. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
