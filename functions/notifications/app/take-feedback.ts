import type { Instant } from '../../shared/kernel/clock.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Feedback } from '../domain/notification.ts';
import { taggedKey, type MailTags } from '../keys.ts';
import { noteFeedback, suppress } from '../writes.ts';

/** What the mail provider tells of one mail that it took. */
export interface MailFeedback {
  readonly told: Feedback;
  readonly tags: MailTags;
  readonly at: Instant;
}

/**
 * Notes what became of a mail, and writes to its address no more where it does not exist or its owner called a mail spam.
 * Told twice or in any order, the outcome is the same.
 *
 * @returns in one word what it did
 */
export async function takeFeedback(table: Table, { told, tags, at }: MailFeedback): Promise<string> {
  // First the address: if this dies in between, it comes again.
  if (told === 'BOUNCED_FOR_GOOD' || told === 'COMPLAINED') {
    const reason = told === 'COMPLAINED' ? 'COMPLAINED' : 'BOUNCED';
    await commit(table, [suppress(tags.to, reason, at, () => 'KNOWN' as const)]);
  }
  const noted = await commit(table, [noteFeedback(taggedKey(tags), told, at, () => 'NO_NEWS' as const)]);
  // SES has found malware in a mail of ours: nobody gets it, whatever is tried.
  if (noted.ok && told === 'REJECTED')
    logFault('MAIL_FAULT', new Error('SES rejected a mail'), { about: tags.about, cause: tags.cause });
  return noted.ok ? told : noted.error;
}
