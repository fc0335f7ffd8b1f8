import * as z from 'zod/mini';

/**
 * What breaks a line (controls, U+2028, U+2029) or turns the direction of what follows it: in a mail, a table or a
 * calendar such a name would change what stands beside it (invariant I25). Marks of direction that end with the
 * letter before them (U+200E, U+200F) are left to who writes Hebrew or Arabic.
 */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u;
/** The same of several lines. */
const LINES = /^(?:[^\p{Cc}\u202A-\u202E\u2066-\u2069]|[\t\n\r])*$/u;
/** Something to see: zero-width characters alone would be an empty name. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Half of a surrogate pair cannot be stored: it would come back as another character. */
const wellFormed = z.refine<string>((text) => text.isWellFormed(), 'This is not well-formed Unicode');

/** A name as it is compared: other widths of its characters, another case and more spaces make no other name. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').toLowerCase();
}

/** Text on one line, trimmed, that something is to be seen of. @param longest in UTF-16 units */
export function lineOfText(longest: number): z.ZodMiniString {
  return z.string().check(
    z.trim(),
    z.minLength(1),
    z.maxLength(longest),
    z.regex(ONE_LINE, 'Line breaks, control characters and what turns the direction of text are not allowed'),
    z.refine<string>((text) => text === '' || VISIBLE.test(text), 'There is nothing to be seen of this'),
    wellFormed,
  );
}

/** Text of several lines, trimmed; it may be empty. @param longest in UTF-16 units */
export function linesOfText(longest: number): z.ZodMiniString {
  return z
    .string()
    .check(
      z.trim(),
      z.maxLength(longest),
      z.regex(LINES, 'Control characters and what turns the direction of text are not allowed'),
      wellFormed,
    );
}
