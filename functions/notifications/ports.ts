import type { Result } from '../shared/kernel/result.ts';
import type { Recipient } from '../users/contract.ts';
import type { MailTags } from './keys.ts';

/** Whom to write to, or undefined where there is no such account. */
export type RecipientOf = (userId: string) => Promise<Recipient | undefined>;

/** A mail as the provider takes it. */
export interface OutgoingMail {
  readonly to: string;
  /** The whole message, RFC 5322. */
  readonly raw: Uint8Array;
  readonly notificationId: string;
  /** What the provider's feedback brings back; letters, digits, `_` and `-`. */
  readonly tags: MailTags;
}

/**
 * Why a mail was not sent. REFUSED: the provider definitely did not take it. THROTTLED: nor did it, since it is asked
 * too often. UNKNOWN: it may have. `reason`
 * is the error's name, never its message, which may quote an address (invariant I19).
 */
export interface NotSent {
  readonly code: 'REFUSED' | 'THROTTLED' | 'UNKNOWN';
  readonly reason: string;
}

/** Hands a mail to the provider exactly once, and answers the provider's message id. */
export type Mailer = (mail: OutgoingMail) => Promise<Result<string, NotSent>>;
