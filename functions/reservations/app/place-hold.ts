import type { Take, TicketTypeCopy } from '../../inventory/contract.ts';
import { blocksToProbe, findTakes } from '../../inventory/reads.ts';
import { countAgainstLimit, takeFromBlock } from '../../inventory/writes.ts';
import { findOrder } from '../../orders/reads.ts';
import { putReservation, type NewReservation, type Occasion } from '../../orders/writes.ts';
import { canonicalJson, shortHash } from '../../shared/kernel/hash.ts';
import { readableNumber } from '../../shared/kernel/ids.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import { HOLD_MS } from '../contract.ts';
import { checkWindow, limitExceeded, planHold, toOrderLines, type HoldPlan, type Wish } from '../domain/hold.ts';

/** The request to hold tickets, with everything that the decision needs handed in. */
export interface PlaceHold {
  readonly orderId: string;
  readonly customerId: string;
  readonly wishes: readonly Wish[];
  /** Copies of the wished types, as read beside the session. */
  readonly types: ReadonlyMap<string, TicketTypeCopy>;
  /** True when the id derives from an Idempotency-Key, so that it may exist already. */
  readonly retriable: boolean;
}

/** A hold as placed: what the reservation's row says. */
export interface PlacedHold {
  readonly reservation: Omit<NewReservation, 'requestHash'>;
}

/** What stood in the way of one try at a hold. */
type Obstacle =
  | { readonly kind: 'BLOCK_SHORT'; readonly ticketTypeId: string }
  | { readonly kind: 'REFUSED'; readonly problem: Problem }
  | { readonly kind: 'ID_TAKEN' };

/** Blocks of a type that are tried one by one before all of them are read; reading all is a round trip too. */
const PROBES = 2;
/** Rounds of reading all blocks of a type and gathering; each may lose its race against other buyers. */
const GATHERINGS = 4;

/**
 * Holds tickets for ten minutes: stock, limit and the reservation's row change in one transaction, or
 * nothing does. Blocks are picked by hash and probed; SOLD_OUT or NOT_ENOUGH_TICKETS is answered only after
 * a consistent read of all blocks shows it, never because of a conflict (invariant I21).
 *
 * @throws StoreBusyError when the stock was there but other buyers kept getting in between
 */
export async function placeHold(
  table: Table,
  request: PlaceHold,
  occasion: Occasion,
): Promise<Result<PlacedHold, Problem>> {
  const requestHash = shortHash(canonicalJson(request.wishes));
  const planned = planHold(request.wishes, request.types, occasion.now);
  // What was held before the sale closed is answered as before.
  if (!planned.ok) return (await answerRetry(table, request, requestHash)) ?? planned;
  const plan = planned.value;

  const attempt = async (takes: ReadonlyMap<string, readonly Take[]>): Promise<Result<PlacedHold, Obstacle>> => {
    const reservation: NewReservation = {
      orderId: request.orderId,
      customerId: request.customerId,
      number: readableNumber('ON', request.orderId),
      lines: toOrderLines(plan.lines, takes),
      currency: plan.total.currency,
      total: plan.total.amount,
      expiresAt: occasion.now + HOLD_MS,
      requestHash,
    };
    const done = await commit(table, holdWrites(reservation, plan, occasion));
    return done.ok ? ok({ reservation }) : done;
  };

  const chosen = new Map<string, readonly Take[]>();
  const probes = new Map(plan.lines.map(({ copy }) => [copy.ticketTypeId, blocksToProbe(copy, request.orderId)]));
  for (const { copy, quantity } of plan.lines)
    chosen.set(copy.ticketTypeId, [{ block: probes.get(copy.ticketTypeId)?.[0] ?? 0, quantity }]);

  const gatherings = new Map<string, number>();
  for (let probe = 0; ;) {
    const outcome = await attempt(chosen);
    if (outcome.ok) return outcome;
    const obstacle = outcome.error;
    if (obstacle.kind === 'REFUSED') return err(obstacle.problem);
    if (obstacle.kind === 'ID_TAKEN') {
      const earlier = await answerRetry(table, request, requestHash);
      if (earlier === undefined) throw new Error('A fresh reservation id is taken');
      return earlier;
    }

    const line = plan.lines.find(({ copy }) => copy.ticketTypeId === obstacle.ticketTypeId);
    if (line === undefined) throw new Error('A block of a type that was not asked for refused');
    probe += 1;
    const next = probes.get(obstacle.ticketTypeId)?.[probe];
    if (probe < PROBES && next !== undefined) {
      chosen.set(obstacle.ticketTypeId, [{ block: next, quantity: line.quantity }]);
      continue;
    }
    const rounds = (gatherings.get(obstacle.ticketTypeId) ?? 0) + 1;
    if (rounds > GATHERINGS) throw new StoreBusyError('Other buyers kept taking the tickets in between');
    gatherings.set(obstacle.ticketTypeId, rounds);
    const takes = await findTakes(table, line.copy, line.quantity);
    if (!takes.ok) return err(notEnough(line.copy.name, takes.error.available));
    chosen.set(obstacle.ticketTypeId, takes.value);
  }
}

function holdWrites(reservation: NewReservation, { lines }: HoldPlan, occasion: Occasion): readonly Write<Obstacle>[] {
  const { customerId } = reservation;
  const takes = reservation.lines.flatMap(({ ticketTypeId, takes: parts }) =>
    parts.map((part) =>
      takeFromBlock<Obstacle>(ticketTypeId, part, occasion.now, (block) =>
        blockObstacle(ticketTypeId, block, occasion.now),
      ),
    ),
  );
  const limits = lines.flatMap(({ copy: { ticketTypeId, maxPerPerson }, quantity }) =>
    maxPerPerson === undefined
      ? []
      : [
          countAgainstLimit<Obstacle>(ticketTypeId, customerId, quantity, maxPerPerson, (counter) => ({
            kind: 'REFUSED',
            problem: limitExceeded(maxPerPerson, Number(counter?.['held'] ?? 0)),
          })),
        ],
  );
  return [putReservation<Obstacle>(reservation, occasion, () => ({ kind: 'ID_TAKEN' })), ...limits, ...takes];
}

/** A block refuses for its window or for its stock; which one, its row tells. */
function blockObstacle(
  ticketTypeId: string,
  block: Readonly<Record<string, unknown>> | undefined,
  now: number,
): Obstacle {
  const opensAt = Number(block?.['opensAt'] ?? 0);
  const closesAt = Number(block?.['closesAt'] ?? Number.MAX_SAFE_INTEGER);
  const closed = checkWindow({ opensAt, closesAt, name: 'these tickets' }, now);
  return closed === undefined ? { kind: 'BLOCK_SHORT', ticketTypeId } : { kind: 'REFUSED', problem: closed };
}

function notEnough(name: string, available: number): Problem {
  return available === 0
    ? problem('SOLD_OUT', `${name} is sold out. Holds that lapse come back on sale within minutes.`)
    : problem('NOT_ENOUGH_TICKETS', `Only ${available} of ${name} are left.`, { extra: { available } });
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
