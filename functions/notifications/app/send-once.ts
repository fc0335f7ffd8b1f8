import type { Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Table } from '../../shared/table/client.ts';
import type { Recipient } from '../../users/contract.ts';
import type { Brand } from '../domain/brand.ts';
import { afterRefusal, UNSENDABLE, type Notification } from '../domain/notification.ts';
import { composeMessage, usableAddress, type MailContent } from '../mime.ts';
import { tagsOf, type About } from '../keys.ts';
import type { Mailer } from '../ports.ts';
import { isSuppressed } from '../reads.ts';
import type { NotificationRef, Settlement } from '../writes.ts';
import { NotSettledError, notWritten, settleOnce } from './settle-once.ts';

export { NotSettledError } from './settle-once.ts';

/** What sending a mail needs from outside. */
export interface MailDeps {
  readonly table: Table;
  readonly mailer: Mailer;
  /** The address that mails come from. */
  readonly sender: string;
  /** How the operator appears in them. */
  readonly brand: Brand;
  /** The keyed hash under which an address is known; see `users/addresses.ts`. */
  readonly addressHash: (address: string) => Promise<string>;
}

/** That its reader wants no mails of this kind any more. */
export const UNSUBSCRIBED = 'UNSUBSCRIBED';

/** One mail to one person for one cause. */
export interface MailOrder {
  readonly about: About;
  /** The event that it follows from, which comes again if the mail is refused; without one, it is refused for good. */
  readonly event?: Envelope;
  /** To whom; undefined where there is no such person any more. */
  readonly recipient: () => Promise<Recipient | undefined>;
  /** What it tells, once: the event's name and the version of the aggregate that raised it. */
  readonly cause: string;
  /** Whether its loss is worse than its repetition; see `nextStep`. */
  readonly resendable: boolean;
  /** Writes the mail; undefined when there is nothing left to tell. Called once the mail is claimed. */
  readonly write: (
    recipient: Recipient,
    possibleDuplicate: boolean,
  ) => Promise<MailContent | typeof UNSUBSCRIBED | undefined>;
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
  const { about, event, cause, resendable } = order;
  const ended = await settleOnce(
    deps.table,
    { about, event, cause, resendable, whenUnsettled: 'THROW' },
    (claim, ref) => attempt(deps, order, ref, claim, now),
    now,
  );
  if (!ended.byUs) return false;
  const { settlement } = ended;
  if (settlement.status === 'PERMANENTLY_FAILED' && !UNSENDABLE.some((known) => known === settlement.reason))
    throw new NotSettledError(`A mail about ${cause}: given up, refused with ${settlement.reason}`);
  return settlement.status === 'SENT';
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
  const { mail, own } = prepared;
  const sent = await deps.mailer(mail);
  if (sent.ok)
    return {
      status: 'SENT',
      messageId: sent.value,
      sentAt: now,
      ...(own === undefined ? {} : { template: own.name, templateVersion: own.version }),
    };
  const { code, reason } = sent.error;
  return code === 'UNKNOWN' ? undefined : afterRefusal(claim, reason, code === 'THROTTLED', now);
}

type Prepared =
  | Settlement
  | { readonly mail: Parameters<Mailer>[0]; readonly own: MailContent['ownTemplate'] | undefined };

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
    const address = usableAddress(recipient.email);
    if (address === undefined) return { status: 'PERMANENTLY_FAILED', reason: 'UNUSABLE_ADDRESS' };
    const addressHash = await deps.addressHash(recipient.email);
    if (await isSuppressed(deps.table, addressHash)) return { status: 'PERMANENTLY_FAILED', reason: 'SUPPRESSED' };
    const content = await order.write(recipient, possibleDuplicate);
    if (content === undefined) return { status: 'OBSOLETE', reason: 'NOTHING_TO_TELL' };
    if (content === UNSUBSCRIBED) return { status: 'OBSOLETE', reason: UNSUBSCRIBED };
    const to = { name: `${recipient.firstName} ${recipient.lastName}`, address };
    const from = { name: deps.brand.name, address: deps.sender };
    const raw = await composeMessage(from, to, content, { id: notificationId, possibleDuplicate, at: now });
    const mail = { to: address, raw, notificationId, tags: tagsOf(about, cause, addressHash) };
    return { mail, own: content.ownTemplate };
  } catch (error) {
    return notWritten(error, claim, notificationId, now);
  }
}
