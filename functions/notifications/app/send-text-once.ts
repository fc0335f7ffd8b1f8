import type { Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Texter } from '../../shared/runtime/text-messages.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Recipient } from '../../users/contract.ts';
import { afterRefusal, type Notification, type NotificationStatus } from '../domain/notification.ts';
import type { About } from '../keys.ts';
import { suppressedSince } from '../reads.ts';
import { suppressNumber, type Settlement } from '../writes.ts';
import { UNSUBSCRIBED } from './send-once.ts';
import { notWritten, settleOnce } from './settle-once.ts';

/** What sending a text message needs from outside. */
export interface TextDeps {
  readonly table: Table;
  readonly texter: Texter;
  /** The keyed hash under which a number is known; see `users/addresses.ts`. */
  readonly phoneHash: (phone: string) => Promise<string>;
}

/** One text message to one person for one cause. */
export interface TextOrder {
  readonly about: About;
  readonly event: Envelope;
  /** As that of the mail which it goes beside, or takes the place of. */
  readonly cause: string;
  readonly to: NonNullable<Recipient['texts']>;
  /** Writes it; undefined when there is nothing left to tell. Called once it is claimed. */
  readonly write: () => Promise<{ readonly text: string } | typeof UNSUBSCRIBED | undefined>;
}

/** Sort keys of a mail and of a text message for the same cause differ by this. */
const TEXTED = '#sms';

/**
 * Sends a text message at most once, claimed and settled as mails are. Nothing of it wakes anybody: whoever asked for it has
 * the mail. A message of which nobody knows after 15 minutes is left, and never sent again: it costs money, and the mail is free.
 *
 * @returns what became of it; FAILED and QUEUED come again
 * @throws NotSettledError while nobody knows
 */
export async function sendTextOnce(deps: TextDeps, order: TextOrder, now: Instant): Promise<NotificationStatus> {
  const { about, event, cause } = order;
  const ended = await settleOnce(
    deps.table,
    { about, event, cause: `${cause}${TEXTED}`, channel: 'sms', resendable: false, whenUnsettled: 'RETURN' },
    (claim, { notificationId }) => attempt(deps, order, claim, notificationId, now),
    now,
  );
  return ended.byUs ? ended.settlement.status : ended.status;
}

async function attempt(
  deps: TextDeps,
  { to, write }: TextOrder,
  claim: Notification,
  notificationId: string,
  now: Instant,
): Promise<Settlement | undefined> {
  const prepared = await prepare(deps, to, write).catch((error: unknown) =>
    notWritten(error, claim, notificationId, now),
  );
  if ('status' in prepared) return prepared;
  const sent = await deps.texter(to.phone, prepared.text);
  if (sent.ok) return { status: 'SENT', messageId: sent.value, sentAt: now };
  const { code, reason } = sent.error;
  switch (code) {
    case 'OPTED_OUT':
      await commit(deps.table, [suppressNumber(prepared.phoneHash, now)]);
      return { status: 'PERMANENTLY_FAILED', reason: code };
    case 'UNUSABLE_NUMBER':
      return { status: 'PERMANENTLY_FAILED', reason: code };
    case 'REFUSED':
    case 'THROTTLED':
      return afterRefusal(claim, reason, code === 'THROTTLED', now);
    case 'UNKNOWN':
      return undefined;
  }
}

async function prepare(
  { table, phoneHash }: TextDeps,
  { phone, provenAt }: TextOrder['to'],
  write: TextOrder['write'],
): Promise<Settlement | { readonly text: string; readonly phoneHash: string }> {
  const hash = await phoneHash(phone);
  const since = await suppressedSince(table, hash);
  // Who has proven the number since has had a message of ours there, and asked for it.
  if (since !== undefined && since >= provenAt) return { status: 'PERMANENTLY_FAILED', reason: 'SUPPRESSED' };
  const words = await write();
  if (words === undefined) return { status: 'OBSOLETE', reason: 'NOTHING_TO_TELL' };
  return words === UNSUBSCRIBED ? { status: 'OBSOLETE', reason: UNSUBSCRIBED } : { ...words, phoneHash: hash };
}
