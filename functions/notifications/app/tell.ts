import type { Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import { wordText, type TextNews } from '../domain/text-message.ts';
import type { NotificationStatus } from '../domain/notification.ts';
import { sendOnce, UNSUBSCRIBED, type MailDeps, type MailOrder } from './send-once.ts';
import { sendTextOnce, type TextDeps } from './send-text-once.ts';

/** What telling something by the channel that its reader prefers needs. */
export interface TellDeps extends MailDeps, TextDeps {}

/** Something to tell one person, once. */
export interface News extends MailOrder {
  readonly event: Envelope;
  readonly text: {
    /** `instead` of the mail, where the message says all that there is; `beside` it, where the mail has more. */
    readonly goes: 'instead' | 'beside';
    /** Undefined when there is nothing left to tell. */
    readonly write: (recipient: Recipient) => Promise<TextNews | typeof UNSUBSCRIBED | undefined>;
  };
}

/** A text message that ended like this does not arrive, or nobody knows: then its mail goes after all. */
const IN_VAIN: readonly NotificationStatus[] = ['PERMANENTLY_FAILED', 'UNSETTLED'];

/**
 * Tells somebody something by the channel that they prefer (ADR 64): by mail, or where they have asked for text messages to a
 * number of theirs, by such a message instead of the mail or beside it. One that does not arrive is followed by the mail.
 *
 * @returns whether this call sent a mail
 * @throws NotSettledError when the message should come back
 */
export async function tell(deps: TellDeps, news: News, now: Instant): Promise<boolean> {
  const asked = news.recipient();
  const mail = { ...news, recipient: () => asked };
  // What goes wrong here goes wrong for the mail too, whose row then says so.
  const recipient = await asked.catch(() => undefined);
  if (recipient?.texts === undefined) return sendOnce(deps, mail, now);
  const { about, event, cause, text } = news;
  const order = {
    about,
    event,
    cause,
    to: recipient.texts,
    write: async () => {
      const words = await text.write(recipient);
      return words === undefined || words === UNSUBSCRIBED
        ? words
        : { text: wordText(words, recipient.locale, deps.brand) };
    },
  };
  if (text.goes === 'instead') {
    const status = await sendTextOnce(deps, order, now);
    return IN_VAIN.includes(status) ? sendOnce(deps, mail, now) : false;
  }
  // The mail first: it must not wait for a message that only says that there is one.
  const sent = await sendOnce(deps, mail, now);
  await sendTextOnce(deps, order, now);
  return sent;
}
