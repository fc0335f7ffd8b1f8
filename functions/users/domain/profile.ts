import type { Instant } from '../../shared/kernel/clock.ts';
import { canonicalJson } from '../../shared/kernel/hash.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { optionalNews, type OptionalNews } from '../person-fields.ts';
import type { PostalAddress, ProfilePatch } from '../profile-contract.ts';

/** A consent as the account keeps it. */
export interface Consent {
  readonly name: string;
  readonly version: string;
  readonly givenAt: Instant;
  readonly withdrawnAt?: Instant | undefined;
}

/** What a person may change of their account, opened. */
export interface Profile {
  readonly firstName: string;
  readonly lastName: string;
  readonly locale: string;
  /** As is `previousEmail`: not changed with a profile, but shown with it. */
  readonly pendingEmail?: string | undefined;
  readonly previousEmail?: string | undefined;
  readonly dateOfBirth?: string | undefined;
  /** E.164. */
  readonly phone?: string | undefined;
  readonly address?: PostalAddress | undefined;
  readonly phoneVerifiedAt?: Instant | undefined;
  readonly deliveryChannel: 'email' | 'sms';
  /** In the order of `optionalNews`, so that the same choice is written the same. */
  readonly mutedNews: readonly OptionalNews[];
  readonly consents: readonly Consent[];
}

/** Years of changing one's mind; nobody clicks that often, and an item has room for 400 KB. */
const MOST_CONSENTS = 200;

/**
 * The profile that `patch` makes of `profile`. Another phone number, or none, ends the opt-in for text
 * messages: it was given by proving the old number.
 *
 * @returns PHONE_NOT_VERIFIED for text messages to an unproven number; CONSENT_NEEDED for withdrawing what an
 *   account cannot be without
 */
export function changeProfile(profile: Profile, patch: ProfilePatch, now: Instant): Result<Profile, Problem> {
  const { consents: decided = [], news = {}, ...fields } = patch;
  if (decided.some(({ name, given }) => name === 'terms' && !given)) {
    return err(problem('CONSENT_NEEDED', 'There is no account without the terms. Delete the account instead.'));
  }
  const consents = nextConsents(profile.consents, decided, now);
  if (consents.length > MOST_CONSENTS) {
    return err(problem('CONSENT_NEEDED', 'Consents were changed too often; ask us to change them for you.'));
  }
  const mutedNews = optionalNews.options.filter((kind) =>
    news[kind] === undefined ? profile.mutedNews.includes(kind) : !news[kind],
  );
  const merged = { ...profile, ...given(fields), mutedNews, consents };
  const optedOut =
    merged.phone !== profile.phone ? { phoneVerifiedAt: undefined, deliveryChannel: 'email' as const } : {};
  const next: Profile = { ...merged, ...optedOut };
  const wantsSms = patch.deliveryChannel === 'sms';
  if (wantsSms && next.phoneVerifiedAt === undefined) {
    return err(problem('PHONE_NOT_VERIFIED', 'Prove the phone number first: POST /api/auth/me/phone/verification.'));
  }
  return ok(next);
}

/** The members that are there, null read as "taken away". */
function given(fields: Omit<ProfilePatch, 'consents' | 'news'>): Partial<Profile> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value ?? undefined]])),
  );
}

/** Adds what was decided to the history: the same version given again is no news, another one closes the last. */
function nextConsents(
  history: readonly Consent[],
  decided: NonNullable<ProfilePatch['consents']>,
  now: Instant,
): readonly Consent[] {
  let next = history;
  for (const { name, version, given: isGiven } of decided) {
    const open = next.find((entry) => entry.name === name && entry.withdrawnAt === undefined);
    if (isGiven && open?.version === version) continue;
    if (open !== undefined) next = next.map((entry) => (entry === open ? { ...entry, withdrawnAt: now } : entry));
    if (isGiven) next = [...next, { name, version, givenAt: now }];
  }
  return next;
}

/** Names of the members in which `next` differs from `profile`. */
export function changedFields(profile: Profile, next: Profile): ReadonlySet<keyof Profile> {
  const names: readonly (keyof Profile)[] = [
    'firstName',
    'lastName',
    'locale',
    'dateOfBirth',
    'phone',
    'address',
    'phoneVerifiedAt',
    'deliveryChannel',
    'mutedNews',
    'consents',
  ];
  const text = (value: unknown): string => (value === undefined ? '' : canonicalJson(value));
  return new Set(names.filter((name) => text(profile[name]) !== text(next[name])));
}
