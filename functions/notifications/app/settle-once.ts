import { derivedId } from '../../shared/kernel/ids.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import { nameOf } from '../../shared/runtime/provider-answers.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import {
  afterRefusal,
  nextStep,
  parseNotification,
  type Notification,
  type NotificationStatus,
} from '../domain/notification.ts';
import { idOf, type About } from '../keys.ts';
import {
  claimAgain,
  firstClaim,
  noteSent,
  putRetry,
  settle,
  type NotificationRef,
  type Settlement,
} from '../writes.ts';

/** One message to one person for one cause. */
export interface Once {
  readonly about: About;
  /** The event that it follows from, which comes again if the message is refused; without one, it is refused for good. */
  readonly event?: Envelope | undefined;
  /** What it tells, once: the event's name and the version of the aggregate that raised it. */
  readonly cause: string;
  /** A mail unless said. */
  readonly channel?: 'sms';
  /** Whether its loss is worse than its repetition; see {@link nextStep}. */
  readonly resendable: boolean;
  /** What to do with one of which nobody knows: wake a person, or tell the caller, who has another way. */
  readonly whenUnsettled: 'THROW' | 'RETURN';
}

/** Hands a claimed message over; undefined when the outcome is unknown and the claim must stand. */
export type Attempt = (claim: Notification, ref: NotificationRef) => Promise<Settlement | undefined>;

/** What became of it, and whether it was this call that settled it. */
export type Ended =
  | { readonly byUs: true; readonly settlement: Settlement }
  | { readonly byUs: false; readonly status: NotificationStatus };

/** Thrown for the queue: the message comes back later, and ends in the dead-letter queue if nothing changes. */
export class NotSettledError extends Error {
  override readonly name = 'NotSettledError';
}

/**
 * Claims, has handed over, and settles, so that one cause is one message however often its event is delivered (invariant
 * I9). A definite refusal puts the event on the list of retries; an outcome that nobody knows leaves the claim standing.
 *
 * @throws NotSettledError when the message should come back
 */
export async function settleOnce(table: Table, once: Once, attempt: Attempt, now: Instant): Promise<Ended> {
  const ref: NotificationRef = {
    about: once.about,
    cause: once.cause,
    notificationId: derivedId('notification', idOf(once.about), once.cause),
    channel: once.channel,
  };
  const claim = await takeClaim(table, ref, once, now);
  if ('known' in claim) return { byUs: false, status: claim.known };
  const outcome = await attempt(claim, ref);
  if (outcome === undefined)
    throw new NotSettledError(`Notification ${ref.notificationId}: nobody knows whether it was taken`);
  const { event } = once;
  const settlement: Settlement =
    event === undefined && 'retryAt' in outcome
      ? { status: 'PERMANENTLY_FAILED', reason: outcome.reason, failures: outcome.failures }
      : outcome;
  const settled = settle(ref, claim.attempts, settlement, () => 'TAKEN_OVER' as const);
  const written = await commit(
    table,
    event !== undefined && 'retryAt' in settlement
      ? [settled, putRetry(ref, settlement.retryAt, JSON.stringify(event))]
      : [settled],
  );
  if (!written.ok && settlement.status === 'SENT')
    await commit(table, [noteSent(ref, claim.attempts, settlement, () => 'TAKEN_OVER' as const)]);
  logInfo(settlement.status === 'SENT' ? 'MAIL_SENT' : 'MAIL_FAULT', {
    notificationId: ref.notificationId,
    ...once.about,
    cause: once.cause,
    status: settlement.status,
    ...(settlement.status === 'SENT' ? {} : { reason: settlement.reason }),
  });
  return { byUs: true, settlement };
}

/** The claim on the notification, or what is known of it when there is none to take. @throws NotSettledError while it is open */
async function takeClaim(
  table: Table,
  ref: NotificationRef,
  { resendable, whenUnsettled, channel }: Once,
  now: Instant,
): Promise<Notification | { readonly known: NotificationStatus }> {
  const first = await commit(table, [firstClaim(ref, now, parseNotification)]);
  if (first.ok)
    return {
      notificationId: ref.notificationId,
      channel,
      status: 'SENDING',
      attempts: 1,
      claimedAt: now,
      firstAt: now,
    };
  const seen = first.error;
  // Somebody who has another way has taken it by then: a redriven message does not go this one after all.
  if (whenUnsettled === 'RETURN' && seen.status === 'PERMANENTLY_FAILED') return { known: seen.status };
  const step = nextStep(seen, resendable, now);
  switch (step.kind) {
    case 'NOTHING':
      return { known: seen.status };
    case 'CLAIM': {
      const again = await commit(table, [claimAgain(ref, seen, step.possibleDuplicate, now, () => 'TAKEN' as const)]);
      if (!again.ok) throw new NotSettledError(`Notification ${ref.notificationId}: another worker has it`);
      return {
        ...seen,
        status: 'SENDING',
        attempts: seen.attempts + 1,
        claimedAt: now,
        possibleDuplicate: step.possibleDuplicate,
      };
    }
    case 'PARK':
      await commit(table, [
        settle(ref, seen.attempts, { status: 'UNSETTLED', reason: 'NO_ANSWER' }, () => 'TAKEN_OVER' as const),
      ]);
      if (whenUnsettled === 'RETURN') return { known: 'UNSETTLED' };
      throw new NotSettledError(`Notification ${ref.notificationId}: parked, nobody knows whether it was taken`);
    case 'PARKED':
      if (whenUnsettled === 'RETURN') return { known: seen.status };
      throw new NotSettledError(`Notification ${ref.notificationId}: still open`);
    case 'WAIT':
      throw new NotSettledError(`Notification ${ref.notificationId}: still open`);
  }
}

/** What becomes of a message that could not be written: nothing has been sent, so it is as good as a refusal. */
export function notWritten(error: unknown, claim: Notification, notificationId: string, now: Instant): Settlement {
  const name = nameOf(error);
  logFault('MAIL_FAULT', withoutMessage(error, name), { notificationId });
  return afterRefusal(claim, name, false, now);
}

/** Where an error came from, without what it says: that may quote a name or an address (invariant I19). */
function withoutMessage(error: unknown, name: string): Error {
  const anonymous = new Error(`A message could not be written: ${name}`);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  anonymous.stack = [anonymous.message, ...frames].join('\n');
  return anonymous;
}
