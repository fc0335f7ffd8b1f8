import type * as z from 'zod/mini';

import { findEvents } from '../../catalog/reads.ts';
import type { apiKeyCreated } from '../../organizations/api-keys-contract.ts';
import type { userRolesChanged } from '../../organizations/contract.ts';
import { findApiKeys, findOrganization, findOrganizations, organizersOf } from '../../organizations/reads.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import type { Membership } from '../../shared/runtime/membership.ts';
import type { Table } from '../../shared/table/client.ts';
import { findAccount, findAccounts, type Account } from '../../users/reads.ts';
import type { Recipient } from '../../users/contract.ts';
import {
  wordBanMail,
  wordKeyMail,
  wordPostsMail,
  wordRolesMail,
  type KeyNews,
  type NamedPost,
} from '../domain/access-mail.ts';
import type { MailText } from '../domain/ticket-mail.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails about access need beyond sending. */
export interface AccessMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  readonly clock: Clock;
}

type OfUser = Envelope<string, z.infer<(typeof userRolesChanged)['data']>>;
type OfKey = Envelope<string, z.infer<(typeof apiKeyCreated)['data']>>;

/** Tells somebody which roles they have now. */
export async function sendRolesMail(deps: AccessMailDeps, event: OfUser): Promise<void> {
  await tellPerson(deps, event, async (recipient, { roles }) => wordRolesMail(recipient, roles, deps));
}

/** Tells somebody which posts they hold now. */
export async function sendPostsMail(deps: AccessMailDeps, event: OfUser): Promise<void> {
  await tellPerson(deps, event, async (recipient, { memberships }) =>
    wordPostsMail(recipient, await namedPosts(deps.table, memberships), deps),
  );
}

/** Tells somebody that they are barred, or no longer. */
export async function sendBanMail(deps: AccessMailDeps, event: OfUser, what: 'banned' | 'unbanned'): Promise<void> {
  await tellPerson(deps, event, async (recipient) => wordBanMail(recipient, what, deps));
}

/**
 * Tells one person what their account is like by now: of two changes in a row both mails say what came of them. Who is
 * erased is told nothing, and neither is an address that nobody has shown to be theirs.
 */
async function tellPerson(
  deps: AccessMailDeps,
  event: OfUser,
  words: (recipient: Recipient, account: Account) => Promise<MailText>,
): Promise<void> {
  const { userId } = event.data;
  const account = await findAccount(deps.table, userId);
  if (account === undefined || !isReachable(account)) return;
  await sendOnce(
    deps,
    {
      about: { userId },
      event,
      recipient: () => deps.recipientOf(userId),
      cause: `${event.name}#${event.version}`,
      resendable: false,
      write: async (recipient) => ({ ...(await words(recipient, account)), attachments: [] }),
    },
    deps.clock(),
  );
}

function isReachable({ status, deletedAt }: Account): boolean {
  return status === 'VERIFIED' && deletedAt === undefined;
}

/** Posts with the names of their organisations and events, organisation by organisation. */
export async function namedPosts(table: Table, memberships: readonly Membership[]): Promise<readonly NamedPost[]> {
  const [organizations, events] = await Promise.all([
    findOrganizations(table, [...new Set(memberships.map(({ organizationId }) => organizationId))]),
    findEvents(table, [...new Set(memberships.flatMap(({ eventId }) => eventId ?? []))]),
  ]);
  const names = new Map(organizations.map(({ organizationId, name }) => [organizationId, name]));
  return memberships.map(({ organizationId, ...held }) => {
    const event = held.eventId === undefined ? undefined : events.get(held.eventId);
    return {
      ...held,
      organization: names.get(organizationId) ?? organizationId,
      ...(event === undefined ? {} : { event: { title: event.title, timeZone: event.timeZone } }),
    };
  });
}

/** Mails of one event under way at once: SES takes a few a second, and most organisations have a few organizers. */
const AT_A_TIME = 5;

/**
 * Tells every organizer of an organisation that one of its API keys was made or revoked: whoever holds it acts for all of
 * them. Each mail is claimed by itself, so when one fails the message comes again for that one alone.
 *
 * @throws NotSettledError for the first that is not settled, once all have been tried
 */
export async function sendKeyMails(deps: AccessMailDeps, event: OfKey, what: KeyNews['what']): Promise<void> {
  const { organizationId, changedKeyId, by } = event.data;
  const [organization, keys] = await Promise.all([
    findOrganization(deps.table, organizationId),
    findApiKeys(deps.table, [changedKeyId]),
  ]);
  const key = keys.get(changedKeyId);
  if (organization === undefined || key === undefined) return;
  const maker = organization.members.some(({ userId }) => userId === by) ? await deps.recipientOf(by) : undefined;
  const news: KeyNews = {
    what,
    organization: organization.name,
    name: key.name,
    scopes: key.scopes,
    ...(maker === undefined ? {} : { by: `${maker.firstName} ${maker.lastName}` }),
  };
  const organizers = (await findAccounts(deps.table, organizersOf(organization))).filter(
    (account) => isReachable(account) && account.bannedAt === undefined,
  );
  const failures: unknown[] = [];
  for (let start = 0; start < organizers.length; start += AT_A_TIME) {
    const sent = await Promise.allSettled(
      organizers.slice(start, start + AT_A_TIME).map(({ userId }) => tellOrganizer(deps, event, userId, news)),
    );
    failures.push(...sent.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : [])));
  }
  if (failures.length > 0) throw failures[0];
}

async function tellOrganizer(deps: AccessMailDeps, event: OfKey, userId: string, news: KeyNews): Promise<void> {
  await sendOnce(
    deps,
    {
      about: { userId },
      event,
      recipient: () => deps.recipientOf(userId),
      // Lists of keys of several organisations count their versions from one.
      cause: `${event.name}#${event.aggregate.id}#${event.version}`,
      resendable: false,
      write: async (recipient) => ({ ...wordKeyMail(recipient, news, deps), attachments: [] }),
    },
    deps.clock(),
  );
}
