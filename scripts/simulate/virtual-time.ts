/** Something that is to happen, or somebody who waits. */
interface Moment {
  readonly at: number;
  /** Among moments at the same time, the one that was asked for first. */
  readonly order: number;
  readonly run: () => unknown;
}

/** Taken before anybody replaces it: what is scheduled so runs once all promises that can settle have settled. */
const nextTurn = setImmediate;

/**
 * A clock that jumps from one moment to the next, so that a minute of an on-sale takes as long as its computing does, and
 * comes out the same on every machine. Code under it waits by {@link sleep}, or by the `setTimeout` that {@link govern}
 * puts in place of the real one.
 */
export class VirtualTime {
  /** Milliseconds since the beginning. */
  now = 0;
  #moments: Moment[] = [];
  #order = 0;

  /** Lets `run` happen in `ms`. What it answers with a promise is waited for only as far as it can go at that moment. */
  after(ms: number, run: () => unknown): void {
    this.#order += 1;
    this.#push({ at: this.now + Math.max(0, ms), order: this.#order, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, () => {
        resolve();
        return GOES_ON;
      });
    });
  }

  /** Lives through all moments, those that come up on the way included. */
  async run(): Promise<void> {
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      this.now = next.at;
      // Most buyers only look and leave: whoever waits for nothing needs no turn of the event loop.
      if (next.run() !== undefined) await new Promise((resolve) => nextTurn(resolve));
    }
  }

  /**
   * Does `work` while code that waits with `setTimeout` waits on this clock, and chance is `random`.
   *
   * @param random numbers in [0, 1)
   */
  async govern<T>(random: () => number, work: () => Promise<T>): Promise<T> {
    const [real, chance] = [globalThis.setTimeout, Math.random];
    const replace = (setTimeout: unknown): void => {
      Object.defineProperty(globalThis, 'setTimeout', { value: setTimeout, configurable: true, writable: true });
    };
    replace((run: () => void, ms = 0) => {
      this.after(ms, () => {
        run();
        return GOES_ON;
      });
    });
    Math.random = random;
    // Millions of conflicts are refused with an error each: where from is of no interest.
    const traced = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return await work();
    } finally {
      replace(real);
      Math.random = chance;
      Error.stackTraceLimit = traced;
    }
  }

  #push(moment: Moment): void {
    const heap = this.#moments;
    let at = heap.push(moment) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isEarlier(moment, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = moment;
  }

  #pop(): Moment | undefined {
    const heap = this.#moments;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const [child, below] =
        right !== undefined && left !== undefined && isEarlier(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (child === undefined || !isEarlier(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

/** What a moment answers after which somebody goes on who waited. */
const GOES_ON = true;

function isEarlier(one: Moment, other: Moment): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
