import { AsyncLocalStorage } from 'node:async_hooks';
import { install, type Clock } from '@sinonjs/fake-timers';

import { DAY, type Instant } from '../../functions/shared/kernel/clock.ts';

/** What may befall a call that a process makes to a port. */
export const FAULTS = [
  /** The process dies before the call does anything. */
  'CRASH_BEFORE',
  /** The process dies once the call has had its effect. */
  'CRASH_AFTER',
  /** The call has its effect, its answer does not come. */
  'LOST',
  /** Neither effect nor answer. */
  'TIMEOUT',
  /** A transaction meets another one: asked again, it may pass. */
  'CONFLICT',
  /** The store stays contended for as long as one call of ours tries. */
  'BUSY',
  /** The provider answers 429. */
  'RATE_LIMIT',
  /** The provider fails, keeps that answer under the idempotency key and gives it for a day. */
  'STORED_500',
  /** The execution of the state machine is lost, with whatever it would have done next. */
  'RUN_LOST',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** A fault at the call of that number, counted from the start of the history. */
export interface PlannedFault {
  readonly at: number;
  readonly kind: FaultKind;
}

/** Something of the system that runs by itself and may die by itself: a request, a job, a step of a run. */
export interface Process {
  readonly name: string;
  /** How far its clock is from the true time, milliseconds. */
  readonly skew: number;
  dead: boolean;
  /** Fails when it dies. */
  readonly death: Promise<never>;
  readonly die: () => void;
}

/** A call to a port. */
export interface Call<T> {
  readonly label: string;
  readonly kinds: readonly FaultKind[];
  /** Does what the call is for; must come to an end without any real waiting. */
  readonly effect: () => Promise<T>;
  /** What the caller gets to see of the faults that it lives through. */
  readonly failure: (kind: FaultKind) => Error;
}

interface Waiting {
  readonly process: Process | undefined;
  readonly go: () => void;
}

/** Thrown where a process that has died would be waited for. */
export class ProcessDied extends Error {
  override readonly name = 'Runtime.ExitError';
}

/** How a history is scheduled. */
export interface Schedule {
  /** Numbers in [0, 1): who goes on next. */
  readonly random: () => number;
  readonly start: Instant;
  readonly faults: readonly PlannedFault[];
  /** Faults that are thought of on the way; what was planned goes first. */
  readonly fault?: (kinds: readonly FaultKind[], name: string) => FaultKind | undefined;
  readonly skewOf?: () => number;
  /** How often time passes although somebody could go on, until it is {@link Scheduler.calm}: the part of all choices. */
  readonly dawdling?: number;
}

/**
 * One thing at a time, on a clock of its own: whoever calls a port waits until it is its turn, and which of those that
 * wait comes next is a number drawn from the seed. Time passes when nobody can go on. So a history is a function of
 * its seed, however the machine is loaded.
 */
export class Scheduler {
  /** Every call that was made, as `process › label`, with what befell it. */
  readonly calls: { readonly name: string; readonly kinds: readonly FaultKind[]; readonly fault?: FaultKind }[] = [];
  readonly #told: { readonly at: Instant; readonly line: string }[] = [];
  readonly #context = new AsyncLocalStorage<Process>();
  readonly #schedule: Schedule;
  readonly #planned: ReadonlyMap<number, FaultKind>;
  readonly #clock: Clock;
  /** Set when nobody dawdles any more: jobs that run each minute must get through in the end. */
  calm = false;
  /** Set when nothing more befalls anybody but what was planned: jobs that run each minute would get through in the end. */
  spared = false;
  #waiting: Waiting[] = [];
  #stopped = false;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#planned = new Map(schedule.faults.map(({ at, kind }) => [at, kind]));
    this.#clock = install({ now: schedule.start, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  }

  /** The true time. */
  get now(): Instant {
    return this.#clock.now;
  }

  /** The time as the process that asks sees it on its own clock. */
  readonly clock = (): Instant => this.now + (this.#context.getStore()?.skew ?? 0);

  /** Gives the machine its own clock back. */
  close(): void {
    this.#stopped = true;
    this.#clock.uninstall();
  }

  /** Writes a line of the story. */
  tell(line: string): void {
    this.#told.push({ at: this.now, line });
  }

  /** What happened, in words. */
  story(): readonly string[] {
    return this.#told.map(({ at, line }) => {
      const passed = at - this.#schedule.start;
      const days = Math.floor(passed / DAY);
      return `${days > 0 ? `${days}d ` : ''}${new Date(passed).toISOString().slice(11, 23)}  ${line}`;
    });
  }

  /**
   * Runs `work` as a process of its own, which dies when it takes longer than `within` milliseconds.
   *
   * @throws ProcessDied when it dies
   */
  async spawn<T>(name: string, within: number, work: () => Promise<T>): Promise<T> {
    let die = (): void => undefined;
    const death = new Promise<never>((_resolve, reject) => {
      die = () => {
        reject(new ProcessDied(`${name} died`));
      };
    });
    death.catch(() => undefined);
    const process: Process = { name, skew: this.#schedule.skewOf?.() ?? 0, dead: false, death, die };
    const timeout = setTimeout(() => void this.#kill(process), within);
    try {
      return await Promise.race([this.#context.run(process, work), death]);
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Makes a call to a port once it is the caller's turn, with what is planned to befall it. */
  async call<T>({ label, kinds, effect, failure }: Call<T>): Promise<T> {
    const process = this.#context.getStore();
    await this.#turn(process);
    if (this.#stopped || process?.dead === true) return never();
    const at = this.calls.length;
    const name = `${process?.name ?? 'outside'} › ${label}`;
    const fault = this.#planned.get(at) ?? (this.spared ? undefined : this.#schedule.fault?.(kinds, name));
    const struck = fault !== undefined && kinds.includes(fault) ? fault : undefined;
    this.calls.push({
      name,
      kinds,
      ...(struck === undefined ? {} : { fault: struck }),
    });
    this.tell(`${name}${struck === undefined ? '' : `  ✗ ${struck}`}`);
    switch (struck) {
      case undefined:
        return effect();
      case 'CRASH_BEFORE':
        return this.#kill(process);
      case 'CRASH_AFTER':
        await effect().catch(() => undefined);
        return this.#kill(process);
      case 'LOST':
        await effect().catch(() => undefined);
        throw failure(struck);
      case 'TIMEOUT':
      case 'CONFLICT':
      case 'BUSY':
      case 'RATE_LIMIT':
      case 'STORED_500':
        throw failure(struck);
      case 'RUN_LOST':
        return never();
    }
  }

  /** Lets everybody go on until `end`, or until `isOver` says so. */
  async run(end: Instant, isOver: () => boolean): Promise<void> {
    let ended = false;
    setTimeout(() => {
      ended = true;
    }, end - this.now);
    const { random, dawdling = 0 } = this.#schedule;
    for (;;) {
      await drained();
      if (ended || isOver()) return;
      const dawdles = !this.calm && this.#waiting.length > 0 && dawdling > 0 && random() < dawdling;
      if (this.#waiting.length === 0 || dawdles) this.#clock.next();
      else this.#waiting.splice(Math.floor(random() * this.#waiting.length), 1)[0]?.go();
    }
  }

  #turn(process: Process | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ process, go: resolve });
    });
  }

  #kill(process: Process | undefined): Promise<never> {
    if (process !== undefined) {
      process.dead = true;
      process.die();
      this.#waiting = this.#waiting.filter((waiting) => waiting.process !== process);
    }
    return never();
  }
}

/** Waits on the clock of the history. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

// Taken while it is the machine's own.
const later = globalThis.setImmediate;

/** When all that can go on without a turn has done so: nothing in a history waits for the machine. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    later(resolve);
  });
}
