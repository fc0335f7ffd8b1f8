import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { OrderLine } from '../../orders/contract.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import type { TakeOverProblem } from '../carts-contract.ts';
import { misfitOf, type CartLine } from './cart.ts';
import { limitExceeded } from './hold.ts';

/** How counts of a limited type move from an anonymous session to the person who logged in. */
export interface CountMove {
  readonly ticketTypeId: string;
  /** What was counted for the session, and is so no more. */
  readonly returned: number;
  /** What is counted for the person, within the limit of now; undefined where the type has none any more. */
  readonly counted: { readonly quantity: number; readonly limit: number } | undefined;
}

type Types = ReadonlyMap<string, Pick<TicketTypeCopy, 'ticketTypeId' | 'maxPerPerson'>>;

/** What moves with `lines`, each type once: a transaction may touch a counter once. */
export function countMoves(lines: readonly OrderLine[], types: Types): readonly CountMove[] {
  return [...Map.groupBy(lines, ({ ticketTypeId }) => ticketTypeId)].flatMap(([ticketTypeId, of]) => {
    const limit = types.get(ticketTypeId)?.maxPerPerson;
    const quantity = sum(of);
    const returned = sum(of.filter(({ limited }) => limited === true));
    return returned === 0 && limit === undefined
      ? []
      : [{ ticketTypeId, returned, counted: limit === undefined ? undefined : { quantity, limit } }];
  });
}

/** The lines as the person's order keeps them: counted where the type has a limit now. */
export function recounted(lines: readonly OrderLine[], types: Types): readonly OrderLine[] {
  return lines.map(({ limited: _before, ...line }) =>
    types.get(line.ticketTypeId)?.maxPerPerson === undefined ? line : { ...line, limited: true },
  );
}

/**
 * Why holds and carts together are more than one person may have, if so.
 *
 * @param held what counts for the person already, by type
 */
export function overLimit(
  moves: readonly CountMove[],
  cart: readonly CartLine[],
  types: Types,
  held: (ticketTypeId: string) => number,
): Problem<TakeOverProblem> | undefined {
  for (const { ticketTypeId, counted } of moves)
    if (counted !== undefined && held(ticketTypeId) + counted.quantity > counted.limit)
      return limitExceeded(counted.limit, held(ticketTypeId));
  for (const { ticketTypeId, quantity } of cart) {
    const limit = types.get(ticketTypeId)?.maxPerPerson;
    if (limit === undefined) continue;
    const taken = moves.find((move) => move.ticketTypeId === ticketTypeId)?.counted?.quantity ?? 0;
    const all = held(ticketTypeId) + taken;
    if (all + quantity > limit) return limitExceeded(limit, all);
  }
  return misfitOf(cart);
}

function sum(lines: readonly { readonly quantity: number }[]): number {
  return lines.reduce((total, { quantity }) => total + quantity, 0);
}
