import { ulid } from 'ulid';

/** How many of the values met last are kept beside those that were there from the start. */
const MOST_MET = 24;
/** Deeper than this no answer names what it has made. */
const DEEPEST = 3;
/** What an answer calls otherwise than paths and bodies do. */
const ALIASES: Readonly<Record<string, string>> = { seatingPlanId: 'planId', nextCursor: 'cursor' };
const TOKEN = /~(\w+)\.(\d+)~/g;

/**
 * Values that exist in the system, by the name of the member or parameter that takes them, so that valid requests
 * reach real things. Requests hold a token for one, which is filled in when they are sent: what earlier requests
 * have made is found by later ones, and what they have deleted goes out of use.
 */
export class Pool {
  readonly #kept: Readonly<Record<string, readonly string[]>>;
  readonly #met = new Map<string, string[]>();

  /**
   * @param kept values that are always there
   * @param learns names whose values are also taken from answers
   */
  constructor(kept: Readonly<Record<string, readonly string[]>>, learns: readonly string[]) {
    this.#kept = kept;
    for (const name of learns) this.#met.set(name, []);
  }

  /** Whether a member called `name` takes one of the values. */
  has(name: string): boolean {
    return name in this.#kept || this.#met.has(name);
  }

  /** `text` of a path or a JSON body with values in place of its tokens. */
  fill(text: string): string {
    return text.replaceAll(TOKEN, (_token, name: string, index: string) => {
      const [kept, met] = [this.#kept[name] ?? [], this.#met.get(name) ?? []];
      // Every other one from each, so that what was there from the start does not drown in what requests have made.
      const values = met.length === 0 || (kept.length > 0 && Number(index) % 2 === 0) ? kept : met;
      return values[Math.floor(Number(index) / 2) % values.length] ?? ulid();
    });
  }

  /** Takes over the ids that the answer to `operationId` tells, for example `eventId`, or `id` of what was created. */
  learn(operationId: string, answer: unknown): void {
    const made = /^(?:create|add|duplicate|place)(\w+)$/.exec(operationId)?.[1];
    this.#walk(answer, made === undefined ? '' : uncapitalised(made), 0);
  }

  #walk(value: unknown, thing: string, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string') this.#meet(name === 'id' ? `${thing}Id` : name, member);
      // A list is of what its name says, less the plural.
      else this.#walk(member, Array.isArray(value) ? thing : name.replace(/s$/, ''), depth + 1);
    }
  }

  #meet(name: string, value: string): void {
    const met = this.#met.get(ALIASES[name] ?? name);
    if (met === undefined || met.includes(value)) return;
    met.push(value);
    if (met.length > MOST_MET) met.shift();
  }
}

/** A token for some value called `name`. */
export function token(name: string, index: number): string {
  return `~${name}.${index}~`;
}

function uncapitalised(name: string): string {
  return `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
}
