import { DAY } from '../../shared/kernel/clock.ts';
import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import { weaknessOf } from '../domain/password-rules.ts';
import type { Registration } from '../registration-contract.ts';
import { newLink } from '../tokens.ts';
import { createAccount, type AccountSecrets } from './create-account.ts';

/** How long the link of a verification mail lives (HTTP contract). */
export const VERIFICATION_LIVES_MS = DAY;

/**
 * Makes an account that nobody can sign in to before its address is proven; the mail with the link follows from
 * the event. The claim of the address decides who comes first, however it is spelled and however many ask at once.
 *
 * @returns WEAK_PASSWORD with every rule that is broken, EMAIL_ALREADY_REGISTERED, or CONSENT_NEEDED
 */
export async function register(
  table: Table,
  secrets: AccountSecrets,
  { consents = [], locale = 'en', ...person }: Registration,
  occasion: Occasion,
): Promise<Result<{ readonly userId: string }, Problem>> {
  const weakness = weaknessOf(person.password, 'password');
  if (weakness !== undefined) return err(weakness);
  if (consents.some(({ name, given }) => name === 'terms' && !given))
    return err(problem('CONSENT_NEEDED', 'There is no account without the terms.'));
  const given = consents.filter((consent) => consent.given);
  const created = await createAccount(
    table,
    secrets,
    {
      ...person,
      locale,
      consents: given.map(({ name, version }) => ({ name, version, givenAt: occasion.now })),
      status: 'UNVERIFIED',
      roles: ['customer'],
      memberships: [],
      verification: newLink(occasion.now, VERIFICATION_LIVES_MS),
    },
    occasion,
  );
  if (created.ok) return ok({ userId: created.value.userId });
  return err(problem('EMAIL_ALREADY_REGISTERED', 'Log in, or ask for a new password if you have forgotten yours.'));
}
