import { DAY, MINUTE, type Instant } from '../shared/kernel/clock.ts';
import { advance, begin, type Occasion } from '../shared/table/aggregate.ts';
import { absent, anyOf, atMost, mustHold, type Otherwise, type Put, type Update } from '../shared/table/writes.ts';
import { refundDue, refundFailed, refundIssued, refundSucceeded, refundTried, type RefundDetails } from './contract.ts';
import { hasRefundEdge, parseRefund, type Refund } from './domain/refund.ts';
import { refundKey, stripeEventKey } from './keys.ts';

export { parseRefund, type Refund };

/** How long whoever asks the provider has to tell what it said; the function behind it lives half as long. */
const LEASE_MS = MINUTE;
/** Stripe delivers an event again for three days, and shows it for thirty. */
const SEEN_MS = 30 * DAY;

/**
 * Puts a refund's row unless there is one for its cause, in the transaction that counts its money and gives its tickets
 * up. Without money to move it has arrived at once.
 *
 * @param otherwise reads the row that stood in the way
 */
export function putRefund<E>(
  refund: Omit<RefundDetails, 'state' | 'dueAt'>,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): Put<E> {
  const moves = refund.amount > 0 && refund.paymentIntentId !== undefined;
  return begin(
    refundKey(refund.refundId),
    {
      ...refund,
      state: moves ? 'DUE' : 'SUCCEEDED',
      dueAt: occasion.now,
      ...(moves ? {} : { settledAt: occasion.now }),
    },
    { ...occasion, event: moves ? refundDue.name : refundIssued.name },
    otherwise,
  );
}

/** A refund's next row and the write that makes it so. */
export interface RefundChange<E> {
  readonly refund: Refund;
  readonly write: Update<E>;
}

/** Takes the only right to ask the provider about a refund, for a minute; counts the try. */
export function claimRefund<E>(refund: Refund, occasion: Occasion, otherwise: Otherwise<E>): RefundChange<E> {
  const changes = { tries: (refund.tries ?? 0) + 1, leaseUntil: occasion.now + LEASE_MS };
  const free = anyOf(absent('leaseUntil'), atMost('leaseUntil', occasion.now));
  const { row, write } = advance(refund, changes, { ...occasion, event: refundTried.name }, otherwise, free);
  return { refund: parseRefund(row), write };
}

/** Gives the right to ask back, after a refusal that passes: the provider is asked again, by another name. */
export function releaseRefund<E>(refund: Refund, occasion: Occasion, otherwise: Otherwise<E>): RefundChange<E> {
  const changes = { leaseUntil: undefined, keyTurn: refund.tries };
  const { row, write } = advance(refund, changes, { ...occasion, event: refundTried.name }, otherwise);
  return { refund: parseRefund(row), write };
}

/** What the provider says of a refund. */
export interface ProviderAnswer {
  readonly state: 'PENDING' | 'SUCCEEDED' | 'FAILED';
  readonly providerId?: string | undefined;
  readonly failure?: string | undefined;
}

/**
 * Records what the provider says of a refund, in the transaction that tells its order.
 *
 * @throws when the graph has no such edge
 */
export function settleRefundRow<E>(
  refund: Refund,
  { state, providerId = refund.providerId, failure }: ProviderAnswer,
  occasion: Occasion,
  otherwise: Otherwise<E>,
): RefundChange<E> {
  if (!hasRefundEdge(refund.state, state)) throw new Error(`A refund cannot go from ${refund.state} to ${state}`);
  const changes = { state, providerId, failure, leaseUntil: undefined, settledAt: occasion.now };
  const { row, write } = advance(refund, changes, { ...occasion, event: eventOf(refund, state) }, otherwise);
  return { refund: parseRefund(row), write };
}

function eventOf({ state: from }: Refund, to: ProviderAnswer['state']): string {
  if (to === 'FAILED') return refundFailed.name;
  return from === 'PENDING' ? refundSucceeded.name : refundIssued.name;
}

/** FAILED → DUE: another refund to the provider, the same to the order. */
export function retryRefund<E>(refund: Refund, occasion: Occasion, otherwise: Otherwise<E>): RefundChange<E> {
  if (!hasRefundEdge(refund.state, 'DUE')) throw new Error(`A refund cannot go from ${refund.state} to DUE`);
  const changes = {
    state: 'DUE',
    dueAt: occasion.now,
    attempt: (refund.attempt ?? 0) + 1,
    providerId: undefined,
    failure: undefined,
    settledAt: undefined,
  };
  const { row, write } = advance(refund, changes, { ...occasion, event: refundDue.name }, otherwise);
  return { refund: parseRefund(row), write };
}

/** Remembers that an event of Stripe was dealt with; written after its effect, which is the same if repeated. */
export function rememberSeen(stripeEventId: string, now: Instant): Put<never> {
  return {
    kind: 'put',
    key: stripeEventKey(stripeEventId),
    item: { ttl: Math.ceil((now + SEEN_MS) / 1_000) },
    otherwise: mustHold('a put without a condition'),
  };
}
