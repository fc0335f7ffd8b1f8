import * as z from 'zod/mini';

// What people tell about themselves, at registration and later: apart from `profile-contract.ts`, which brings the
// numbering plans of all countries along.

/** Text that is kept: one line, without control characters, such that it comes back from the store unchanged. */
export const line = (longest: number) =>
  z.string().check(
    z.trim(),
    z.minLength(1),
    z.maxLength(longest),
    z.regex(/^[^\p{Cc}\u{2028}\u{2029}]*$/u, 'Control characters and line breaks are not taken'),
    z.refine((text) => text.isWellFormed(), 'This is not well-formed Unicode'),
  );

/** BCP 47. */
export const locale = z
  .string()
  .check(
    z.minLength(2),
    z.maxLength(35),
    z.regex(/^[A-Za-z0-9]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'This is no language tag; write one such as en or de-CH'),
    z.refine(isLocale, 'This is no language tag; write one such as en or de-CH'),
  );

/** A day in the past that a living person can have been born on. */
export const dateOfBirth = z.iso
  .date()
  .check(z.refine((day) => day >= '1900-01-01' && Date.parse(day) < Date.now(), 'Nobody alive was born on that day'));

/** What somebody can consent to. Without the terms there is no account, so those are not withdrawn here. */
export const consentName = z.enum(['terms', 'privacy', 'marketing-email', 'marketing-sms', 'analytics']);

/**
 * What somebody who has tickets may do without: organizers' notices, and reminders. Whatever they need to use their tickets,
 * or must be told of money and account, is no choice (ADR 61).
 */
export const optionalNews = z.enum(['notices', 'reminders']);
export type OptionalNews = z.infer<typeof optionalNews>;

const consentVersion = z
  .string()
  .check(z.minLength(1), z.maxLength(32), z.regex(/^[\w.-]+$/, 'Letters, digits, dots, dashes and underscores'));

/** What somebody agrees to or no longer does, each with the version of its text. */
export const consents = z
  .array(z.strictObject({ name: consentName, version: consentVersion, given: z.boolean() }))
  .check(
    z.maxLength(consentName.options.length),
    z.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'Each name once'),
  );

/** One plain address: no list, no comment, nothing that could end a header, nothing that cannot be seen. */
const ADDRESS =
  /^[^\s@<>()[\],;:\\"\p{Cc}\p{Default_Ignorable_Code_Point}]{1,64}@[^\s@<>()[\],;:\\"\p{Cc}\p{Default_Ignorable_Code_Point}]+$/u;

/** An address that mail can be sent to, in Unicode's compatible form: full-width letters are letters. */
export const emailAddress = z.string().check(
  z.maxLength(254),
  z.refine((text) => text.isWellFormed(), 'This is not well-formed Unicode'),
  z.overwrite((text) => text.trim().normalize('NFKC')),
  z.refine((text) => ADDRESS.test(text) && isHost(text.slice(text.lastIndexOf('@') + 1)), 'This is no e-mail address'),
);

/** Whether mail could be for `host`: a name with a domain above it. */
function isHost(host: string): boolean {
  return URL.canParse(`https://${host}`) && /^[^.]+(\.[^.]+)+$/.test(host) && !/^[\d.]+$/.test(host);
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
