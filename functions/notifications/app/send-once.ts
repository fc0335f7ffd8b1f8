import { derivedId } from '../../shared/kernel/ids.ts';
import type { Instant } from '../../shared/kernel/clock.ts';
import type { Result } from '../../shared/kernel/result.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Recipient } from '../../users/contract.ts';
import { nextStep, parseNotification, type Notification } from '../domain/notification.ts';
import { composeMessage, isUsableAddress, type MailContent } from '../mime.ts';
import { idOf, type About } from '../keys.ts';
import type { Mailer } from '../ports.ts';
import { claimAgain, firstClaim, settle, type NotificationRef, type Settlement } from '../writes.ts';

/** What sending a mail needs from outside. */
export interface MailDeps {
  readonly table: Table;
  readonly mailer: Mailer;
  /** The address that mails come from. */
  readonly sender: string;
}

/** One mail to one person for one cause. */
export interface MailOrder {
  readonly about: About;
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
 * Sends a mail at most once (invariant I9): claim, hand over, settle. A definite refusal frees the claim and
 * the queue tries again. An outcome that nobody knows leaves the claim standing: after 15 minutes a
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
  const settlement = await attempt(deps, order, ref, claim.possibleDuplicate === true, now);
  if (settlement === undefined)
    throw new NotSettledError(`Notification ${ref.notificationId}: nobody knows whether it was taken`);
  await commit(deps.table, [settle(ref, claim.attempts, settlement, () => 'TAKEN_OVER' as const)]);
  logInfo(settlement.status === 'SENT' ? 'MAIL_SENT' : 'MAIL_FAULT', {
    notificationId: ref.notificationId,
    ...order.about,
    cause: order.cause,
    status: settlement.status,
    ...(settlement.status === 'SENT' ? {} : { reason: settlement.reason }),
  });
  if (settlement.status === 'QUEUED')
    throw new NotSettledError(`Notification ${ref.notificationId}: refused with ${settlement.reason}`);
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
  if (first.ok) return { notificationId: ref.notificationId, status: 'SENDING', attempts: 1, claimedAt: now };
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
  possibleDuplicate: boolean,
  now: Instant,
): Promise<Settlement | undefined> {
  const prepared = await prepare(deps, order, ref, possibleDuplicate, now);
  if ('status' in prepared) return prepared;
  const sent: Result<string, { readonly code: string; readonly reason: string }> = await deps.mailer(prepared);
  if (sent.ok) return { status: 'SENT', messageId: sent.value, sentAt: now };
  return sent.error.code === 'REFUSED' ? { status: 'QUEUED', reason: sent.error.reason } : undefined;
}

type Prepared = Settlement | Parameters<Mailer>[0];

/** Nothing has been sent while this runs, so whatever goes wrong frees the claim. */
async function prepare(
  deps: MailDeps,
  order: MailOrder,
  { notificationId }: NotificationRef,
  possibleDuplicate: boolean,
  now: Instant,
): Promise<Prepared> {
  try {
    const recipient = await order.recipient();
    if (recipient === undefined) return { status: 'FAILED', reason: 'NO_RECIPIENT' };
    if (!isUsableAddress(recipient.email)) return { status: 'FAILED', reason: 'UNUSABLE_ADDRESS' };
    const content = await order.write(recipient, possibleDuplicate);
    if (content === undefined) return { status: 'OBSOLETE', reason: 'NOTHING_TO_TELL' };
    const to = { name: `${recipient.firstName} ${recipient.lastName}`, address: recipient.email };
    const raw = await composeMessage(deps.sender, to, content, { id: notificationId, possibleDuplicate, at: now });
    return { to: recipient.email, raw, notificationId };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    logFault('MAIL_FAULT', withoutMessage(error, name), { notificationId });
    return { status: 'QUEUED', reason: name };
  }
}

/** Where an error came from, without what it says: that may quote a name or an address (invariant I19). */
function withoutMessage(error: unknown, name: string): Error {
  const anonymous = new Error(`A mail could not be written: ${name}`);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  anonymous.stack = [anonymous.message, ...frames].join('\n');
  return anonymous;
}
