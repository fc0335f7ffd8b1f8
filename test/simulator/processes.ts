import type { Scheduler } from './scheduler.ts';

/** What of the system runs at the moment. */
export class Processes {
  readonly #scheduler: Scheduler;
  #underWay = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Nothing runs, and nothing waits to run again. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Runs `work` as a process of its own; see {@link Scheduler.spawn}. */
  run<T>(name: string, within: number, work: () => Promise<T>): Promise<T> {
    return this.count(() => this.#scheduler.spawn(name, within, work));
  }

  /** Something is under way as long as `work` is. */
  async count<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}
