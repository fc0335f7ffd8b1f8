import { setTimeout as delay } from 'node:timers/promises';
import type { Poller } from './events/mapping.ts';
import type { Functions } from './lambda/functions.ts';
import type { Messaging } from './services/messaging.ts';
import type { StateMachines } from './services/step-functions.ts';

/** Everything that may have work in hand. */
export interface Work {
  readonly functions: Functions;
  readonly stateMachines: StateMachines;
  readonly messaging: Messaging;
  readonly pollers: readonly Poller[];
  /** Names of the queues that a function reads; a DLQ's messages wait for a person. */
  readonly consumedQueues: ReadonlySet<string>;
}

/** Whether the system came to rest, and if not, what it still does. */
export type Rest =
  | { readonly idle: true; readonly waitedMs: number }
  | { readonly idle: false; readonly busy: readonly string[] };

/** What still has work in hand, in words. */
export function busyWith({ functions, stateMachines, messaging, pollers, consumedQueues }: Work): string[] {
  const invoked = functions.all().filter(({ state }) => state.running + state.waiting > 0);
  const queued = messaging
    .counts()
    .filter(({ name, ready, inFlight, delayed }) => consumedQueues.has(name) && ready + inFlight + delayed > 0);
  return [
    ...invoked.map(({ name }) => `function ${name}`),
    ...queued.map(
      ({ name, ready, inFlight, delayed }) =>
        `queue ${name} (${ready} ready, ${inFlight} in flight, ${delayed} delayed)`,
    ),
    ...pollers.filter(({ busy }) => busy).map(({ name }) => `event source ${name}`),
    ...(stateMachines.running > 0 ? [`${stateMachines.running} executions`] : []),
  ];
}

/**
 * Waits until nothing is in hand: no invocation or execution runs, the queues that are read are empty,
 * and every stream was found read to its end after that, without any invocation in between.
 */
export async function waitUntilIdle(work: Work, timeoutMs: number): Promise<Rest> {
  const startedAt = Date.now();
  const deadline = startedAt + timeoutMs;
  const invocations = (): number => work.functions.all().reduce((sum, { state }) => sum + state.invocations, 0);
  while (Date.now() < deadline) {
    if (busyWith(work).length > 0) {
      await delay(10);
      continue;
    }
    const before = invocations();
    const caughtUp = Promise.all(work.pollers.map((poller) => poller.caughtUp()));
    await Promise.race([caughtUp, delay(deadline - Date.now(), undefined, { ref: false })]);
    if (Date.now() < deadline && busyWith(work).length === 0 && invocations() === before) {
      return { idle: true, waitedMs: Date.now() - startedAt };
    }
  }
  const busy = busyWith(work);
  return { idle: false, busy: busy.length > 0 ? busy : ['a stream that was not found empty in time'] };
}
