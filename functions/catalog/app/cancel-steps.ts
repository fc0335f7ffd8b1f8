import * as z from 'zod/mini';

import { listNewOrders } from '../../audit/operations.ts';
import { findStockOnSale, findStockOut } from '../../inventory/reads.ts';
import { alignBlocks } from '../../inventory/operations.ts';
import { endReview, refundOrder } from '../../orders/operations.ts';
import {
  findOrders,
  isUnderReview,
  openPlaces,
  pageOfEventOrders,
  orderIdsOfEvent,
  type Order,
} from '../../orders/reads.ts';
import type { PaymentGateway } from '../../payments/gateway.ts';
import { settleRefund, type RefundOutcome } from '../../payments/operations.ts';
import { findRefunds, type Refund } from '../../payments/reads.ts';
import { SECOND, type Clock } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { ok } from '../../shared/kernel/result.ts';
import { logFault } from '../../shared/runtime/log.ts';
import { step, StepRefusal, type Step } from '../../shared/runtime/step.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import { caseIdOf } from '../../support/reads.ts';
import { addReceipts, NO_RECEIPT, type Progress, type ReceiptRow } from '../domain/cancellation.ts';
import { planCancellationStep } from '../domain/ending.ts';
import { idsOf, type EventRecord } from '../domain/event.ts';
import { finishCancellation } from '../operations.ts';
import { findEvent, findProgress } from '../reads.ts';
import { beginProgress, moveProgress } from '../writes.ts';
import { changeEvent } from './change-event.ts';

/** What the steps of a cancellation work with. */
export interface CancelDeps {
  readonly table: Table;
  /** Paced: it asks the provider no more often than it takes. */
  readonly gateway: PaymentGateway;
  readonly clock: Clock;
}

const cancellation = z.object({
  cancellationId: z.string(),
  eventId: z.string(),
  /** The execution; it alone moves the cursor until another one takes over. */
  run: z.string(),
});
type Input = z.infer<typeof cancellation>;

/** Orders that are refunded at the same time: the pace is the provider's, this only hides its latency. */
const LANES = 10;
/** Orders that are read together when all is counted. */
const COUNTED = 100;
/** How long the listing of new orders may take within one step. */
const LISTING_MS = 30 * SECOND;

/** The steps of `cancel-event.asl.json`, each of which may die at any point and be taken again. */
export function cancelSteps(deps: CancelDeps): readonly Step[] {
  const occasion = ({ run }: Input): Occasion => ({
    now: deps.clock(),
    correlationId: run,
    by: 'workflow:cancel-event',
  });
  return [
    step('BeginPass', cancellation, (input) => beginPass(deps, input, occasion(input))),
    step('RefundNextPage', cancellation, (input) => refundNextPage(deps, input, occasion(input))),
    step('VerifyCancellation', cancellation, (input) => verify(deps, input, occasion(input))),
  ];
}

/**
 * BeginPass: takes the cancellation over, lists the event's orders as far as they are known, and begins at the first.
 * From here on the event is cancelled only when its tickets are archived and its payments refunded.
 */
async function beginPass(
  { table, clock }: CancelDeps,
  input: Input,
  occasion: Occasion,
): Promise<{ readonly decision: 'REFUND' | 'LIST_MORE' | 'DONE' }> {
  const event = await cancelling(table, input);
  if (event === undefined) return { decision: 'DONE' };
  const until = clock() + LISTING_MS;
  if (!(await listNewOrders(table, occasion.now, () => clock() < until))) return { decision: 'LIST_MORE' };
  await note(table, event, 'refunding', occasion);
  const { pools } = await findStockOnSale(table, idsOf(event));
  // Late money takes stock again only of what is not closed for good.
  await alignBlocks(
    table,
    idsOf(event),
    pools.map(({ poolId }) => poolId),
  );
  const progress = await findProgress(table, input.cancellationId);
  const start = { run: input.run, phase: 'REFUNDING', looked: 0, pass: (progress?.pass ?? 0) + 1 } as const;
  const write =
    progress === undefined
      ? beginProgress({ ...input, ...start }, occasion, () => 'TAKEN' as const)
      : moveProgress(progress, { ...start, cursor: undefined }, occasion, () => 'TAKEN' as const).write;
  if (!(await commit(table, [write])).ok) throw superseded();
  return { decision: 'REFUND' };
}

/**
 * RefundNextPage: records and pays the refunds of the next orders of the list, then moves the cursor. A page that is
 * taken twice refunds once. One order's fault keeps no other waiting: the next pass meets it again.
 */
async function refundNextPage(
  deps: CancelDeps,
  input: Input,
  occasion: Occasion,
): Promise<{ readonly decision: 'MORE' | 'VERIFY' | 'PAUSE' }> {
  const { table } = deps;
  const progress = await owned(table, input);
  const page = await pageOfEventOrders(table, input.eventId, progress.cursor);
  if (page === undefined) {
    await move(table, progress, { phase: 'VERIFYING' }, occasion);
    return { decision: 'VERIFY' };
  }
  const left = [...new Set(page.orderIds)];
  let broke = false;
  const lane = async (): Promise<void> => {
    for (let orderId = left.shift(); orderId !== undefined && !broke; orderId = left.shift())
      if ((await refundOne(deps, orderId, input.eventId, occasion)) === 'NO_BALANCE') broke = true;
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (broke) {
    // The cursor stays: those that were paid are paid, the others come again.
    await move(table, progress, { phase: 'PAUSED' }, occasion);
    return { decision: 'PAUSE' };
  }
  const changes = { phase: 'REFUNDING', cursor: page.cursor, looked: progress.looked + page.orderIds.length } as const;
  await move(table, progress, changes, occasion);
  return { decision: 'MORE' };
}

async function refundOne(
  deps: CancelDeps,
  orderId: string,
  eventId: string,
  occasion: Occasion,
): Promise<RefundOutcome | undefined> {
  try {
    const [order] = await findOrders(deps.table, [orderId], 'strong');
    // What a person would decide about in days is given up at once: nothing was taken for it.
    if (order !== undefined && isUnderReview(order)) await endReview(deps.table, order, occasion);
    if (order === undefined || order.paidAt === undefined) return undefined;
    const refundId = refundIdOf(orderId, eventId);
    if (isOpen(order, eventId)) {
      const wish = { cause: 'EVENT_CANCELLED', eventId } as const;
      const request = { refundId, requestHash: eventId, reason: 'The event was cancelled', wish };
      await refundOrder(deps.table, order, request, occasion);
    }
    const [refund] = await findRefunds(deps.table, [refundId]);
    return refund?.state === 'DUE' ? await settleRefund(deps, refundId, occasion) : undefined;
  } catch (error) {
    logFault('STEP_FAULT', error, { step: 'RefundNextPage', orderId });
    return undefined;
  }
}

/**
 * VerifyCancellation: counts what came of it from the rows alone. Purchases that were under way, orders listed late
 * and refunds without an answer want another pass; refunds that a bank still has want time. What has failed has a case,
 * and keeps nobody waiting (invariant I14).
 */
async function verify(
  { table }: CancelDeps,
  input: Input,
  occasion: Occasion,
): Promise<{ readonly decision: 'PASS_AGAIN' | 'WAIT_FOR_BANK' | 'DONE' }> {
  const progress = await owned(table, input);
  const event = await cancelling(table, input);
  if (event === undefined) return { decision: 'DONE' };
  const { receipt, standing, earlier } = await count(table, input.eventId);
  const { pools } = await findStockOnSale(table, idsOf(event));
  const { out, closed } = await findStockOut(table, pools);
  const archived = standing === 0 && out === 0 && closed;
  const noted = archived ? await note(table, event, 'ticketsArchivedAt', occasion) : event;
  const isPaid = archived && receipt.refunds.due === 0 && receipt.refunds.pending + earlier === 0;
  await move(table, progress, { phase: isPaid ? 'DONE' : 'VERIFYING', receipt }, occasion);
  if (!isPaid) return { decision: archived && receipt.refunds.due === 0 ? 'WAIT_FOR_BANK' : 'PASS_AGAIN' };
  const refunded = await note(table, noted, 'paymentsRefundedAt', occasion);
  const ended = await finishCancellation(table, refunded, occasion);
  return { decision: ended.status === 'CANCELLED' ? 'DONE' : 'PASS_AGAIN' };
}

/**
 * What the rows say: refunds because of the cancellation, how many orders still have tickets of the event or may come to have
 * some, and how many refunds of it that were asked for earlier are not back yet.
 */
async function count(
  table: Table,
  eventId: string,
): Promise<{ readonly receipt: ReceiptRow; readonly standing: number; readonly earlier: number }> {
  const ids = new Set<string>();
  for await (const listed of orderIdsOfEvent(table, eventId)) for (const orderId of listed) ids.add(orderId);
  const all = [...ids];
  let [receipt, standing, earlier] = [NO_RECEIPT, 0, 0];
  for (let start = 0; start < all.length; start += COUNTED) {
    const part = all.slice(start, start + COUNTED);
    const [orders, refunds] = await Promise.all([
      findOrders(table, part, 'strong'),
      findRefunds(
        table,
        part.map((orderId) => refundIdOf(orderId, eventId)),
      ),
    ]);
    standing += orders.filter((order) => isOpen(order, eventId) || UNDER_WAY.includes(order.state)).length;
    receipt = refunds.map(receiptOf).reduce(addReceipts, receipt);
    earlier += await countEarlier(table, orders, eventId);
  }
  return { receipt, standing, earlier };
}

/** Refunds of the event's lines that were asked for before it was cancelled, and have not come to an end. */
async function countEarlier(table: Table, orders: readonly Order[], eventId: string): Promise<number> {
  // Lines are numbered within their order.
  const ofEvent = new Map(
    orders.map(({ orderId, lines }) => [
      orderId,
      new Set(lines.flatMap((line) => (line.eventId === eventId ? line.id : []))),
    ]),
  );
  const open = orders.flatMap(({ refunds = [] }) =>
    refunds.flatMap(({ refundId, state, cause }) =>
      cause !== 'EVENT_CANCELLED' && (state === 'DUE' || state === 'PENDING') ? refundId : [],
    ),
  );
  if (open.length === 0) return 0;
  const refunds = await findRefunds(table, open);
  return refunds.filter(({ orderId, lines }) => lines.some(({ id }) => ofEvent.get(orderId)?.has(id))).length;
}

/** States from which an order may yet be paid. */
const UNDER_WAY: readonly Order['state'][] = ['HELD', 'PENDING', 'SECURED'];

function isOpen({ paidAt, lines, state }: Order, eventId: string): boolean {
  const paid = paidAt !== undefined && !UNDER_WAY.includes(state);
  return paid && lines.some((line) => line.eventId === eventId && openPlaces(line).length > 0);
}

function receiptOf({ refundId, orderId, number, amount, currency, state, lines }: Refund): ReceiptRow {
  const when = (...states: readonly Refund['state'][]): number => (states.includes(state) ? 1 : 0);
  const exception = {
    orderId,
    orderNumber: number,
    refundId,
    amount,
    currency,
    caseId: caseIdOf('REFUND_FAILED', refundId),
  };
  return {
    orders: 1,
    tickets: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    refunds: { succeeded: when('SUCCEEDED'), pending: when('PENDING'), failed: when('FAILED'), due: when('DUE') },
    amounts: [
      {
        currency,
        succeeded: amount * when('SUCCEEDED'),
        pending: amount * when('PENDING', 'DUE'),
        failed: amount * when('FAILED'),
      },
    ],
    exceptions: state === 'FAILED' ? [exception] : [],
  };
}

/** The refund of an order for its cancelled event: one, whatever is begun anew. */
function refundIdOf(orderId: string, eventId: string): string {
  return derivedId('refund', orderId, 'EVENT_CANCELLED', eventId);
}

/** The event as long as this cancellation of it is under way. */
async function cancelling(table: Table, { eventId, cancellationId }: Input): Promise<EventRecord | undefined> {
  const event = await findEvent(table, eventId);
  return event?.status === 'CANCELLING' && event.cancellation?.cancellationId === cancellationId ? event : undefined;
}

/** Notes on the event how far its cancellation is; the same again changes nothing. */
async function note(
  table: Table,
  event: EventRecord,
  what: Parameters<typeof planCancellationStep>[1],
  occasion: Occasion,
): Promise<EventRecord> {
  const noted = await changeEvent(table, { event }, occasion, (current) =>
    ok(planCancellationStep(current, what, occasion.now)),
  );
  if (!noted.ok) throw new Error(`Noting a cancellation's step: ${noted.error.code}`);
  return noted.value;
}

async function owned(table: Table, { cancellationId, run }: Input): Promise<Progress> {
  const progress = await findProgress(table, cancellationId);
  if (progress?.run !== run) throw superseded();
  return progress;
}

async function move(
  table: Table,
  progress: Progress,
  changes: Parameters<typeof moveProgress>[1],
  occasion: Occasion,
): Promise<void> {
  const moved = await commit(table, [moveProgress(progress, changes, occasion, () => 'TAKEN' as const).write]);
  if (!moved.ok) throw superseded();
}

function superseded(): StepRefusal {
  return new StepRefusal('SUPERSEDED', 'Another execution moves this cancellation.');
}
