import { LIMITS, SEAT_FEATURES, type AreaRole, type SeatFeature } from './plan.ts';

/**
 * What a pretix plan has no field for is written in square brackets at the end of a name, where planners
 * see it in any editor and the format stays valid:
 *
 * - a category `Stalls [wheelchair]` marks its seats as wheelchair places of the category `Stalls`; the tags
 *   are `wheelchair`, `companion` and `restricted view`, several with commas between;
 * - an area's text `Arena [standing 500: Floor]` makes it room for 500 people of the category `Floor`;
 * - an area's text `Stage [focal point]` makes its middle what everybody looks at.
 */
const TAGGED = /^(.*?)\s*\[([^[\]]*)\]$/su;
const STANDING = /^standing\s+(\d{1,7})\s*:\s*(.+)$/su;
const FOCAL = 'focal point';

/** A category's name without its tags. */
export interface TaggedCategory {
  readonly name: string;
  readonly features: readonly SeatFeature[];
}

/** Reads a category's name; brackets that hold anything but known tags belong to the name. */
export function readCategory(text: string): TaggedCategory {
  const found = new Set<SeatFeature>();
  let name = text;
  // One after the other, so that what is left never ends in a tag and is read the same again.
  for (;;) {
    const [, plain = '', tags = ''] = TAGGED.exec(name) ?? [];
    const words = tags.split(',').map((word) => word.trim().toLowerCase());
    const features = SEAT_FEATURES.filter((feature) => words.includes(feature));
    const known = features.length > 0 && words.every((word) => features.some((feature) => feature === word));
    if (!known || plain === '') break;
    for (const feature of features) found.add(feature);
    name = plain;
  }
  return { name, features: SEAT_FEATURES.filter((feature) => found.has(feature)) };
}

/** Writes what {@link readCategory} reads. */
export function writeCategory(name: string, features: readonly SeatFeature[] = []): string {
  return features.length === 0 ? name : `${name} [${features.join(', ')}]`;
}

/** An area's text without its tag. */
export interface TaggedText {
  readonly text: string;
  readonly role?: AreaRole;
}

/** Reads an area's text; brackets that hold no tag belong to the text. */
export function readAreaText(text: string): TaggedText {
  const [, plain = '', tag = ''] = TAGGED.exec(text) ?? [];
  if (tag.trim().toLowerCase() === FOCAL) return { text: plain, role: { kind: FOCAL } };
  const [, count, category] = STANDING.exec(tag.trim()) ?? [];
  const capacity = Number(count);
  if (category === undefined || capacity < 1 || capacity > LIMITS.standing) return { text };
  return { text: plain, role: { kind: 'standing', capacity, category: category.trim() } };
}

/** Writes what {@link readAreaText} reads. */
export function writeAreaText(text: string, role: AreaRole | undefined): string {
  if (role === undefined) return text;
  const tag = role.kind === FOCAL ? FOCAL : `standing ${role.capacity}: ${role.category}`;
  return text === '' ? `[${tag}]` : `${text} [${tag}]`;
}
