import * as z from 'zod/mini';

import { orderLine, orderState, stillOut, type OrderState } from '../../orders/contract.ts';
import { rowIdOf } from '../../venues/contract.ts';
import type { SaleMarks } from '../../venues/writes.ts';
import { aggregateOf, type Change } from './relay.ts';

/** States of an order whose seats are sold; before them they are held. */
const SOLD: readonly OrderState[] = ['PAID', 'PARTIALLY_REFUNDED'];

/** Last characters of an order's id: enough to tell orders apart that have had the same seat. */
const ID_LENGTH = 10;

/** One seat of one order. */
interface Mark {
  readonly eventId: string;
  readonly rowId: string;
  readonly text: string;
}

/**
 * The marks of seats that a batch of changes sold or gave back, row by row. Of several changes to one order the
 * last one counts. A mark names its order, so a seat that was given back and sold again loses the right one.
 */
export function seatMarksOf(changes: readonly Change[]): readonly SaleMarks[] {
  const latest = new Map<string, { readonly mark: Mark; readonly kind: SaleMarks['kind'] }>();
  for (const { before, after } of changes) {
    if (aggregateOf(after).type !== 'order') continue;
    const sold = marksIn(after);
    const had = before === undefined ? new Map<string, Mark>() : marksIn(before);
    for (const [key, mark] of had) if (!sold.has(key)) latest.set(key, { mark, kind: 'undone' });
    for (const [key, mark] of sold) if (!had.has(key)) latest.set(key, { mark, kind: 'sold' });
  }
  const rows = Map.groupBy(latest.values(), ({ mark, kind }) => `${mark.eventId} ${mark.rowId} ${kind}`);
  return [...rows.values()].flatMap((group) =>
    group.slice(0, 1).map(({ mark: { eventId, rowId }, kind }) => ({
      eventId,
      rowId,
      kind,
      marks: new Set(group.map(({ mark }) => mark.text)),
    })),
  );
}

const soldRow = z.object({ orderId: z.string(), state: orderState, lines: z.array(orderLine) });

function marksIn(row: Readonly<Record<string, unknown>>): ReadonlyMap<string, Mark> {
  const { orderId, state, lines } = z.parse(soldRow, row);
  const marks = lines.flatMap((line) => {
    const { eventId } = line;
    return stillOut(line).takes.flatMap(({ seats = [] }) =>
      seats.map((seatId): Mark => ({
        eventId,
        rowId: rowIdOf(seatId),
        text: `${seatId}@${orderId.slice(-ID_LENGTH)}`,
      })),
    );
  });
  return new Map(SOLD.includes(state) ? marks.map((mark) => [`${mark.eventId} ${mark.text}`, mark]) : []);
}
