import { shortHash } from '../shared/kernel/hash.ts';
import type { Key } from '../shared/table/keys.ts';

/**
 * How a buyer stands. Subjects are ids of 80 random bits and more, so their hash cannot be guessed back; it keeps these
 * rows apart from all others of the person.
 *
 * @param subject whom limits are counted for
 */
export function standingKey(subject: string): Key {
  return { pk: `FRAUD#${shortHash(`buyer/${subject}`)}`, sk: 'STANDING' };
}
