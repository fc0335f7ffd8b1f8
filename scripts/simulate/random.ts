import { randomFrom } from '../bench/catalogue/generate.ts';

/** A range of milliseconds, each as likely as the other. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Chance that is the same for the same seed. Each matter has its own, so that one does not shift another. */
export class Chance {
  readonly next: () => number;

  constructor(seed: number, matter: string) {
    let mixed = seed | 0;
    for (const letter of matter) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
    this.next = randomFrom(mixed);
  }

  within({ from, to }: Range): number {
    return from + this.next() * (to - from);
  }

  /** How long until the next of what happens `perMs` times in a millisecond, independently of each other. */
  gap(perMs: number): number {
    return -Math.log(1 - this.next()) / perMs;
  }

  /** One of `choices`, by their weights. */
  pick<T>(choices: readonly { readonly value: T; readonly weight: number }[]): T {
    const all = choices.reduce((sum, { weight }) => sum + weight, 0);
    let rest = this.next() * all;
    for (const { value, weight } of choices) {
      rest -= weight;
      if (rest < 0) return value;
    }
    const last = choices.at(-1);
    if (last === undefined) throw new Error('Nothing to choose from');
    return last.value;
  }
}
