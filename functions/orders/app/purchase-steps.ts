import * as z from 'zod/mini';

import type { TicketTypeCopy } from '../../inventory/contract.ts';
import { findTicketTypes } from '../../inventory/reads.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import { err, type Result } from '../../shared/kernel/result.ts';
import { StepRefusal } from '../../shared/runtime/step.ts';
import { isOwnEffect } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { OrderView, PurchaseOutcome } from '../contract.ts';
import { holdStands, orderFromJson, type Order } from '../domain/order.ts';
import { decidePurchase, type PurchaseDecision } from '../domain/purchase.ts';
import { viewOrder } from '../domain/view.ts';
import { findOrder } from '../reads.ts';
import {
  confirmPaid,
  failSecured,
  giveBack,
  lapse,
  markReturnDue,
  recordReturned,
  reopen,
  secureAgain,
  secureHeld,
  takeOverRun,
  type Occasion,
} from '../writes.ts';
import { findRetakes } from './find-retakes.ts';
import { endReview, layAside, reviewReasons } from './review-steps.ts';

/** What starts a purchase run. */
export const purchaseInput = z.object({
  orderId: z.string(),
  /** Unique to this run; it becomes the owner of the order. */
  run: z.string(),
  /** How often it has waited for another run, a second each time. */
  waits: z.optional(z.int()),
  /** When it was started, by the starter's clock: no step of the run acts at an earlier time. */
  startedAt: z.int(),
  /** When given, the order must be this customer's. */
  customerId: z.optional(z.string()),
  /** When given, the order's payment must be this one. */
  paymentIntentId: z.optional(z.string()),
});

type PurchaseInput = z.infer<typeof purchaseInput>;

/** What steps hand on to each other. */
export const purchaseState = z.object({
  run: z.string(),
  startedAt: z.int(),
  order: z.pipe(z.unknown(), z.transform(orderFromJson)),
  refusal: z.optional(z.object({ Error: z.string(), Cause: z.optional(z.string()) })),
  /** Why a person is to decide before the money is taken, if so. */
  reasons: z.optional(z.array(z.string())),
  /** What VoidOrRefundPayment found. */
  returned: z.optional(z.object({ status: z.enum(['VOIDED', 'REFUNDED', 'NOTHING_DUE']) })),
});
type PurchaseState = z.infer<typeof purchaseState>;

interface Carried {
  readonly orderId: string;
  readonly run: string;
  readonly startedAt: Instant;
  readonly order: Order;
  readonly view: OrderView;
}

/** What a run ends with, read by whoever started it. */
interface Ending {
  readonly outcome: PurchaseOutcome;
  readonly view: OrderView;
  readonly reason?: string;
}

/** A live run is done within seconds; its rivals wait this many of them for its answer, then say PROCESSING. */
const MOST_WAITS = 4;
/** Times that a step looks again when the row changed under it. */
const ROUNDS = 4;

/**
 * ValidateOrder: reads the order and decides what this run may do.
 *
 * @throws StepRefusal ORDER_NOT_FOUND when it is nobody's or somebody else's, PAYMENT_INTENT_MISMATCH when
 *   the payment named is not the order's own (failure catalogue 7)
 */
export async function validateOrder(
  table: Table,
  input: PurchaseInput,
  now: Instant,
): Promise<{ readonly decision: string } & (Carried | Ending | (PurchaseInput & Ending))> {
  const order = await findOrder(table, input.orderId);
  if (order === undefined || (input.customerId !== undefined && order.customerId !== input.customerId)) {
    throw new StepRefusal('ORDER_NOT_FOUND', 'You have no such order.');
  }
  if (input.paymentIntentId !== undefined && order.paymentIntentId !== input.paymentIntentId) {
    throw new StepRefusal('PAYMENT_INTENT_MISMATCH', 'That payment is not the one of this order.');
  }
  const decision = decidePurchase(order, input.run, now);
  const carried: Carried = {
    orderId: input.orderId,
    run: input.run,
    startedAt: input.startedAt,
    order,
    view: viewOrder(order),
  };
  switch (decision.kind) {
    case 'SECURE_HELD':
    case 'RESUME':
    case 'LAPSE_THEN_RETAKE':
    case 'RETAKE':
    case 'REVIEW_LAPSED':
      return { ...carried, decision: 'PROCEED' };
    case 'RETURN_PAYMENT':
      return { ...carried, decision: 'RETURN_PAYMENT' };
    case 'BUSY': {
      const waits = input.waits ?? 0;
      const next = waits < MOST_WAITS ? 'WAIT' : 'ANSWER';
      return { ...input, waits: waits + 1, decision: next, outcome: 'PROCESSING', view: carried.view };
    }
    case 'UNDER_REVIEW':
    case 'DECIDED':
      return { decision: 'ANSWER', ...endingOf(order) };
  }
}

/**
 * SecureInventory: makes this run the owner of the order and of its stock, and says whether a person is to decide before
 * the money is taken.
 *
 * @throws StepRefusal PAYMENT_RETURN_DUE when the money must go back, because late money finds no stock or the
 *   limit used up, the buyer cancelled, or nobody accepted it in time; RUNS_ELSEWHERE when another run was faster
 */
export async function secureInventory(
  table: Table,
  { run, startedAt, order: given }: PurchaseState,
  occasion: Occasion,
): Promise<Carried & { readonly scrutiny: 'REVIEW' | 'NONE'; readonly reasons: readonly string[] }> {
  const [secured, doubts] = await Promise.all([
    secure(table, run, given, occasion),
    reviewReasons(table, given, occasion.now),
  ]);
  const { orderId } = secured;
  // Somebody may have decided since the order was read.
  const reasons = secured.review === undefined ? doubts : [];
  const scrutiny = reasons.length > 0 ? 'REVIEW' : 'NONE';
  return { orderId, run, startedAt, order: secured, view: viewOrder(secured), scrutiny, reasons };
}

async function secure(table: Table, run: string, given: Order, occasion: Occasion): Promise<Order> {
  let order = given;
  for (let round = 0; round < ROUNDS; round += 1) {
    const secured = await secureOnce(table, order, run, decidePurchase(order, run, occasion.now), occasion);
    if (secured !== undefined) return secured;
    order = await reread(table, order);
  }
  throw new StoreBusyError('The order kept changing');
}

/** One try; undefined when the row has moved on and must be looked at again. */
async function secureOnce(
  table: Table,
  order: Order,
  run: string,
  decision: PurchaseDecision,
  occasion: Occasion,
): Promise<Order | undefined> {
  switch (decision.kind) {
    case 'SECURE_HELD':
      return apply(table, secureHeld(order, run, occasion, movedOn));
    case 'RESUME':
      return order.run === run ? order : apply(table, takeOverRun(order, run, occasion, movedOn));
    case 'LAPSE_THEN_RETAKE': {
      const lapsed = lapse(order, occasion, movedOn);
      const done = await commit<unknown>(table, [lapsed.write, ...giveBack([order], occasion.now)]);
      return done.ok ? retake(table, lapsed.order, run, occasion) : undefined;
    }
    case 'RETAKE':
      return retake(table, order, run, occasion);
    case 'RETURN_PAYMENT':
      throw returnDue(order.lastError ?? order.state);
    case 'REVIEW_LAPSED':
      await endReview(table, order, occasion);
      // Whether by us or by somebody else: what became of it, the next look says.
      return undefined;
    case 'BUSY':
    case 'UNDER_REVIEW':
    case 'DECIDED':
      throw new StepRefusal('RUNS_ELSEWHERE', 'Another run decided this order in the meantime.');
  }
}

/**
 * Takes stock again for an order whose hold is gone; the order's lines get the blocks of the new takes. Where
 * that cannot be, the row is marked before any money moves: a run that finds stock a moment later must not
 * capture what this one is giving back (failure catalogue 1b).
 */
async function retake(table: Table, order: Order, run: string, occasion: Occasion): Promise<Order | undefined> {
  const copies = await findTicketTypes(
    table,
    order.lines.map(({ ticketTypeId }) => ticketTypeId),
  );
  const refuse = async (reason: 'SOLD_OUT' | 'LIMIT_EXCEEDED'): Promise<undefined> => {
    const marked = await apply(table, markReturnDue(order, reason, occasion, movedOn));
    if (marked !== undefined) throw returnDue(reason);
    return undefined;
  };
  const takes = await findRetakes(table, order, copies);
  if (takes === undefined) return refuse('SOLD_OUT');
  const limits = limitsOf(copies);
  const lines = order.lines.map(({ limited: _before, ...line }) => ({
    ...line,
    takes: [...(takes.get(line.id) ?? line.takes)],
    ...(limits.has(line.ticketTypeId) ? { limited: true } : {}),
  }));
  const overLimit = (): Obstacle => ({ kind: 'OVER_LIMIT' });
  const { order: secured, writes } = secureAgain<Obstacle>(order, lines, limits, run, occasion, movedOn, overLimit);
  const done = await commit(table, writes);
  if (done.ok) return secured;
  return done.error.kind === 'OVER_LIMIT' ? refuse('LIMIT_EXCEEDED') : settled(err(done.error), secured);
}

type Obstacle = MovedOn | { readonly kind: 'OVER_LIMIT' };

function returnDue(reason: string): StepRefusal {
  return new StepRefusal('PAYMENT_RETURN_DUE', reason);
}

function limitsOf(copies: ReadonlyMap<string, TicketTypeCopy>): ReadonlyMap<string, number> {
  return new Map(
    [...copies].flatMap(([id, { maxPerPerson }]): [string, number][] =>
      maxPerPerson === undefined ? [] : [[id, maxPerPerson]],
    ),
  );
}

/**
 * OpenReview: the money is authorised, and waits with the stock for a person to decide. Answered PROCESSING: to its buyer
 * the order is pending.
 */
export async function openReview(
  table: Table,
  { run, order, reasons = [] }: PurchaseState,
  occasion: Occasion,
): Promise<Ending> {
  return endingOf(await layAside(table, order, run, reasons, occasion));
}

/** ConfirmOrder: writes PAID, if this run still owns the order. */
export async function confirmOrder(table: Table, { run, order }: PurchaseState, occasion: Occasion): Promise<Ending> {
  return finish(table, order, run, (current) => single(confirmPaid(current, run, occasion, movedOn)));
}

/** ReopenOrder: nothing was paid, so the buyer may try another card; FAILED where the hold has lapsed. */
export async function reopenOrder(
  table: Table,
  { run, order, refusal }: PurchaseState,
  occasion: Occasion,
): Promise<Ending> {
  const reason = reasonOf(refusal, 'not_authorised');
  return finish(table, order, run, (current) =>
    holdStands(current, occasion.now)
      ? single(reopen(current, run, reason, occasion, movedOn))
      : failSecured(current, run, reason, undefined, occasion, movedOn),
  );
}

/**
 * ReleaseInventory: the stock goes back on sale and the order is marked for its money to go back.
 *
 * @throws StepRefusal RUNS_ELSEWHERE when another run owns the order by now
 */
export async function releaseInventory(
  table: Table,
  { run, startedAt, order, refusal }: PurchaseState,
  occasion: Occasion,
): Promise<Carried> {
  const reason = reasonOf(refusal, 'payment_refused');
  const released = await finishWith(table, order, run, (current) =>
    failSecured(current, run, reason, 'RETURN_DUE', occasion, movedOn),
  );
  // Another run took the order over: whatever it decided, this one must not touch the money.
  if (released.settlement === undefined) throw new StepRefusal('RUNS_ELSEWHERE', 'Another run owns this order.');
  return { orderId: released.orderId, run, startedAt, order: released, view: viewOrder(released) };
}

/**
 * FailOrder: records that the money is back. An order that the buyer cancelled before anything was paid is
 * over as it is: there is nothing to record and nobody to tell.
 */
export async function failOrder(table: Table, { order, returned }: PurchaseState, occasion: Occasion): Promise<Ending> {
  const moneyMoved = returned?.status !== 'NOTHING_DUE';
  for (let round = 0; round < ROUNDS; round += 1) {
    const current = await reread(table, order);
    const due = current.settlement === 'RETURN_DUE' || (current.state === 'CANCELLED' && moneyMoved);
    if (!due || current.settlement === 'RETURNED') return endingOf(current);
    const recorded = await apply(table, recordReturned(current, moneyMoved, occasion, movedOn));
    if (recorded !== undefined) return endingOf(recorded);
  }
  throw new StoreBusyError('The order kept changing');
}

type Advance = (order: Order) => { readonly order: Order; readonly writes: readonly Write<MovedOn>[] };

async function finish(table: Table, order: Order, run: string, advanceFrom: Advance): Promise<Ending> {
  return endingOf(await finishWith(table, order, run, advanceFrom));
}

/** Moves on from SECURED as long as `run` owns it; an order that another run finished is left as it is. */
async function finishWith(table: Table, order: Order, run: string, advanceFrom: Advance): Promise<Order> {
  let current = order;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (current.state !== 'SECURED' || current.run !== run) return current;
    const { order: next, writes } = advanceFrom(current);
    const done = settled(await commit<MovedOn>(table, writes), next);
    if (done !== undefined) return done;
    current = await reread(table, current);
  }
  throw new StoreBusyError('The order kept changing');
}

/** What a finished order is told as. */
export function endingOf(order: Order): Ending {
  const view = viewOrder(order);
  const reason = order.lastError === undefined ? {} : { reason: order.lastError };
  switch (order.state) {
    case 'PAID':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return { outcome: 'PAID', view };
    case 'SECURED':
      return { outcome: 'PROCESSING', view };
    case 'PENDING':
      return { outcome: 'PAYMENT_FAILED', view, ...reason };
    case 'EXPIRED':
    case 'FAILED':
      return { outcome: order.lastError === 'SOLD_OUT' ? 'SOLD_OUT_REFUNDED' : 'PAYMENT_FAILED', view, ...reason };
    case 'HELD':
    case 'CANCELLED':
      return { outcome: 'NOT_PENDING', view };
  }
}

interface MovedOn {
  readonly kind: 'MOVED_ON';
  readonly found: Readonly<Record<string, unknown>> | undefined;
}

function movedOn(found: Readonly<Record<string, unknown>> | undefined): MovedOn {
  return { kind: 'MOVED_ON', found };
}

function single({ order, write }: { readonly order: Order; readonly write: Write<MovedOn> }): ReturnType<Advance> {
  return { order, writes: [write] };
}

async function apply(
  table: Table,
  { order, write }: { readonly order: Order; readonly write: Write<MovedOn> },
): Promise<Order | undefined> {
  return settled(await commit(table, [write]), order);
}

/** The order as intended when the write went through, now or in an earlier try whose answer was lost. */
function settled(done: Result<void, MovedOn>, intended: Order): Order | undefined {
  return done.ok || isOwnEffect(done.error.found, intended) ? intended : undefined;
}

async function reread(table: Table, { orderId }: Order): Promise<Order> {
  const order = await findOrder(table, orderId);
  if (order === undefined) throw new Error('An order vanished in the middle of its purchase');
  return order;
}

/** The provider's own reason, which the payment step put into its message. */
function reasonOf(refusal: PurchaseState['refusal'], otherwise: string): string {
  if (refusal?.Cause === undefined) return otherwise;
  const parsed = z.safeParse(z.object({ errorMessage: z.string() }), safeJson(refusal.Cause));
  return parsed.success && /^[\w ]{1,64}$/.test(parsed.data.errorMessage) ? parsed.data.errorMessage : otherwise;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
