/** Writes the demo's steps, readable and under each other. */
export class Screen {
  readonly #write: (text: string) => void;
  readonly #live: boolean;
  #steps = 0;

  /** @param live whether progress may be written over itself, as on a terminal */
  constructor(write: (text: string) => void, live: boolean) {
    this.#write = write;
    this.#live = live;
  }

  /** Begins the next numbered step. */
  step(title: string): void {
    this.#steps += 1;
    this.#write(`\n${String(this.#steps).padStart(2)}  ${title}\n`);
  }

  /** A request and how it was answered. */
  request(method: string, target: string, status: number, milliseconds: number): void {
    this.#write(`    ${`${method} ${target}`.padEnd(76)} ${status} ${`${Math.round(milliseconds)} ms`.padStart(8)}\n`);
  }

  /** One thing that the answer said. */
  fact(name: string, value: string): void {
    this.#write(`      ${name.padEnd(12)} ${value}\n`);
  }

  /** A text as it is, set off by a bar. */
  quote(text: string): void {
    for (const line of text.trim().split(/\r?\n/)) this.#write(`      | ${line}`.trimEnd() + '\n');
  }

  /** A line of its own. */
  line(text: string): void {
    this.#write(`${text}\n`);
  }

  /** How a wait goes on: overwritten on a terminal, nothing elsewhere. */
  progress(text: string): void {
    if (this.#live) this.#write(`\r    ${text.padEnd(76)}${text === '' ? '\r' : ''}`);
  }
}
