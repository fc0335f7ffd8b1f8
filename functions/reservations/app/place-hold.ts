import type { TicketTypeCopy } from '../../inventory/contract.ts';
import type { StockMemory } from '../../inventory/reads.ts';
import { countAgainstLimit, takeFromBlock, takesByBlock, windowIn, type PoolTake } from '../../inventory/writes.ts';
import { findOrder } from '../../orders/reads.ts';
import { putReservation, type NewReservation, type Occasion } from '../../orders/writes.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { readableNumber } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { guestEnded } from '../../shared/runtime/guest.ts';
import type { Table } from '../../shared/table/client.ts';
import { commitReporting } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { HOLD_MS } from '../contract.ts';
import {
  checkWindow,
  limitExceeded,
  openedBy,
  planHold,
  toOrderLines,
  type Demand,
  type HoldPlan,
} from '../domain/hold.ts';
import type { Wish } from '../domain/wishes.ts';
import { searchBest, searchChosen } from './search-seats.ts';
import { searchCount, type Choice, type Refusal, type Search } from './search-stock.ts';

/** The request to hold tickets, with everything that the decision needs handed in. */
export interface PlaceHold {
  readonly orderId: string;
  readonly customerId: string;
  /** Whom limits per person are counted for, unless for the customer. */
  readonly limitKey?: string | undefined;
  /** Whether a vendor buys, for whomever. */
  readonly vendor?: true | undefined;
  readonly wishes: readonly Wish[];
  /** Copies of the wished types, as read beside the session. */
  readonly types: ReadonlyMap<string, TicketTypeCopy>;
  /** What this environment remembers of stock; without it buyers are sent by hash alone, and every refusal is proven anew. */
  readonly memory?: StockMemory | undefined;
  /** The access code that was sent, if any: hidden types are sold to who knows one. */
  readonly accessCode?: string | undefined;
  /** True when the id derives from an Idempotency-Key, so that it may exist already. */
  readonly retriable: boolean;
  /** What was asked for, by which a retry is told from another request under its key; the wishes unless said. */
  readonly asked?: unknown;
  /** Rows that change with the hold and with nothing less, such as the cart that it empties. */
  readonly alongside?: ((reservation: NewReservation) => readonly Write<Problem>[]) | undefined;
}

/** A hold as placed: what the reservation's row says. */
export interface PlacedHold {
  readonly reservation: Omit<NewReservation, 'requestHash'>;
}

/** What stood in the way of one try at a hold. */
type Obstacle =
  | ({ readonly kind: 'BLOCK_SHORT'; readonly poolId: string } & Refusal)
  | { readonly kind: 'BLOCK_BUSY'; readonly poolId: string }
  | { readonly kind: 'REFUSED'; readonly problem: Problem }
  | { readonly kind: 'ID_TAKEN' };

/**
 * Holds tickets for ten minutes: stock, limit and the reservation's row change in one transaction, or
 * nothing does.
 *
 * @throws StoreBusyError when the stock was there but other buyers kept getting in between
 */
export async function placeHold(
  table: Table,
  request: PlaceHold,
  occasion: Occasion,
): Promise<Result<PlacedHold, Problem>> {
  const requestHash = requestHashOf(request);
  const planned = planHold(request.wishes, openedBy(request.accessCode, request.types), occasion.now);
  // What was held before the sale closed is answered as before.
  if (!planned.ok) return (await answerRetry(table, request, requestHash)) ?? planned;
  const plan = planned.value;

  const searches = new Map(plan.demands.map((demand) => [demand.poolId, searchFor(table, demand, request)] as const));
  const choices = new Map<string, Choice>();
  const choose = async (poolId: string, refusals: readonly Refusal[] = []): Promise<Problem | undefined> => {
    const chosen = await searches.get(poolId)?.next(refusals);
    if (chosen === undefined) throw new Error('A block of a pool that was not asked for refused');
    if (chosen.ok) choices.set(poolId, chosen.value);
    return chosen.ok ? undefined : chosen.error;
  };
  for (const { poolId } of plan.demands) {
    const refused = await choose(poolId);
    // Seats are looked for before the row is written: what is gone may be what the same request has taken.
    if (refused !== undefined) return (await answerRetry(table, request, requestHash)) ?? err(refused);
  }
  for (;;) {
    const outcome = await tryHold(table, request, plan, choices, requestHash, occasion);
    if (outcome.ok) {
      for (const choice of choices.values()) choice.taken?.();
      return outcome;
    }
    const obstacles = outcome.error;
    const [first] = obstacles;
    // The reservation's own row comes first: what it says goes before what stock and limits say.
    if (first?.kind === 'REFUSED') return err(first.problem);
    if (first?.kind === 'ID_TAKEN') {
      const earlier = await answerRetry(table, request, requestHash);
      if (earlier === undefined) throw new Error('A fresh reservation id is taken');
      return earlier;
    }
    for (const obstacle of obstacles) {
      const busy = obstacle.kind === 'BLOCK_BUSY' ? choices.get(obstacle.poolId) : undefined;
      if (obstacle.kind === 'BLOCK_BUSY' && busy?.elsewhere !== undefined)
        choices.set(obstacle.poolId, busy.elsewhere());
    }
    const short = obstacles.filter((obstacle) => obstacle.kind === 'BLOCK_SHORT');
    for (const [poolId, refusals] of Map.groupBy(short, (obstacle) => obstacle.poolId)) {
      const refused = await choose(poolId, refusals);
      if (refused !== undefined) return err(refused);
    }
  }
}

/** A key that is sent again for somebody else is another request. */
function requestHashOf({ wishes, asked = wishes, limitKey }: Pick<PlaceHold, 'wishes' | 'asked' | 'limitKey'>): string {
  return shortHash(canonicalJson(limitKey === undefined ? asked : { wishes: asked, limitKey }));
}

/**
 * The hold that the same request under the same key has placed before, or the refusal of another request under it;
 * undefined where the key is new.
 */
export async function findRetried(
  table: Table,
  request: Pick<PlaceHold, 'orderId' | 'customerId' | 'limitKey' | 'asked'>,
): Promise<Result<PlacedHold, Problem> | undefined> {
  return answerRetry(table, { ...request, retriable: true }, requestHashOf({ ...request, wishes: [] }));
}

function searchFor(table: Table, demand: Demand, { orderId, memory }: PlaceHold): Search {
  if (demand.copy.seated !== true) return searchCount(table, demand, orderId, memory);
  return demand.lines.some(({ seatIds }) => seatIds !== undefined)
    ? searchChosen(table, demand)
    : searchBest(table, demand, orderId);
}

async function tryHold(
  table: Table,
  { orderId, customerId, limitKey, vendor, alongside = () => [] }: PlaceHold,
  plan: HoldPlan,
  choices: ReadonlyMap<string, Choice>,
  requestHash: string,
  occasion: Occasion,
): Promise<Result<PlacedHold, readonly Obstacle[]>> {
  const taken = new Map(
    plan.demands.flatMap(({ poolId, lines }) =>
      lines.map(({ copy }, index) => [copy.ticketTypeId, choices.get(poolId)?.lines[index] ?? { takes: [] }] as const),
    ),
  );
  const reservation: NewReservation = {
    orderId,
    customerId,
    ...(limitKey === undefined ? {} : { limitKey }),
    ...(vendor === undefined ? {} : { vendor }),
    number: readableNumber('ON', orderId),
    lines: toOrderLines(plan.lines, taken),
    currency: plan.total.currency,
    total: plan.total.amount,
    ...(plan.charges.length === 0 ? {} : { charges: plan.charges }),
    ...(plan.lines.some(({ copy }) => copy.dynamic === true) ? { dynamic: true } : {}),
    expiresAt: occasion.now + HOLD_MS,
    requestHash,
  };
  const [row, ...taking] = holdWrites(reservation, plan, choices, occasion);
  // The reservation's own row stays the first, so that a retry is known before anything else refuses.
  const writes = [row, ...alongside(reservation).map(refusing), ...taking];
  const movable = movableIn(writes, reservation, choices);
  const setbacks = await commitReporting(table, writes, new Set(movable.keys()));
  if (setbacks.length === 0) return ok({ reservation });
  return err(
    setbacks.flatMap(({ index, found, busy = false }): Obstacle | readonly Obstacle[] => {
      const poolId = movable.get(index);
      if (busy && poolId !== undefined) return { kind: 'BLOCK_BUSY', poolId };
      return writes[index]?.otherwise(found) ?? [];
    }),
  );
}

/** The writes that may as well be made in another block, and the pools of those. Blocks come last of all. */
function movableIn(
  writes: readonly Write<Obstacle>[],
  { lines }: NewReservation,
  choices: ReadonlyMap<string, Choice>,
): ReadonlyMap<number, string> {
  const takes = takesByBlock(lines);
  const first = writes.length - takes.length;
  return new Map(
    takes.flatMap(({ poolId }, index) =>
      choices.get(poolId)?.elsewhere === undefined ? [] : [[first + index, poolId] as const],
    ),
  );
}

function refusing(write: Write<Problem>): Write<Obstacle> {
  const { otherwise } = write;
  return { ...write, otherwise: (found) => ({ kind: 'REFUSED', problem: otherwise(found) }) };
}

function holdWrites(
  reservation: NewReservation,
  { lines, demands }: HoldPlan,
  choices: ReadonlyMap<string, Choice>,
  occasion: Occasion,
): readonly [Write<Obstacle>, ...Write<Obstacle>[]] {
  const { limitKey: personId = reservation.customerId } = reservation;
  const { now } = occasion;
  const takes = takesByBlock(reservation.lines).map((from) => {
    const types = demands.find(({ poolId }) => poolId === from.poolId)?.lines.map(({ copy }) => copy) ?? [];
    const windows = types.map(({ window = 0 }) => window);
    const gaps = choices.get(from.poolId)?.gaps?.get(from.take.block) ?? [];
    return takeFromBlock<Obstacle>(from, { now, windows, gaps }, (found) => blockObstacle(from, types, found, now));
  });
  const limits = lines.flatMap(({ copy: { ticketTypeId, maxPerPerson }, quantity }) =>
    maxPerPerson === undefined
      ? []
      : [
          countAgainstLimit<Obstacle>(ticketTypeId, personId, quantity, maxPerPerson, (counter) => ({
            kind: 'REFUSED',
            problem: limitExceeded(maxPerPerson, Number(counter?.['held'] ?? 0)),
          })),
        ],
  );
  return [putReservation<Obstacle>(reservation, occasion, () => ({ kind: 'ID_TAKEN' })), ...limits, ...takes];
}

/** A block refuses for its window or for its stock; which one, its row tells. */
function blockObstacle(
  { poolId, take: { block } }: PoolTake,
  types: readonly TicketTypeCopy[],
  found: Readonly<Record<string, unknown>> | undefined,
  now: number,
): Obstacle {
  for (const copy of found === undefined ? [] : types) {
    const closed = checkWindow({ ...windowIn(found, copy), name: copy.name }, now);
    if (closed !== undefined) return { kind: 'REFUSED', problem: closed };
  }
  return { kind: 'BLOCK_SHORT', poolId, block, found };
}

/**
 * What the same request under the same key was answered before, or a refusal of another one under that key;
 * undefined where there was none.
 */
async function answerRetry(
  table: Table,
  { orderId, customerId, retriable }: Pick<PlaceHold, 'orderId' | 'customerId' | 'retriable'>,
  requestHash: string,
): Promise<Result<PlacedHold, Problem> | undefined> {
  const order = retriable ? await findOrder(table, orderId) : undefined;
  if (order === undefined) return undefined;
  // Of an anonymous session that has ended with a log-in meanwhile.
  if (order.customerId !== customerId) return err(guestEnded());
  return order.requestHash === requestHash
    ? ok({ reservation: order })
    : err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
}
