import type { Store } from './store.ts';

/** The stand-in's time: the given clock, plus what a test advanced it by. */
export interface StandInClock {
  /** Unix milliseconds. */
  now(): number;
  advance(ms: number): void;
}

/** Makes the clock; the advance survives restarts with the rest of the state. */
export function standInClock(base: () => number, store: Store): StandInClock {
  let offset = store.settings.get('clock-offset-ms')?.value ?? 0;
  return {
    now: () => base() + offset,
    advance(ms) {
      offset += ms;
      store.settings.put({ id: 'clock-offset-ms', value: offset });
    },
  };
}
