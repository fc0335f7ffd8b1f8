import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

const Values = z.record(z.string(), z.string());

/** Secret values by name, in a file that only its owner can read, or in memory alone. */
export class PrivateFile {
  readonly #file: string | undefined;
  readonly #values: Record<string, string>;

  constructor(file: string | undefined) {
    this.#file = file;
    this.#values = file !== undefined && existsSync(file) ? Values.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  }

  /** The value of that name, made (and kept) at first. */
  get(name: string, make: () => string): string {
    const existing = this.#values[name];
    if (existing !== undefined) return existing;
    const value = make();
    this.#values[name] = value;
    if (this.#file !== undefined) {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, `${JSON.stringify(this.#values, null, 2)}\n`, { mode: 0o600 });
    }
    return value;
  }
}
