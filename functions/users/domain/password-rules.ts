import { problem, type Problem } from '../../shared/kernel/problems.ts';
import { isAboutPerson, isCommonPassword } from './common-passwords.ts';

/** What a password is held against beside its own letters. */
export interface PasswordContext {
  /** Passwords that many people have, in lower case. */
  readonly common: ReadonlySet<string>;
  /** Names and addresses of whose it is to be. */
  readonly about: readonly string[];
}

/** What a password must be: as seed 002 requirement 1 has it, and such as nobody guesses first. Each asks in a sentence. */
const RULES = [
  { name: 'LENGTH', asks: 'At least 12 characters', holds: (text: string) => Array.from(text).length >= 12 },
  { name: 'UPPER_CASE', asks: 'An upper-case letter', holds: (text: string) => /\p{Lu}/u.test(text) },
  { name: 'LOWER_CASE', asks: 'A lower-case letter', holds: (text: string) => /\p{Ll}/u.test(text) },
  { name: 'DIGIT', asks: 'A digit', holds: (text: string) => /\p{Nd}/u.test(text) },
  { name: 'SPECIAL', asks: 'A character that is neither letter nor digit', holds: hasSpecial },
  {
    name: 'TOO_COMMON',
    asks: 'More than a common password with digits and signs around it, a row of keys, or something short repeated',
    holds: (text: string, { common }: PasswordContext) => !isCommonPassword(text, common),
  },
  {
    name: 'PERSONAL',
    asks: 'More than your name or e-mail address',
    holds: (text: string, { about }: PasswordContext) => !isAboutPerson(text, about),
  },
] as const;

/** A rule by its name. */
export type PasswordRule = (typeof RULES)[number]['name'];

/**
 * WEAK_PASSWORD with each rule that `password` does not keep, or undefined for one that keeps all.
 *
 * @param path where the password stands in the body
 */
export function weaknessOf(
  password: string,
  path: string,
  context: PasswordContext,
): Problem<'WEAK_PASSWORD'> | undefined {
  // As it will be hashed: a letter and its accent are one character.
  const composed = password.normalize('NFC');
  const broken = RULES.filter(({ holds }) => !holds(composed, context));
  if (broken.length === 0) return undefined;
  return problem('WEAK_PASSWORD', 'Choose a password that has what `errors` lists as well.', {
    errors: broken.map(({ asks }) => ({ path, message: asks })),
    extra: { missing: broken.map(({ name }) => name) },
  });
}

function hasSpecial(text: string): boolean {
  return /[^\p{L}\p{M}\p{N}]/u.test(text);
}
