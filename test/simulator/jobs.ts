import { HOUR, MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import { sleep, type Scheduler } from './scheduler.ts';

/**
 * Minutes after the last thing that happened at which the jobs of each minute run: often while a purchase and its lease
 * live, around the end of a hold, and for three full reconciliations. Those in between would find nothing else.
 */
const TICKS = [1, 2, 5, 11, 12, 15, 22, 30, 45];
/** After the minute so named nothing befalls anybody any more that was not planned. */
const SPARED_AFTER = 15;
/** Those at which the reconciler runs, too. */
const RECONCILES = new Set([15, 30, 45]);
/** Those that follow as long as money is on its way back: such a refund is looked at each hour. */
const MONEY_TICKS = [80, 115, 150];
/** Those that follow as long as an event is being cancelled: its workflow may be started anew within three hours. */
const CANCELLING_TICKS = [80, 125, 190, 250];
const LAST_TICK = Math.max(...TICKS);

/** One minute's work of the schedules. */
export interface Tick {
  /** The payments are reconciled in full as well. */
  readonly reconciles: boolean;
}

/** What the schedules need of the system around them. */
export interface Scheduled {
  /** Why jobs go on beyond the usual, if they do. */
  readonly waitsFor: () => 'MONEY' | 'CANCELLATION' | undefined;
  /** Starts the jobs of a minute. */
  readonly run: (tick: Tick) => void;
  /** It has been quiet for over an hour: the jobs came each minute and found nothing. */
  readonly wasQuiet: () => Promise<void>;
}

/** The schedules of a history: they run for a while after something happened. */
export class Jobs {
  readonly #scheduler: Scheduler;
  readonly #scheduled: Scheduled;
  #activeAt: Instant;
  #tickedAt: Instant;
  #ticking = false;

  constructor(scheduler: Scheduler, scheduled: Scheduled) {
    this.#scheduler = scheduler;
    this.#scheduled = scheduled;
    this.#activeAt = scheduler.now;
    this.#tickedAt = scheduler.now;
  }

  /** They have run long enough since anything happened. */
  get areDone(): boolean {
    return !this.#ticking;
  }

  /** Something happens: jobs run for a while from now on. */
  active(): void {
    this.#activeAt = this.#scheduler.now;
    this.#scheduler.spared = false;
    if (this.#ticking) return;
    this.#ticking = true;
    void this.#tick();
  }

  async #tick(): Promise<void> {
    if (this.#scheduler.now - this.#tickedAt > HOUR) await this.#scheduled.wasQuiet();
    const minute = (): number => Math.floor((this.#scheduler.now - this.#activeAt) / MINUTE);
    for (;;) {
      const next = this.#ticks().find((tick) => tick > minute());
      if (next === undefined) break;
      await sleep(this.#activeAt + next * MINUTE - this.#scheduler.now);
      this.#scheduler.spared = next > SPARED_AFTER;
      this.#scheduled.run({ reconciles: RECONCILES.has(next) || next > LAST_TICK });
    }
    this.#tickedAt = this.#scheduler.now;
    this.#ticking = false;
  }

  #ticks(): readonly number[] {
    switch (this.#scheduled.waitsFor()) {
      case 'MONEY':
        return [...TICKS, ...MONEY_TICKS];
      case 'CANCELLATION':
        return [...TICKS, ...CANCELLING_TICKS];
      case undefined:
        return TICKS;
    }
  }
}
