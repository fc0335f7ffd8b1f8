import type { Clock, Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { tokenOf } from '../../users/tokens.ts';
import { wordAccountMail } from '../domain/account-mail.ts';
import type { AccountMailKind } from '../domain/account-texts.ts';
import { languageOf } from '../domain/languages.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails about accounts need beyond sending. */
export interface AccountMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** The key that tokens of links are derived with. */
  readonly linkKey: () => Promise<Uint8Array>;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

/** Something that happened to an account. */
type AccountEvent = Envelope<string, { readonly userId: string }>;

/**
 * Mails the link that proves an address. Neither the event nor the queue holds its token: it is derived here from what
 * the account keeps by now, so a mail that comes late has the link that lives, or is not sent at all.
 */
export async function sendVerificationMail(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await sendAccountMail(deps, event, 'verification', async ({ userId, verification }, now) => {
    if (verification === undefined || verification.until <= now) return undefined;
    const token = tokenOf(await deps.linkKey(), 'verify-email', userId, verification.nonce);
    return `${deps.publicUrl}/verify-email#token=${token}`;
  });
}

/** Tells somebody whose address is proven that the account is ready. */
export async function sendWelcomeMail(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await sendAccountMail(deps, event, 'welcome', async () => deps.publicUrl);
}

/**
 * Sends one mail about an account, once for one event.
 *
 * @param urlOf where its link leads; undefined when there is nothing left to tell
 */
async function sendAccountMail(
  deps: AccountMailDeps,
  event: AccountEvent,
  kind: AccountMailKind,
  urlOf: (account: Account, now: Instant) => Promise<string | undefined>,
): Promise<void> {
  const { userId } = event.data;
  const now = deps.clock();
  await sendOnce(
    deps,
    {
      about: { userId },
      recipient: () => deps.recipientOf(userId),
      cause: `${event.name}#${event.version}`,
      resendable: false,
      write: async ({ firstName, locale }) => {
        const account = await findAccount(deps.table, userId);
        const url = account === undefined ? undefined : await urlOf(account, now);
        if (url === undefined) return undefined;
        return { ...wordAccountMail({ kind, language: languageOf(locale), firstName, url }), attachments: [] };
      },
    },
    now,
  );
}
