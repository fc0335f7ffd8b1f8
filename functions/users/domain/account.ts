import * as z from 'zod/mini';

import type { Instant } from '../../shared/kernel/clock.ts';
import { MARK, marked, type Marked } from '../../shared/table/aggregate.ts';
import { membershipRow } from '../../shared/runtime/membership.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { Attributes } from '../../shared/table/writes.ts';
import { optionalNews } from '../person-fields.ts';

/** A link that was mailed and not used yet: its token is derived from these, and dies with them. */
const pendingLink = z.object({
  /** Random, so that a new link ends the one before it; worthless without the key (see `tokens.ts`). */
  nonce: z.string(),
  /** From when on the link is dead, milliseconds since the epoch. */
  until: z.int(),
});
export type PendingLink = z.infer<typeof pendingLink>;

/** What the row of an account may hold; `docs/personal-data.md` says of each attribute what it is for. */
export const accountRow = z.object({
  userId: z.string(),
  /** Sealed by `personal-data.ts`, as are the names and the birth date; empty once the person is erased. */
  email: z.string(),
  /**
   * Of rows from before: the keyed hash of the address. The timeline keeps whatever a row says for ever, and who has
   * the key could try addresses on it after an erasure, so it is computed from the address where it is needed.
   */
  emailHash: z.optional(z.string()),
  firstName: z.string(),
  lastName: z.string(),
  dateOfBirth: z.optional(z.string()),
  /** Sealed; E.164. */
  phone: z.optional(z.string()),
  /** Sealed; JSON of `postalAddress`. */
  address: z.optional(z.string()),
  /** Since when the number is proven to be theirs, which is the opt-in for text messages. */
  phoneVerifiedAt: z.optional(z.int()),
  deliveryChannel: z.optional(z.enum(['email', 'sms'])),
  /** History: entries are added and closed, never taken away. */
  consents: z.optional(
    z.array(
      z.object({
        name: z.string(),
        version: z.string(),
        givenAt: z.int(),
        withdrawnAt: z.optional(z.int()),
      }),
    ),
  ),
  /** What they do without; see `person-fields.ts`. */
  mutedNews: z.optional(z.array(optionalNews)),
  locale: z.string(),
  status: z.enum(['UNVERIFIED', 'VERIFIED']),
  roles: z.array(z.enum(['customer', 'staff', 'organizer', 'support', 'admin'])),
  /** A copy of what the organisations' rows say of the person, for log-ins. */
  memberships: z.array(membershipRow),
  /** Grows with each change that live sessions must hear of; see `app/sessions-of.ts`. */
  accessEpoch: z.int(),
  /** The link that proves that the address is theirs, until it has come back. */
  verification: z.optional(pendingLink),
  /** The link by which a new password is chosen. */
  passwordReset: z.optional(pendingLink),
  /** The link that proves the address in `pendingEmail`, sealed, which takes the place of `email` then. */
  emailChange: z.optional(pendingLink),
  pendingEmail: z.optional(z.string()),
  /** Sealed: the address before the last change, which is told of it. */
  previousEmail: z.optional(z.string()),
  createdAt: z.int(),
  /** Since when an administrator has barred the person. */
  bannedAt: z.optional(z.int()),
  /** When the password was last set since the account was made; its own row says the same, unless one of the two is old. */
  passwordChangedAt: z.optional(z.int()),
  /** The lock that the owner was last written to about, and until when it lasts; `log-ins.ts` keeps what counts. */
  lockId: z.optional(z.string()),
  lockedUntil: z.optional(z.int()),
  /** When all that is kept about the person was last handed out. */
  exportedAt: z.optional(z.int()),
  /** Since when the account is anonymised: nobody signs in, and nothing personal can be opened. */
  deletedAt: z.optional(z.int()),
  /** Since when nothing is left of an anonymised one but this row and its timeline. */
  erasedAt: z.optional(z.int()),
});

/** What an account's row keeps. */
export type AccountDetails = z.infer<typeof accountRow>;

/** An account as its row keeps it, with its change mark; personal fields are sealed. */
export type Account = AccountDetails & Marked & Item;

/** Reads an item as an account. @throws when it is none */
export function parseAccount(item: Item): Account {
  return { ...marked(item), ...z.parse(accountRow, item) };
}

/** Whether somebody may sign in to the account at all. */
export function isOpen({ bannedAt, deletedAt }: Pick<AccountDetails, 'bannedAt' | 'deletedAt'>): boolean {
  return bannedAt === undefined && deletedAt === undefined;
}

/** What is left in the row of an anonymised account: ids and times, by which orders and the audit stay whole. */
const KEPT: ReadonlySet<string> = new Set([
  'pk',
  'sk',
  ...MARK,
  'userId',
  'status',
  'accessEpoch',
  'createdAt',
  'bannedAt',
  'deletedAt',
  'erasedAt',
]);

/** The changes that anonymise `account`: whatever is not known to be impersonal goes, also what later work adds. */
export function anonymised(account: Account, now: Instant): Attributes {
  const gone = Object.keys(account).filter((name) => !KEPT.has(name));
  return {
    ...Object.fromEntries(gone.map((name) => [name, undefined])),
    email: '',
    firstName: '',
    lastName: '',
    locale: 'en',
    roles: [],
    memberships: [],
    deletedAt: now,
  };
}
