import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { countAgainstLimit, takeFromBlock, takesByBlock, windowIn } from '../../inventory/writes.ts';
import { findOrder } from '../../orders/reads.ts';
import { putReservation, type NewReservation, type Occasion } from '../../orders/writes.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { readableNumber } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { HOLD_MS } from '../contract.ts';
import {
  checkWindow,
  limitExceeded,
  openedBy,
  planHold,
  toOrderLines,
  type HoldPlan,
  type Wish,
} from '../domain/hold.ts';
import { searchCount, type Choice } from './search-stock.ts';

/** The request to hold tickets, with everything that the decision needs handed in. */
export interface PlaceHold {
  readonly orderId: string;
  readonly customerId: string;
  /** Whom limits per person are counted for, unless for the customer. */
  readonly limitKey?: string | undefined;
  readonly wishes: readonly Wish[];
  /** Copies of the wished types, as read beside the session. */
  readonly types: ReadonlyMap<string, TicketTypeCopy>;
  /** The access code that was sent, if any: hidden types are sold to who knows one. */
  readonly accessCode?: string | undefined;
  /** True when the id derives from an Idempotency-Key, so that it may exist already. */
  readonly retriable: boolean;
}

/** A hold as placed: what the reservation's row says. */
export interface PlacedHold {
  readonly reservation: Omit<NewReservation, 'requestHash'>;
}

/** What stood in the way of one try at a hold. */
type Obstacle =
  | { readonly kind: 'BLOCK_SHORT'; readonly poolId: string }
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
  // A key that is sent again for somebody else is another request.
  const { wishes, limitKey } = request;
  const requestHash = shortHash(canonicalJson(limitKey === undefined ? wishes : { wishes, limitKey }));
  const planned = planHold(request.wishes, openedBy(request.accessCode, request.types), occasion.now);
  // What was held before the sale closed is answered as before.
  if (!planned.ok) return (await answerRetry(table, request, requestHash)) ?? planned;
  const plan = planned.value;

  const searches = new Map(
    plan.demands.map((demand) => [demand.poolId, searchCount(table, demand, request.orderId)] as const),
  );
  const choices = new Map<string, Choice>();
  const choose = async (poolId: string): Promise<Problem | undefined> => {
    const chosen = await searches.get(poolId)?.next();
    if (chosen === undefined) throw new Error('A block of a pool that was not asked for refused');
    if (chosen.ok) choices.set(poolId, chosen.value);
    return chosen.ok ? undefined : chosen.error;
  };
  for (const { poolId } of plan.demands) {
    const refused = await choose(poolId);
    if (refused !== undefined) return err(refused);
  }
  for (;;) {
    const outcome = await tryHold(table, request, plan, choices, requestHash, occasion);
    if (outcome.ok) return outcome;
    const obstacle = outcome.error;
    if (obstacle.kind === 'REFUSED') return err(obstacle.problem);
    if (obstacle.kind === 'ID_TAKEN') {
      const earlier = await answerRetry(table, request, requestHash);
      if (earlier === undefined) throw new Error('A fresh reservation id is taken');
      return earlier;
    }
    const refused = await choose(obstacle.poolId);
    if (refused !== undefined) return err(refused);
  }
}

async function tryHold(
  table: Table,
  { orderId, customerId, limitKey }: PlaceHold,
  plan: HoldPlan,
  choices: ReadonlyMap<string, Choice>,
  requestHash: string,
  occasion: Occasion,
): Promise<Result<PlacedHold, Obstacle>> {
  const takes = new Map(
    plan.demands.flatMap(({ poolId, lines }) =>
      lines.map(({ copy }, index) => [copy.ticketTypeId, choices.get(poolId)?.takes[index] ?? []] as const),
    ),
  );
  const reservation: NewReservation = {
    orderId,
    customerId,
    ...(limitKey === undefined ? {} : { limitKey }),
    number: readableNumber('ON', orderId),
    lines: toOrderLines(plan.lines, takes),
    currency: plan.total.currency,
    total: plan.total.amount,
    expiresAt: occasion.now + HOLD_MS,
    requestHash,
  };
  const done = await commit(table, holdWrites(reservation, plan, occasion));
  return done.ok ? ok({ reservation }) : done;
}

function holdWrites(
  reservation: NewReservation,
  { lines, demands }: HoldPlan,
  occasion: Occasion,
): readonly Write<Obstacle>[] {
  const { limitKey: personId = reservation.customerId } = reservation;
  const { now } = occasion;
  const takes = takesByBlock(reservation.lines).map((from) => {
    const types = demands.find(({ poolId }) => poolId === from.poolId)?.lines.map(({ copy }) => copy) ?? [];
    const windows = types.map(({ window = 0 }) => window);
    return takeFromBlock<Obstacle>(from, { now, windows }, (block) => blockObstacle(from.poolId, types, block, now));
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
  poolId: string,
  types: readonly TicketTypeCopy[],
  block: Readonly<Record<string, unknown>> | undefined,
  now: number,
): Obstacle {
  if (block === undefined) return { kind: 'BLOCK_SHORT', poolId };
  for (const copy of types) {
    const closed = checkWindow({ ...windowIn(block, copy), name: copy.name }, now);
    if (closed !== undefined) return { kind: 'REFUSED', problem: closed };
  }
  return { kind: 'BLOCK_SHORT', poolId };
}

/**
 * What the same request under the same key was answered before, or a refusal of another one under that key;
 * undefined where there was none.
 */
async function answerRetry(
  table: Table,
  { orderId, customerId, retriable }: PlaceHold,
  requestHash: string,
): Promise<Result<PlacedHold, Problem> | undefined> {
  const order = retriable ? await findOrder(table, orderId) : undefined;
  if (order === undefined) return undefined;
  if (order.customerId !== customerId) throw new Error('A derived reservation id belongs to somebody else');
  return order.requestHash === requestHash
    ? ok({ reservation: order })
    : err(problem('IDEMPOTENCY_KEY_REUSED', 'Send another Idempotency-Key with another request.'));
}
