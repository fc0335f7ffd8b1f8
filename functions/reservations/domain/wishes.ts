import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { Money } from '../../shared/kernel/money.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';

/** What a buyer asks for: so many tickets of a type, where it has seats the best of them, or the very seats. */
export interface Wish {
  readonly ticketTypeId: string;
  readonly quantity?: number | undefined;
  /** The seats themselves; as many tickets as these. */
  readonly seatIds?: readonly string[] | undefined;
  /** Said by who wants no particular seats; it is what they get anyway. */
  readonly bestAvailable?: true | undefined;
  /** How many of the best seats must be wheelchair places. */
  readonly wheelchairs?: number | undefined;
  /** What the buyer was shown for one ticket: the hold takes no more, see `priceFor` of the pricing. */
  readonly price?: Money | undefined;
}

/** All wishes for one ticket type. */
export interface WishedType {
  readonly ticketTypeId: string;
  readonly quantity: number;
  readonly seatIds?: readonly string[];
  readonly wheelchairs?: number;
}

/**
 * Adds up the wishes for each type, so that repeated lines cannot slip under a limit (failure catalogue 27).
 *
 * @returns INVALID_INPUT where seats are named twice, or named and left to us in one line
 */
export function addUp(wishes: readonly Wish[]): Result<readonly WishedType[], Problem> {
  const faults = wishes.flatMap(({ quantity, seatIds, bestAvailable, wheelchairs = 0 }, index) => {
    const path = `items.${index}`;
    if (quantity !== undefined && seatIds !== undefined)
      return [{ path, message: 'Say how many, or name the seats, not both' }];
    if (quantity === undefined && seatIds === undefined) return [{ path, message: 'Say how many, or name the seats' }];
    if (seatIds !== undefined && (bestAvailable === true || wheelchairs > 0))
      return [{ path, message: 'Seats that are named are not chosen for you' }];
    return wheelchairs > (quantity ?? 0) ? [{ path: `${path}.wheelchairs`, message: 'More than tickets' }] : [];
  });
  if (faults.length > 0) return err(misput(faults));
  const merged = new Map<string, WishedType>();
  for (const { ticketTypeId, quantity, seatIds, wheelchairs } of wishes) {
    const before = merged.get(ticketTypeId);
    const seats = [...(before?.seatIds ?? []), ...(seatIds ?? [])];
    const places = (before?.wheelchairs ?? 0) + (wheelchairs ?? 0);
    merged.set(ticketTypeId, {
      ticketTypeId,
      quantity: (before?.quantity ?? 0) + (quantity ?? seatIds?.length ?? 0),
      ...(seats.length > 0 ? { seatIds: seats } : {}),
      ...(places > 0 ? { wheelchairs: places } : {}),
    });
  }
  return ok([...merged.values()]);
}

/** What of a pool is wished, by one of its types. */
interface Drawing extends Omit<WishedType, 'ticketTypeId'> {
  readonly copy: Pick<TicketTypeCopy, 'name' | 'seated'>;
}

/** Why the wishes for one pool cannot be met, whatever is free: of seats where there are none, or of both kinds at once. */
export function misfit(drawing: readonly Drawing[]): Problem | undefined {
  const chosen = drawing.flatMap(({ seatIds = [] }) => seatIds);
  const quantity = drawing.reduce((sum, line) => sum + line.quantity, 0);
  const [first] = drawing;
  const asksForSeats = drawing.some(({ seatIds, wheelchairs }) => seatIds !== undefined || wheelchairs !== undefined);
  if (first?.copy.seated !== true)
    return asksForSeats ? misput([{ path: 'items', message: `${first?.copy.name} has no numbered seats` }]) : undefined;
  if (new Set(chosen).size < chosen.length) return misput([{ path: 'items', message: 'A seat is named twice' }]);
  return chosen.length > 0 && chosen.length < quantity
    ? misput([{ path: 'items', message: 'Name all seats of a category, or none of them' }])
    : undefined;
}

function misput(errors: NonNullable<Problem['errors']>): Problem {
  return problem('INVALID_INPUT', 'Mend what `errors` lists and send it again.', { errors });
}
