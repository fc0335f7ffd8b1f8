import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import type { Attributes, Write } from '../../shared/table/writes.ts';
import { phoneChanged, phoneProven } from '../account-events.ts';
import { userProfileUpdated } from '../contract.ts';
import { changedFields, changeProfile, type Profile } from '../domain/profile.ts';
import { inAccount, type Person, type PersonalData, type PersonalField } from '../personal-data.ts';
import type { ProfilePatch } from '../profile-contract.ts';
import { changeAccount } from '../writes.ts';
import { openOwnAccount, openProfile, type OpenedAccount } from './show-profile.ts';

/** What a person asks to be changed, and of which version of their profile. */
export interface ProfileUpdate {
  readonly userId: string;
  readonly patch: ProfilePatch;
  /** The version that `If-Match` names (RFC 9110 section 13.1.1); without it, whatever the version. */
  readonly ifMatch: number | 'any' | 'none' | undefined;
  readonly occasion: Occasion;
}

const ATTEMPTS = 4;
const SEALED = ['firstName', 'lastName', 'dateOfBirth', 'phone', 'address'] as const;
const PLAIN = ['locale', 'phoneVerifiedAt', 'deliveryChannel', 'mutedNews', 'consents'] as const;

/**
 * Changes a profile, all or nothing, on exactly the version that the decision was made on. What changes
 * nothing writes nothing and raises no event.
 *
 * @returns PRECONDITION_FAILED when the version is no longer the one that If-Match names, PHONE_NOT_VERIFIED or
 *   CONSENT_NEEDED as the profile decides
 * @throws StoreBusyError when the account keeps changing
 */
export async function updateProfile(
  table: Table,
  personalData: PersonalData,
  { userId, patch, ifMatch, occasion }: ProfileUpdate,
): Promise<Result<OpenedAccount, Problem>> {
  const pinned = ifMatch !== undefined && ifMatch !== 'any';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const opened = await openOwnAccount(table, personalData, userId);
    if (pinned && ifMatch !== opened.account.ver) return err(changedMeanwhile());
    const next = changeProfile(opened.profile, patch, occasion.now);
    if (!next.ok) return next;
    const written = await writeProfile(table, personalData, opened, next.value, occasion);
    if (written !== undefined) return ok(written);
    if (pinned) return err(changedMeanwhile());
  }
  throw new StoreBusyError('The account kept changing');
}

/**
 * Writes `next` over the profile that was opened.
 *
 * @returns the account as it is then; undefined when it has moved on in between
 */
export async function writeProfile(
  table: Table,
  personalData: PersonalData,
  { account, person, profile }: OpenedAccount,
  next: Profile,
  occasion: Occasion,
): Promise<OpenedAccount | undefined> {
  const changed = changedFields(profile, next);
  if (changed.size === 0) return { account, person, profile };
  const keyed = person.hasKey ? { person, keep: undefined } : await personalData.newPerson(account.userId);
  // Sealed before there were data keys: this write seals all of it anew.
  const sealedNow = person.hasKey ? SEALED.filter((field) => changed.has(field)) : SEALED;
  const changes: Record<string, Attributes[string]> = await sealFields(keyed.person, next, sealedNow);
  if (!person.hasKey) {
    const place = inAccount(account.userId, 'email');
    changes['email'] = await keyed.person.seal(place, await person.open(place, account.email));
  }
  for (const field of PLAIN) if (changed.has(field)) changes[field] = plainOf(next, field);
  const cause = { ...occasion, event: eventOf(changed, next) };
  const moved = changeAccount(account, changes, cause, () => ({ code: 'MOVED_ON' as const }));
  const writes: Write<{ readonly code: string }>[] = [moved.write, ...(keyed.keep === undefined ? [] : [keyed.keep])];
  const done = await commit(table, writes);
  if (!done.ok) return undefined;
  return { account: moved.account, person: keyed.person, profile: await openProfile(moved.account, keyed.person) };
}

/** A phone number is what codes and tickets go to: its owner is written to about it, so it has events of its own. */
function eventOf(changed: ReadonlySet<keyof Profile>, { phoneVerifiedAt }: Profile): string {
  if (changed.has('phone')) return phoneChanged.name;
  return changed.has('phoneVerifiedAt') && phoneVerifiedAt !== undefined ? phoneProven.name : userProfileUpdated.name;
}

async function sealFields(
  person: Person,
  profile: Profile,
  fields: readonly (typeof SEALED)[number][],
): Promise<Record<string, string | undefined>> {
  const seal = async (field: PersonalField & keyof Profile): Promise<[string, string | undefined]> => {
    const value = profile[field];
    if (value === undefined) return [field, undefined];
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [field, await person.seal(inAccount(person.userId, field), text)];
  };
  return Object.fromEntries(await Promise.all(fields.map(seal)));
}

function plainOf(profile: Profile, field: (typeof PLAIN)[number]): Attributes[string] {
  if (field === 'consents') return profile.consents.map((consent) => ({ ...consent }));
  if (field === 'mutedNews') return [...profile.mutedNews];
  return profile[field];
}

function changedMeanwhile(): Problem {
  return problem('PRECONDITION_FAILED', 'It has been changed since. Read it again and repeat the change.');
}
