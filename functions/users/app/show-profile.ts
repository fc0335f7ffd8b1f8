import { toTimestamp } from '../../shared/kernel/clock.ts';
import { problem, ProblemError } from '../../shared/kernel/problems.ts';
import type { Table } from '../../shared/table/client.ts';
import { isOpen } from '../domain/account.ts';
import type { Profile } from '../domain/profile.ts';
import { inAccount, type Person, type PersonalData, type PersonalField } from '../personal-data.ts';
import { consentName } from '../person-fields.ts';
import { postalAddress, type ProfileView } from '../profile-contract.ts';
import { findAccount, type Account } from '../reads.ts';
import { showAccount } from './show-account.ts';

/** An account with its person and what they may change of it, opened. */
export interface OpenedAccount {
  readonly account: Account;
  readonly person: Person;
  readonly profile: Profile;
}

/**
 * The account behind a live session, opened.
 *
 * @throws ProblemError NOT_SIGNED_IN when it is gone: so is its session
 */
export async function openOwnAccount(table: Table, personalData: PersonalData, userId: string): Promise<OpenedAccount> {
  const [account, person] = await Promise.all([findAccount(table, userId), personalData.person(userId)]);
  if (account === undefined || !isOpen(account)) {
    throw new ProblemError(problem('NOT_SIGNED_IN', 'This account is gone.'));
  }
  return { account, person, profile: await openProfile(account, person) };
}

/** What a person may change of their account, opened. */
export async function openProfile(account: Account, person: Person): Promise<Profile> {
  const { userId, locale, phoneVerifiedAt, deliveryChannel = 'email', mutedNews = [], consents = [] } = account;
  const open = (field: PersonalField, sealed: string): Promise<string> => person.open(inAccount(userId, field), sealed);
  const maybe = async (field: PersonalField): Promise<string | undefined> => {
    const sealed = account[field];
    return sealed === undefined ? undefined : open(field, sealed);
  };
  const [firstName, lastName, dateOfBirth, phone, address, pendingEmail, previousEmail] = await Promise.all([
    open('firstName', account.firstName),
    open('lastName', account.lastName),
    maybe('dateOfBirth'),
    maybe('phone'),
    maybe('address'),
    maybe('pendingEmail'),
    maybe('previousEmail'),
  ]);
  return {
    firstName,
    lastName,
    locale,
    pendingEmail,
    previousEmail,
    dateOfBirth,
    phone,
    address: address === undefined ? undefined : postalAddress.parse(JSON.parse(address)),
    phoneVerifiedAt,
    deliveryChannel,
    mutedNews,
    consents,
  };
}

/** An account as its owner sees it, with all that it keeps about them. */
export async function showProfile(
  table: Table,
  personalData: PersonalData,
  { account, profile }: Pick<OpenedAccount, 'account' | 'profile'>,
): Promise<ProfileView> {
  return {
    ...(await showAccount(table, personalData, account)),
    pendingEmail: profile.pendingEmail ?? null,
    previousEmail: profile.previousEmail ?? null,
    dateOfBirth: profile.dateOfBirth ?? null,
    phone: profile.phone ?? null,
    phoneVerified: profile.phoneVerifiedAt !== undefined,
    address: profile.address ?? null,
    deliveryChannel: profile.deliveryChannel,
    news: {
      notices: !profile.mutedNews.includes('notices'),
      reminders: !profile.mutedNews.includes('reminders'),
    },
    consents: profile.consents.map(({ name, version, givenAt, withdrawnAt }) => ({
      name: consentName.parse(name),
      version,
      givenAt: toTimestamp(givenAt),
      withdrawnAt: withdrawnAt === undefined ? null : toTimestamp(withdrawnAt),
    })),
  };
}
