import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Attendees } from '../attendees-contract.ts';
import type { OrderLine, OrderState, OrderView } from '../contract.ts';

/** Names by the place of their ticket in the order, from 1: the last part of the ticket's number. */
export type NamesByPlace = ReadonlyMap<number, string>;

type Line = Pick<OrderLine, 'ticketTypeId' | 'quantity'>;

/**
 * Gives each attendee the place of a ticket: the next one of the type that is named for them, and then whoever names none
 * the next one that is left.
 *
 * @param lines of the order, or what is wished where there is none yet
 * @returns TOO_MANY_ATTENDEES where there are more than tickets, in all or of a type
 */
export function placeAttendees(lines: readonly Line[], attendees: Attendees): Result<NamesByPlace, Problem> {
  const free = lines.flatMap(({ ticketTypeId, quantity }) => Array.from({ length: quantity }, () => ticketTypeId));
  const taken = new Map<number, string>();
  const [choosy, others] = [true, false].map((chooses) =>
    attendees.flatMap((attendee, index) =>
      (attendee.ticketTypeId !== undefined) === chooses ? [{ ...attendee, index }] : [],
    ),
  );
  for (const { name, ticketTypeId, index } of [...(choosy ?? []), ...(others ?? [])]) {
    const place = free.findIndex((type, at) => !taken.has(at + 1) && (ticketTypeId ?? type) === type);
    if (place === -1) return err(tooMany(index, ticketTypeId));
    taken.set(place + 1, name);
  }
  return ok(taken);
}

/**
 * Whether attendees fit what is wished, before anything is held for it.
 *
 * @returns TOO_MANY_ATTENDEES as {@link placeAttendees}
 */
export function fitAttendees(
  wishes: readonly {
    readonly ticketTypeId: string;
    readonly quantity?: number | undefined;
    readonly seatIds?: readonly string[] | undefined;
  }[],
  attendees: Attendees,
): Result<NamesByPlace, Problem> {
  const lines = wishes.map(({ ticketTypeId, quantity, seatIds = [] }) => ({
    ticketTypeId,
    quantity: quantity ?? seatIds.length,
  }));
  return placeAttendees(lines, attendees);
}

function tooMany(index: number, ticketTypeId: string | undefined): Problem {
  const of = ticketTypeId === undefined ? '' : ' of that type';
  return problem('TOO_MANY_ATTENDEES', 'Name no more people than there are tickets.', {
    errors: [{ path: `attendees.${index}`, message: `There is no ticket${of} left for this one` }],
  });
}

/** All names that are kept with an order, ticket by ticket, whatever has become of it. */
export function allAttendees(
  { number, lines }: { readonly number: string; readonly lines: readonly OrderLine[] },
  names: NamesByPlace,
): NonNullable<OrderView['attendees']> {
  return lines
    .flatMap(({ ticketTypeId, quantity }) => Array.from({ length: quantity }, () => ticketTypeId))
    .map((ticketTypeId, index) => ({
      ticketNumber: `${number}-${index + 1}`,
      ticketTypeId,
      name: names.get(index + 1) ?? null,
    }));
}

/** Orders that are to let somebody in, or have: of others nobody needs to know who was to come. */
const ALIVE: ReadonlySet<OrderState> = new Set(['PENDING', 'SECURED', 'PAID', 'PARTIALLY_REFUNDED']);

/**
 * Who is to come by an order, ticket by ticket, but for those that were given back.
 *
 * @param lines all lines of the order, since places are counted along them
 * @param shown those of them that the reader may see
 */
export function viewAttendees(
  {
    number,
    state,
    lines,
  }: { readonly number: string; readonly state: OrderState; readonly lines: readonly OrderLine[] },
  shown: readonly Pick<OrderLine, 'id'>[],
  names: NamesByPlace,
): OrderView['attendees'] {
  if (!ALIVE.has(state)) return undefined;
  const ids = new Set(shown.map(({ id }) => id));
  return lines
    .flatMap((line) => Array.from({ length: line.quantity }, (_unused, index) => ({ line, index })))
    .flatMap(({ line: { id, ticketTypeId, refunded = [] }, index }, place) =>
      !ids.has(id) || refunded.includes(index)
        ? []
        : [{ ticketNumber: `${number}-${place + 1}`, ticketTypeId, name: names.get(place + 1) ?? null }],
    );
}
