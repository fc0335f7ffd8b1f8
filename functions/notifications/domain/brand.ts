import * as z from 'zod/mini';

const color = z.string().check(z.regex(/^#[\da-f]{6}$/));
const line = (most: number) => z.string().check(z.regex(/^[^\p{Cc}<>]+$/u), z.maxLength(most));

/** How the operator appears in mails: a setting of the stage (`lib/stages.ts`). */
const brandSetting = z.strictObject({
  /** What the operator is called, and what mails come from. */
  name: line(40),
  /** Behind titles and on buttons. What is written on it is white or dark, whichever can be read. */
  color,
  /** A stripe of another colour. */
  accent: color,
  /** Shown above titles instead of the name, which is its alternative text. */
  logo: z.optional(
    z.strictObject({
      url: z.string().check(z.regex(/^https:\/\/[^\s"<>]+$/)),
      /** Pixels, as it is shown. */
      width: z.int().check(z.minimum(8), z.maximum(280)),
      height: z.int().check(z.minimum(8), z.maximum(80)),
    }),
  ),
  /** Who is behind it, in one line: name and postal address, as the law of many countries wants it in business mail. */
  imprint: line(200),
  /** Where to ask: an address for mail, or a page. */
  contact: line(100),
});

export type Brand = z.infer<typeof brandSetting>;

/** Reads the setting. @throws when it is not what {@link Brand} says */
export function parseBrand(json: string): Brand {
  return z.parse(brandSetting, JSON.parse(json));
}

/** A text of ours with the operator's name where it says `{brand}`. Only for texts that hold nothing from outside. */
export function named(text: string, { name }: Pick<Brand, 'name'>): string {
  return text.replaceAll('{brand}', () => name);
}

const DARK = '#16213a';
const LIGHT = '#ffffff';

/** White or dark, whichever has more contrast against `color` (WCAG 2.2, relative luminance): always 4 : 1 at least. */
export function readableOn(color: string): string {
  return contrast(color, LIGHT) >= contrast(color, DARK) ? LIGHT : DARK;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((left, right) => left - right);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
