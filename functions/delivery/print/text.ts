/** Controls end lines or reorder what is printed around them (invariant I25); direction follows from the letters alone. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u{061C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]+/gu;
/** Half of a character, which is none. */
const LONE = /\p{Surrogate}/gu;
/** Marks upon one letter that a page may be asked to pile up; no language needs as many. */
const MOST_MARKS = 8;
const PILED = new RegExp(`(\\p{M}{${MOST_MARKS}})\\p{M}+`, 'gu');

/** `text` in one line, without anything that could break the page: what its letters are printed in, `faces.ts` says. */
export function printable(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(CONTROLS, ' ')
    .replaceAll(LONE, '\u{FFFD}')
    .replaceAll(PILED, '$1')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
