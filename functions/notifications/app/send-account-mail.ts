import type { Clock, Instant } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Recipient } from '../../users/contract.ts';
import { findAccount, type Account } from '../../users/reads.ts';
import { tokenOf, type LinkPurpose, type PendingLink } from '../../users/tokens.ts';
import { wordAccountMail } from '../domain/account-mail.ts';
import type { AccountMailKind } from '../domain/account-texts.ts';
import { languageOf } from '../domain/languages.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails about accounts need beyond sending. */
export interface AccountMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** As `recipientOf`, at another address that the account keeps; undefined where it keeps none. */
  readonly recipientAt: (userId: string, which: 'pendingEmail' | 'previousEmail') => Promise<Recipient | undefined>;
  /** The key that tokens of links are derived with. */
  readonly linkKey: () => Promise<Uint8Array>;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

/** Something that happened to an account. */
type AccountEvent = Envelope<string, { readonly userId: string }>;

/** Where a mail's link leads; undefined when there is nothing left to tell. */
type UrlOf = (account: Account, now: Instant) => Promise<string | undefined>;

/** Where somebody asks for a new password. */
const RESET_PAGE = '/reset-password';

/**
 * Mails the link that proves an address. Neither the event nor the queue holds its token: it is derived here from what
 * the account keeps by now, so a mail that comes late has the link that lives, or is not sent at all.
 */
export async function sendVerificationMail(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await send(
    deps,
    event,
    'verification',
    link(deps, 'verify-email', '/verify-email', (account) => account.verification),
  );
}

/** Tells somebody whose address is proven that the account is ready. */
export async function sendWelcomeMail(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await send(deps, event, 'welcome', async () => deps.publicUrl);
}

/** Mails the link by which a new password is chosen. */
export async function sendResetMail(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await send(
    deps,
    event,
    'passwordReset',
    link(deps, 'reset-password', RESET_PAGE, (account) => account.passwordReset),
  );
}

/** Tells somebody of what only they should have done, or nobody: if it was not them, they choose a new password. */
export async function sendWarning(
  deps: AccountMailDeps,
  event: AccountEvent,
  kind:
    | 'passwordChanged'
    | 'phoneChanged'
    | 'phoneProven'
    | 'newDevice'
    | 'sessionCopied'
    | 'signedOutEverywhere'
    | 'dataExported',
): Promise<void> {
  await send(deps, event, kind, async () => deps.publicUrl + RESET_PAGE);
}

/** Asks the new address whether it is theirs, and tells the old one. */
export async function sendEmailChangeMails(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  const confirm = link(deps, 'confirm-email', '/confirm-email', (account) => account.emailChange);
  await sendAll([
    () => send(deps, event, 'emailChangeConfirm', confirm, 'pendingEmail'),
    () => send(deps, event, 'emailChangeNotice', async () => deps.publicUrl + RESET_PAGE),
  ]);
}

/** Tells both addresses that the account has changed from one to the other. */
export async function sendEmailChangedMails(deps: AccountMailDeps, event: AccountEvent): Promise<void> {
  await sendAll([
    () => send(deps, event, 'emailChangedOld', async () => deps.publicUrl, 'previousEmail'),
    () => send(deps, event, 'emailChanged', async () => deps.publicUrl),
  ]);
}

/** Tells the owner of a locked account, with the link that lifts the lock that the event names. */
export async function sendLockedMail(
  deps: AccountMailDeps,
  event: Envelope<string, { readonly userId: string; readonly lockId: string }>,
): Promise<void> {
  const { lockId } = event.data;
  await send(deps, event, 'accountLocked', async ({ userId, lockId: current }) => {
    if (current !== lockId) return undefined;
    return `${deps.publicUrl}/unlock#token=${tokenOf(await deps.linkKey(), 'unlock', userId, lockId)}`;
  });
}

/** The link to `path` with the token of what the account keeps for it, while it lives. */
function link(
  { linkKey, publicUrl }: AccountMailDeps,
  purpose: LinkPurpose,
  path: string,
  pendingOf: (account: Account) => PendingLink | undefined,
): UrlOf {
  return async (account, now) => {
    const pending = pendingOf(account);
    if (pending === undefined || pending.until <= now) return undefined;
    return `${publicUrl}${path}#token=${tokenOf(await linkKey(), purpose, account.userId, pending.nonce)}`;
  };
}

/** Each mail is claimed by itself: when one fails, the message comes again for that one alone. */
async function sendAll(mails: readonly (() => Promise<void>)[]): Promise<void> {
  const outcomes = await Promise.allSettled(mails.map((mail) => mail()));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Sends one mail about an account, once for one event. */
async function send(
  deps: AccountMailDeps,
  event: AccountEvent,
  kind: AccountMailKind,
  urlOf: UrlOf,
  to: 'email' | 'pendingEmail' | 'previousEmail' = 'email',
): Promise<void> {
  const { userId } = event.data;
  const now = deps.clock();
  await sendOnce(
    deps,
    {
      about: { userId },
      event,
      recipient: () => (to === 'email' ? deps.recipientOf(userId) : deps.recipientAt(userId, to)),
      cause: `${event.name}#${event.version}${to === 'email' ? '' : `#${to}`}`,
      resendable: false,
      write: async ({ firstName, locale }) => {
        const account = await findAccount(deps.table, userId);
        const url = account === undefined ? undefined : await urlOf(account, now);
        if (url === undefined) return undefined;
        const at = Date.parse(event.occurredAt);
        const mail = { kind, language: languageOf(locale), firstName, at, url };
        return { ...wordAccountMail(mail, deps), attachments: [] };
      },
    },
    now,
  );
}
