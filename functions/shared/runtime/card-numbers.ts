import { holdsCardNumber } from '../kernel/card-number.ts';
import { problem, ProblemError } from '../kernel/problems.ts';

/** More places than these are not told: one is enough to mend it. */
const MOST_TOLD = 10;

/**
 * Refuses a request that holds a payment card's number: it must be typed into the provider's form only. Asked
 * before the input is validated, because messages of schemas may repeat members' names.
 *
 * @param parts parsed JSON by where it came from; '' for the body, whose members need no prefix
 * @param rawBody the text that the body was parsed from
 * @throws ProblemError CARD_NUMBER_REFUSED with the paths and nothing of the values
 */
export function refuseCardNumbers(parts: Readonly<Record<string, unknown>>, rawBody: string): void {
  const paths = Object.entries(parts).flatMap(([where, value]) => cardNumberPaths({ value, path: where, rawBody }));
  if (paths.length === 0) return;
  throw new ProblemError(
    problem('CARD_NUMBER_REFUSED', 'Leave it out: cards are given to the payment provider only. Nothing was kept.', {
      errors: [...new Set(paths)].slice(0, MOST_TOLD).map((path) => ({ path, message: 'This holds a card number' })),
    }),
  );
}

/** A value, where it was found, and the text that it was parsed from. */
interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly rawBody: string;
}

/**
 * Where `start` holds card numbers; a member whose name is one is told by the path of what it is in. Walks with a
 * list of its own: JSON may be nested deeper than calls may be.
 */
function cardNumberPaths(start: Place): readonly string[] {
  const found: string[] = [];
  const open: Place[] = [start];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, path } = place;
    if (isCardNumber(place)) found.push(path);
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (holdsCardNumber(name)) found.push(path);
      else open.push({ ...place, value: member, path: path === '' ? name : `${path}.${name}` });
    }
  }
  return found;
}

function isCardNumber({ value, rawBody }: Place): boolean {
  if (typeof value === 'string') return holdsCardNumber(value);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1e12) return false;
  // Beyond 2^53 the digits are gone from the number, not from the text that it was read from.
  return holdsCardNumber(Number.isSafeInteger(value) ? String(value) : rawBody);
}
