import { problem, type Problem } from '../../shared/kernel/problems.ts';

/** What a password must have (seed 002 requirement 1), each with the sentence that asks for it. */
const RULES = [
  { name: 'LENGTH', asks: 'At least 12 characters', holds: (text: string) => Array.from(text).length >= 12 },
  { name: 'UPPER_CASE', asks: 'An upper-case letter', holds: (text: string) => /\p{Lu}/u.test(text) },
  { name: 'LOWER_CASE', asks: 'A lower-case letter', holds: (text: string) => /\p{Ll}/u.test(text) },
  { name: 'DIGIT', asks: 'A digit', holds: (text: string) => /\p{Nd}/u.test(text) },
  { name: 'SPECIAL', asks: 'A character that is neither letter nor digit', holds: hasSpecial },
] as const;

/** A rule by its name. */
export type PasswordRule = (typeof RULES)[number]['name'];

/**
 * WEAK_PASSWORD with each rule that `password` does not keep, or undefined for one that keeps all.
 *
 * @param path where the password stands in the body
 */
export function weaknessOf(password: string, path: string): Problem<'WEAK_PASSWORD'> | undefined {
  // As it will be hashed: a letter and its accent are one character.
  const composed = password.normalize('NFC');
  const broken = RULES.filter(({ holds }) => !holds(composed));
  if (broken.length === 0) return undefined;
  return problem('WEAK_PASSWORD', 'Choose a password that has what `errors` lists as well.', {
    errors: broken.map(({ asks }) => ({ path, message: asks })),
    extra: { missing: broken.map(({ name }) => name) },
  });
}

function hasSpecial(text: string): boolean {
  return /[^\p{L}\p{M}\p{N}]/u.test(text);
}
