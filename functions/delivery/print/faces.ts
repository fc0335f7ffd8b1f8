import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, type Font } from 'fontkit';

import fonts from './fonts.json' with { type: 'json' };

/** The weights that our own words are set in. */
export type Weight = 'regular' | 'bold';

/** One font file of the list that the bundler puts beside the function. */
interface Face {
  readonly name: string;
  readonly file: string;
  /** Unicode scripts that it is taken for; none for what is chosen otherwise. */
  readonly scripts?: readonly string[];
}

const FACES: readonly Face[] = fonts;
const BY_SCRIPT = FACES.flatMap(({ name, scripts = [] }) =>
  scripts.map((script) => ({ name, of: new RegExp(`\\p{Script_Extensions=${script}}`, 'u') })),
);
/** Emoji as pictures: of their own nature, or asked for by variation selector 16. */
const PICTURE = /\p{Emoji_Presentation}|\p{Emoji}\u{FE0F}/u;
/** Nothing to see by themselves; a font that does not know them just leaves them out. */
const UNSEEN = /\u{200C}|\u{200D}|[\u{FE00}-\u{FE0F}]|[\u{E0000}-\u{E007F}]/gu;
const MARK = /\p{Mark}/u;
const COMMON = /^[\p{Script=Common}\p{Script=Inherited}]+$/u;

const opened = new Map<string, Font>();

/**
 * A font, read from its file when a text first needs it: those of all scripts are 16 MB. It is kept, since reading the tables of
 * a large one takes longer than setting a ticket in it.
 */
export function fontOf(name: string): Font {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const face = FACES.find((each) => each.name === name);
  if (face === undefined) throw new Error(`There is no font ${name}`);
  const font = create(readFileSync(pathOf(face.file)));
  if ('fonts' in font) throw new Error('A collection of fonts instead of one');
  tellsItsLetters(font);
  opened.set(name, font);
  return font;
}

/**
 * Has a font say for which letters a glyph stands, also when it was first met as a part of another one: fontkit keeps the "c"
 * that it needed to draw a "ç" as one that stands for nothing (its issue 154). In a font that is kept from ticket to ticket,
 * such a letter was printed, but neither copied, searched nor read aloud.
 */
function tellsItsLetters(font: Font): void {
  const glyphOf = font.getGlyph.bind(font);
  font.getGlyph = (id, codePoints = []) => {
    const glyph = glyphOf(id, codePoints);
    if (codePoints.length === 0) return glyph;
    glyph.codePoints = codePoints;
    glyph.isMark = codePoints.every((codePoint) => MARK.test(String.fromCodePoint(codePoint)));
    return glyph;
  };
}

/** Beside a bundled function lie `fonts/`; from the sources, they are found in their packages. */
function pathOf(file: string): string {
  const bundled = new URL(`./fonts/${basename(file)}`, import.meta.url);
  return fileURLToPath(existsSync(bundled) ? bundled : new URL(`../../../node_modules/${file}`, import.meta.url));
}

function covers(name: string, letters: string): boolean {
  const font = fontOf(name);
  return Array.from(letters).every((letter) => font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0));
}

/** A letter as it can be printed, and the font to print it in. */
export interface Printable {
  readonly text: string;
  readonly font: string;
}

/**
 * The font for one grapheme. What stands between letters stays in the font of the letters before it, so that words of one
 * script are one stretch. What no font covers becomes one replacement character, so that a reader sees that something
 * stood there.
 *
 * @param before the font of the grapheme before
 */
export function faceOf(grapheme: string, weight: Weight, before: string): Printable {
  const visible = grapheme.replaceAll(UNSEEN, '');
  const candidates = candidatesOf(grapheme, weight, before);
  for (const font of candidates) {
    if (covers(font, grapheme)) return { text: grapheme, font };
    if (visible !== '' && covers(font, visible)) return { text: visible, font };
  }
  return visible === '' ? { text: '', font: before } : { text: '\u{FFFD}', font: weight };
}

function candidatesOf(grapheme: string, weight: Weight, before: string): readonly string[] {
  const scripted = BY_SCRIPT.filter(({ of }) => of.test(grapheme)).map(({ name }) => name);
  if (PICTURE.test(grapheme) && !/^[\p{ASCII}]/u.test(grapheme)) return ['emoji', ...scripted, weight];
  // Fonts of pictures have wide spaces and no commas of their own.
  if (COMMON.test(grapheme)) return [before === 'emoji' ? weight : before, weight, ...scripted, 'emoji', 'han'];
  return [weight, ...scripted, 'emoji'];
}
