import { derivedId } from '../../shared/kernel/ids.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Recipient } from '../../users/contract.ts';
import { afterRefusal, nextStep, parseNotification, UNSENDABLE, type Notification } from '../domain/notification.ts';
import { composeMessage, isUsableAddress, type MailContent } from '../mime.ts';
import { idOf, tagsOf, type About } from '../keys.ts';
import type { Mailer } from '../ports.ts';
import { isSuppressed } from '../reads.ts';
import {
  claimAgain,
  firstClaim,
  noteSent,
  putRetry,
  settle,
  type NotificationRef,
  type Settlement,
} from '../writes.ts';

/** What sending a mail needs from outside. */
export interface MailDeps {
  readonly table: Table;
  readonly mailer: Mailer;
  /** The address that mails come from. */
  readonly sender: string;
  /** The keyed hash under which an address is known; see `users/addresses.ts`. */
  readonly addressHash: (address: string) => Promise<string>;
}

/** One mail to one person for one cause. */
export interface MailOrder {
  readonly about: About;
  /** The event that it follows from, which comes again if the mail is refused; without one, it is refused for good. */
  readonly event?: Envelope;
  /** To whom; undefined where there is no such person any more. */
  readonly recipient: () => Promise<Recipient | undefined>;
  /** What it tells, once: the event's name and the version of the aggregate that raised it. */
  readonly cause: string;
  /** Whether its loss is worse than its repetition; see {@link nextStep}. */
  readonly resendable: boolean;
  /** Writes the mail; undefined when there is nothing left to tell. Called once the mail is claimed. */
  readonly write: (recipient: Recipient, possibleDuplicate: boolean) => Promise<MailContent | undefined>;
}

/** Thrown for the queue: the message comes back later, and ends in the dead-letter queue if nothing changes. */
export class NotSettledError extends Error {
  override readonly name = 'NotSettledError';
}

/**
 * Sends a mail at most once (invariant I9): claim, hand over, settle. A definite refusal puts the event on the list of
 * retries, three times with growing pauses; then it is given up, and the message goes to the dead letters, of which
 * administrators are told. An outcome that nobody knows leaves the claim standing: the provider's feedback settles it; without any, after 15 minutes a
 * resendable mail goes out once more, marked as a possible duplicate, and any other is parked.
 *
 * @returns whether this call sent the mail
 * @throws NotSettledError when the message should come back
 */
export async function sendOnce(deps: MailDeps, order: MailOrder, now: Instant): Promise<boolean> {
  const ref: NotificationRef = {
    about: order.about,
    cause: order.cause,
    notificationId: derivedId('notification', idOf(order.about), order.cause),
  };
  const claim = await takeClaim(deps.table, ref, order.resendable, now);
  if (claim === undefined) return false;
  const outcome = await attempt(deps, order, ref, claim, now);
  if (outcome === undefined)
    throw new NotSettledError(`Notification ${ref.notificationId}: nobody knows whether it was taken`);
  const { event } = order;
  const settlement: Settlement =
    event === undefined && 'retryAt' in outcome
      ? { status: 'PERMANENTLY_FAILED', reason: outcome.reason, failures: outcome.failures }
      : outcome;
  const settled = settle(ref, claim.attempts, settlement, () => 'TAKEN_OVER' as const);
  const written = await commit(
    deps.table,
    event !== undefined && 'retryAt' in settlement
      ? [settled, putRetry(ref, settlement.retryAt, JSON.stringify(event))]
      : [settled],
  );
  if (!written.ok && settlement.status === 'SENT')
    await commit(deps.table, [noteSent(ref, claim.attempts, settlement, () => 'TAKEN_OVER' as const)]);
  logInfo(settlement.status === 'SENT' ? 'MAIL_SENT' : 'MAIL_FAULT', {
    notificationId: ref.notificationId,
    ...order.about,
    cause: order.cause,
    status: settlement.status,
    ...(settlement.status === 'SENT' ? {} : { reason: settlement.reason }),
  });
  if (settlement.status === 'PERMANENTLY_FAILED' && !UNSENDABLE.some((known) => known === settlement.reason))
    throw new NotSettledError(`Notification ${ref.notificationId}: given up, refused with ${settlement.reason}`);
  return settlement.status === 'SENT';
}

/** The claim on the notification, or undefined when it is settled. @throws NotSettledError while it is open */
async function takeClaim(
  table: Table,
  ref: NotificationRef,
  resendable: boolean,
  now: Instant,
): Promise<Notification | undefined> {
  const first = await commit(table, [firstClaim(ref, now, parseNotification)]);
  if (first.ok)
    return { notificationId: ref.notificationId, status: 'SENDING', attempts: 1, claimedAt: now, firstAt: now };
  const seen = first.error;
  const step = nextStep(seen, resendable, now);
  switch (step.kind) {
    case 'NOTHING':
      return undefined;
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
      throw new NotSettledError(`Notification ${ref.notificationId}: parked, nobody knows whether it was taken`);
    case 'PARKED':
    case 'WAIT':
      throw new NotSettledError(`Notification ${ref.notificationId}: still open`);
  }
}

/** Hands the mail over; undefined when the outcome is unknown and the claim must stand. */
async function attempt(
  deps: MailDeps,
  order: MailOrder,
  ref: NotificationRef,
  claim: Notification,
  now: Instant,
): Promise<Settlement | undefined> {
  const prepared = await prepare(deps, order, ref, claim, now);
  if ('status' in prepared) return prepared;
  const sent = await deps.mailer(prepared);
  if (sent.ok) return { status: 'SENT', messageId: sent.value, sentAt: now };
  const { code, reason } = sent.error;
  return code === 'UNKNOWN' ? undefined : afterRefusal(claim, reason, code === 'THROTTLED', now);
}

type Prepared = Settlement | Parameters<Mailer>[0];

/** Nothing has been sent while this runs, so whatever goes wrong is as good as a refusal. */
async function prepare(
  deps: MailDeps,
  order: MailOrder,
  { notificationId, about, cause }: NotificationRef,
  claim: Notification,
  now: Instant,
): Promise<Prepared> {
  const possibleDuplicate = claim.possibleDuplicate === true;
  try {
    const recipient = await order.recipient();
    if (recipient === undefined) return { status: 'PERMANENTLY_FAILED', reason: 'NO_RECIPIENT' };
    if (!isUsableAddress(recipient.email)) return { status: 'PERMANENTLY_FAILED', reason: 'UNUSABLE_ADDRESS' };
    const addressHash = await deps.addressHash(recipient.email);
    if (await isSuppressed(deps.table, addressHash)) return { status: 'PERMANENTLY_FAILED', reason: 'SUPPRESSED' };
    const content = await order.write(recipient, possibleDuplicate);
    if (content === undefined) return { status: 'OBSOLETE', reason: 'NOTHING_TO_TELL' };
    const to = { name: `${recipient.firstName} ${recipient.lastName}`, address: recipient.email };
    const raw = await composeMessage(deps.sender, to, content, { id: notificationId, possibleDuplicate, at: now });
    return { to: recipient.email, raw, notificationId, tags: tagsOf(about, cause, addressHash) };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    logFault('MAIL_FAULT', withoutMessage(error, name), { notificationId });
    return afterRefusal(claim, name, false, now);
  }
}

/** Where an error came from, without what it says: that may quote a name or an address (invariant I19). */
function withoutMessage(error: unknown, name: string): Error {
  const anonymous = new Error(`A mail could not be written: ${name}`);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  anonymous.stack = [anonymous.message, ...frames].join('\n');
  return anonymous;
}
