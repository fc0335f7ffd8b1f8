import { restockOrder } from '../../orders/operations.ts';
import { findOrder } from '../../orders/reads.ts';
import { recordRefund } from '../../orders/refund-writes.ts';
import { caseIdOf, findCase } from '../../support/reads.ts';
import { openCase } from '../../support/writes.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import { isOwnEffect } from '../../shared/table/aggregate.ts';
import { logInfo } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { hasRefundEdge, providerCause } from '../domain/refund.ts';
import type { GatewayError, PaymentGateway, RefundStatus } from '../gateway.ts';
import { findRefund, type Refund } from '../reads.ts';
import { claimRefund, releaseRefund, settleRefundRow, type ProviderAnswer } from '../writes.ts';

/**
 * How far a refund is after it was looked after: `NO_BALANCE` and `UNKNOWN` leave it due, `BUSY` says that somebody else
 * asks the provider just now.
 */
export type RefundOutcome = 'SUCCEEDED' | 'PENDING' | 'FAILED' | 'NO_BALANCE' | 'UNKNOWN' | 'BUSY';

/** What {@link settleRefund} works with. */
export interface RefundDeps {
  readonly table: Table;
  readonly gateway: PaymentGateway;
}

/** Looks at a row that keeps changing. */
const ROUNDS = 5;
/** What the provider calls having too little money for a refund: it is asked again later, nobody is to blame. */
const NO_BALANCE = 'balance_insufficient';

/**
 * Brings a refund on, whatever brought us here: its own message, a webhook, a job, the cancellation of its event. One
 * caller at a time asks the provider, and from the second try on looks whether it was made before; so it is made once
 * though any of them dies at any point, also a day later (invariant I4, failure catalogue 13–17).
 *
 * @throws StoreBusyError when its rows keep changing
 */
export async function settleRefund(deps: RefundDeps, refundId: string, occasion: Occasion): Promise<RefundOutcome> {
  const refund = await findRefund(deps.table, refundId);
  if (refund === undefined) throw new Error(`There is no refund ${refundId}`);
  const order = await findOrder(deps.table, refund.orderId);
  if (order !== undefined) await restockOrder(deps.table, order, occasion);
  switch (refund.state) {
    case 'DUE':
      return ask(deps, refund, occasion);
    case 'PENDING':
    case 'SUCCEEDED':
      return lookAgain(deps, refund, occasion);
    case 'FAILED':
      return 'FAILED';
  }
}

async function ask({ table, gateway }: RefundDeps, refund: Refund, occasion: Occasion): Promise<RefundOutcome> {
  const { paymentIntentId, amount, refundId, orderId, tries = 0, keyTurn } = refund;
  if (paymentIntentId === undefined) throw new Error(`Refund ${refundId} is of no payment`);
  const claim = claimRefund(refund, occasion, (found) => found);
  const claimed = await commit(table, [claim.write]);
  if (!claimed.ok && !isOwnEffect(claimed.error, claim.refund)) return 'BUSY';
  const asked = await gateway.refundPart({
    paymentIntentId,
    amount,
    refundId,
    orderId,
    cause: providerCause(refund),
    askedBefore: tries > 0,
    tryName: String(tries),
    keyTurn,
  });
  if (asked.ok) return settle(table, claim.refund, answerOf(asked.value), occasion);
  return afterRefusal(table, claim.refund, asked.error, occasion);
}

async function afterRefusal(
  table: Table,
  claimed: Refund,
  error: GatewayError,
  occasion: Occasion,
): Promise<RefundOutcome> {
  const { refundId } = claimed;
  if (error.kind === 'REFUSED' && error.code !== NO_BALANCE)
    return settle(table, claimed, { state: 'FAILED', failure: error.code }, occasion);
  logInfo('REFUND_STILL_DUE', { refundId, why: error.kind === 'REFUSED' ? error.code : 'no answer' });
  if (error.kind === 'UNKNOWN') return 'UNKNOWN';
  // Whoever moved the row meanwhile had the right to ask, which has lapsed then anyway.
  await commit(table, [releaseRefund(claimed, occasion, () => 'MOVED_ON' as const).write]);
  return 'NO_BALANCE';
}

/** What the provider took before may have arrived since, or have come back. */
async function lookAgain({ table, gateway }: RefundDeps, refund: Refund, occasion: Occasion): Promise<RefundOutcome> {
  const { providerId, state } = refund;
  const known = state === 'PENDING' ? 'PENDING' : 'SUCCEEDED';
  if (providerId === undefined) return known;
  const fetched = await gateway.retrieveRefund(providerId);
  if (!fetched.ok) return 'UNKNOWN';
  const answer = answerOf(fetched.value);
  return hasRefundEdge(refund.state, answer.state) ? settle(table, refund, answer, occasion) : known;
}

function answerOf({ id, status, failure }: RefundStatus): ProviderAnswer {
  switch (status) {
    case 'pending':
      return { state: 'PENDING', providerId: id };
    case 'succeeded':
      return { state: 'SUCCEEDED', providerId: id };
    case 'failed':
      return { state: 'FAILED', providerId: id, failure };
  }
}

/** Writes what the provider said to the refund and its order at once, and opens a case where it failed. */
async function settle(
  table: Table,
  given: Refund,
  answer: ProviderAnswer,
  occasion: Occasion,
): Promise<ProviderAnswer['state']> {
  let refund: Refund | undefined = given;
  for (let round = 0; round < ROUNDS && refund !== undefined; round += 1) {
    if (!hasRefundEdge(refund.state, answer.state) || refund.attempt !== given.attempt) return settledAs(refund);
    const { refundId, orderId, amount, currency } = refund;
    const caseId = caseIdOf('REFUND_FAILED', refundId);
    const fails = answer.state === 'FAILED';
    const [order, found] = await Promise.all([
      findOrder(table, orderId),
      fails ? findCase(table, caseId) : Promise.resolve(undefined),
    ]);
    if (order === undefined) throw new Error(`The order of refund ${refundId} is gone`);
    const settled = settleRefundRow(refund, answer, occasion, movedOn);
    const about = { orderId, refundId, amount, currency, detail: answer.failure ?? 'unknown' };
    const done = await commit(table, [
      settled.write,
      recordRefund(order, refundId, answer.state, occasion, movedOn).write,
      ...(fails ? openCase('REFUND_FAILED', refundId, about, found, occasion, movedOn) : []),
    ]);
    if (done.ok) {
      logInfo('REFUND_SETTLED', { refundId, orderId, state: answer.state });
      return answer.state;
    }
    refund = await findRefund(table, refundId);
  }
  throw new StoreBusyError('A refund or its order kept changing');
}

/** What another caller made of it meanwhile. */
function settledAs({ state }: Refund): ProviderAnswer['state'] {
  return state === 'DUE' ? 'PENDING' : state;
}

function movedOn(): 'MOVED_ON' {
  return 'MOVED_ON';
}
