import { randomInt } from 'node:crypto';

import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit, StoreBusyError } from '../../shared/table/commit.ts';
import { readKey } from '../../shared/runtime/secrets.ts';
import {
  anotherSend,
  CODE_LIVES_MS,
  hashCode,
  hashPhone,
  isSameHash,
  MOST_TRIES,
  PER_NUMBER,
  PER_PERSON,
  RESEND_AFTER_MS,
  type SentCode,
} from '../domain/phone-code.ts';
import type { PersonalData } from '../personal-data.ts';
import { findPhoneCode, findPhoneSends } from '../reads.ts';
import type { SmsSender } from '../sms.ts';
import { countPhoneSend, countPhoneTry, putPhoneCode, spendPhoneCode } from '../writes.ts';
import { openOwnAccount, type OpenedAccount } from './show-profile.ts';
import { writeProfile } from './update-profile.ts';

/** What proving a phone number needs. */
export interface PhoneDeps {
  readonly table: Table;
  readonly personalData: PersonalData;
  readonly sms: SmsSender;
  /** Secret parameter of the key that codes and numbers are hashed with. */
  readonly hashKey: string;
}

/**
 * Sends a new code to the number in the profile; the code before it is worth nothing from then on. The send
 * is counted before it is made, so that neither parallel requests nor a lost answer send more than the limits.
 *
 * @returns PHONE_MISSING, TOO_MANY_REQUESTS, PHONE_NOT_REACHABLE or SMS_PROVIDER_UNAVAILABLE
 */
export async function sendPhoneCode(
  { table, personalData, sms, hashKey }: PhoneDeps,
  userId: string,
  now: Instant,
): Promise<Result<{ readonly expiresAt: string; readonly resendAfter: number }, Problem>> {
  const { profile } = await openOwnAccount(table, personalData, userId);
  if (profile.phone === undefined) return err(phoneMissing());
  const key = await readKey(hashKey);
  const number = hashPhone(key, profile.phone);
  const [before, sends] = await Promise.all([findPhoneCode(table, userId), findPhoneSends(table, number)]);
  const mine = anotherSend(before, PER_PERSON, now);
  const numbers = anotherSend(sends, PER_NUMBER, now);
  if (!mine.ok) return err(tooMany(mine.error.retryAfter));
  if (!numbers.ok) return err(tooMany(numbers.error.retryAfter));
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const expiresAt = now + CODE_LIVES_MS;
  const sent: SentCode = { ...mine.value, codeHash: hashCode(key, userId, profile.phone, code), expiresAt, tries: 0 };
  const other = (): 'OTHER' => 'OTHER';
  const counted = await commit(table, [
    putPhoneCode(userId, sent, before?.rev, other),
    countPhoneSend(number, numbers.value, sends?.rev, other),
  ]);
  if (!counted.ok) return err(tooMany(RESEND_AFTER_MS / 1_000));
  const done = await sms(profile.phone, wordCode(code));
  if (done.ok) return ok({ expiresAt: toTimestamp(expiresAt), resendAfter: RESEND_AFTER_MS / 1_000 });
  return err(
    done.error === 'REFUSED'
      ? problem('PHONE_NOT_REACHABLE', 'This number takes no messages of ours. Set another one.')
      : problem('SMS_PROVIDER_UNAVAILABLE', 'Try again in a minute.', { retryAfter: RESEND_AFTER_MS / 1_000 }),
  );
}

/** Short enough for one message; no link, since codes are what phishing asks for. */
function wordCode(code: string): string {
  return `${code} is your Onsale code. It is good for 10 minutes. We never ask you for it by phone or mail.`;
}

/**
 * Takes the code that came back. Each try is counted before it is looked at, so that any number of parallel
 * guesses gets five looks. The right one marks the number as proven and spends the code in one transaction.
 *
 * @returns PHONE_MISSING, PHONE_CODE_WRONG with the tries that are left, or PHONE_CODE_INVALID_OR_EXPIRED
 */
export async function confirmPhoneCode(
  { table, personalData, hashKey }: PhoneDeps,
  userId: string,
  code: string,
  occasion: Occasion,
): Promise<Result<OpenedAccount, Problem>> {
  const opened = await openOwnAccount(table, personalData, userId);
  const { phone } = opened.profile;
  if (phone === undefined) return err(phoneMissing());
  const sent = await findPhoneCode(table, userId);
  if (sent === undefined) return err(codeIsDead());
  const counted = await commit(table, [countPhoneTry(userId, sent.codeHash, occasion.now, () => 'DEAD' as const)]);
  if (!counted.ok) return err(codeIsDead());
  if (!isSameHash(sent.codeHash, hashCode(await readKey(hashKey), userId, phone, code))) {
    const triesLeft = Math.max(0, MOST_TRIES - 1 - sent.tries);
    return err(problem('PHONE_CODE_WRONG', 'Look at the latest message again.', { extra: { triesLeft } }));
  }
  // The number is proven whatever becomes of the code: spending it afterwards only spares its ten minutes.
  const proven = { ...opened.profile, phoneVerifiedAt: occasion.now };
  const written = await writeProfile(table, personalData, opened, proven, occasion);
  if (written === undefined) throw new StoreBusyError('The account changed while its phone number was proven');
  await commit(table, [spendPhoneCode(userId, sent.codeHash, () => 'SPENT' as const)]);
  return ok(written);
}

function phoneMissing(): Problem {
  return problem('PHONE_MISSING', 'Set a phone number first: PATCH /api/auth/me.');
}

function codeIsDead(): Problem {
  return problem('PHONE_CODE_INVALID_OR_EXPIRED', 'Ask for a new code.');
}

function tooMany(retryAfter: number): Problem {
  return problem('TOO_MANY_REQUESTS', 'Wait before you ask for another code.', { retryAfter });
}
