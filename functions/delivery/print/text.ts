/** Scripts that the embedded Noto Sans covers; further scripts need fonts of their own. */
const COVERED = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]+$/u;
/** Emoji, and signs that belong to no script but are in other fonts: arrows, boxes, East Asian marks. */
const PICTURE =
  /\p{Emoji_Presentation}|\u{FE0F}|[\u{2190}-\u{2BFF}\u{2E80}-\u{A63F}\u{AB70}-\u{FFFC}\u{10000}-\u{10FFFF}]/u;
/** Controls end lines or reorder what is printed around them (invariant I25). */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]+/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * `text` as it can be printed: what the font does not cover shows as one replacement character each, so
 * that a reader sees that something stood there, and nothing can break the layout or crash it.
 */
export function printable(text: string): string {
  const clean = text.normalize('NFC').replaceAll(CONTROLS, ' ');
  return Array.from(graphemes.segment(clean), ({ segment }) =>
    COVERED.test(segment) && !PICTURE.test(segment) ? segment : '\u{FFFD}',
  ).join('');
}
