import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { RecordedUse } from '../iam/policies.ts';
import type { Logs } from './logs.ts';
import type { InvokeMessage, ReportedError, WorkerData, WorkerMessage } from './protocol.ts';
import { workerSource } from './worker-source.ts';

/** How an invocation ended. Payloads are JSON text. */
export type InvocationResult =
  | { readonly outcome: 'success'; readonly requestId: string; readonly payload: string }
  | { readonly outcome: 'error'; readonly requestId: string; readonly payload: string; readonly error: ReportedError }
  | { readonly outcome: 'throttled'; readonly requestId: string };

/** A function as the pool runs it. */
export interface PoolSettings {
  readonly data: WorkerData;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Concurrent invocations beyond which callers are throttled; undefined without reserved concurrency. */
  readonly reserved: number | undefined;
}

/** Bounds of all pools together. */
export interface PoolLimits {
  /** Most worker threads of one function. */
  readonly workersPerFunction: number;
  /** Most waiting invocations of a function without reserved concurrency. */
  readonly queueLength: number;
  /** A worker unused for this long is ended, but for the last one of a function. */
  readonly idleMs: number;
}

/** What a pool tells the rest of the runtime. */
export interface PoolObserver {
  readonly logs: Logs;
  used(use: RecordedUse): void;
}

interface Invocation {
  readonly requestId: string;
  readonly event: string;
  readonly settle: (result: InvocationResult) => void;
  startedAt: number;
}

interface Slot {
  readonly worker: Worker;
  phase: 'starting' | 'ready' | 'ending';
  current: Invocation | undefined;
  broken: ReportedError | undefined;
  timer: NodeJS.Timeout | undefined;
  idleSince: number;
}

/** AWS gives the initialisation of a function ten seconds. */
const INIT_LIMIT_MS = 10_000;
/** How long an event waits before a further worker is started for it. */
const PATIENCE_MS = 25;
/** AWS's limit for the answer of a synchronous invocation. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024;

/**
 * The worker threads of one function. Each handles one event at a time; a new one starts when an
 * event waits and none is free or starting. A worker that times out, exits or breaks fails its event
 * the way Lambda would, and is replaced on demand.
 */
export class FunctionPool {
  readonly settings: PoolSettings;
  readonly #limits: PoolLimits;
  readonly #observer: PoolObserver;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Invocation[] = [];
  readonly #reaper: NodeJS.Timeout;
  #invocations = 0;
  #closed = false;
  #growth: NodeJS.Timeout | undefined;

  constructor(settings: PoolSettings, limits: PoolLimits, observer: PoolObserver) {
    this.settings = settings;
    this.#limits = limits;
    this.#observer = observer;
    this.#reaper = setInterval(() => this.#reap(), Math.max(1_000, limits.idleMs / 4));
    this.#reaper.unref();
  }

  get name(): string {
    return this.settings.data.functionName;
  }

  /** Invocations running and waiting, and worker threads. */
  get state(): { running: number; waiting: number; workers: number; invocations: number } {
    const running = [...this.#slots].filter((slot) => slot.current !== undefined).length;
    return { running, waiting: this.#waiting.length, workers: this.#slots.size, invocations: this.#invocations };
  }

  /** Invokes the function and waits for its end; never rejects. */
  invoke(event: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const { running, waiting } = this.state;
    const { reserved } = this.settings;
    const full = reserved === undefined ? waiting >= this.#limits.queueLength : running + waiting >= reserved;
    if (full) return Promise.resolve({ outcome: 'throttled', requestId });
    return new Promise((settle) => {
      this.#invocations += 1;
      this.#waiting.push({ requestId, event, settle, startedAt: Date.now() });
      this.#dispatch();
    });
  }

  /** Ends every worker at once, in the middle of whatever it does. Returns how many were ended. */
  async kill(): Promise<number> {
    const slots = [...this.#slots];
    await Promise.all(slots.map((slot) => this.#end(slot)));
    return slots.length;
  }

  /** Ends the workers; invocations that still wait fail. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#reaper);
    clearTimeout(this.#growth);
    await this.kill();
    for (const each of this.#waiting.splice(0)) {
      this.#settle(each, failed(each.requestId, fault('Runtime.ExitError', 'The local system is closing.')));
    }
  }

  #end(slot: Slot): Promise<number> {
    if (slot.phase === 'ready') slot.phase = 'ending';
    return slot.worker.terminate();
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.phase === 'ready' && slot.current === undefined) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        this.#run(slot, next);
      }
    }
    const starting = [...this.#slots].some((slot) => slot.phase === 'starting');
    const most = Math.min(this.#limits.workersPerFunction, this.settings.reserved ?? Infinity);
    if (this.#closed || this.#waiting.length === 0 || starting || this.#slots.size >= most) return;
    if (this.#slots.size === 0) return this.#start();
    // A short queue drains sooner than a thread starts: one more only for an event that has really waited.
    const patience = PATIENCE_MS - (Date.now() - (this.#waiting[0]?.startedAt ?? 0));
    if (patience <= 0) return this.#start();
    this.#growth ??= setTimeout(() => {
      this.#growth = undefined;
      this.#dispatch();
    }, patience);
  }

  #start(): void {
    const worker = new Worker(workerSource(), {
      workerData: this.settings.data,
      env: { ...this.settings.environment },
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: this.settings.data.memoryMb },
    });
    const slot: Slot = {
      worker,
      phase: 'starting',
      current: undefined,
      broken: undefined,
      timer: undefined,
      idleSince: Date.now(),
    };
    this.#slots.add(slot);
    slot.timer = setTimeout(() => {
      slot.broken = fault('Sandbox.Timedout', 'Error: Init phase timed out after 10.00 seconds');
      void this.#end(slot);
    }, INIT_LIMIT_MS);
    this.#observer.logs.capture(this.name, worker.stdout);
    this.#observer.logs.capture(this.name, worker.stderr);
    worker.on('message', (message: WorkerMessage) => this.#hear(slot, message));
    worker.on('error', (error) => (slot.broken ??= errorOfThread(error)));
    worker.on('exit', (code) => this.#gone(slot, code));
  }

  #hear(slot: Slot, message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        clearTimeout(slot.timer);
        slot.phase = 'ready';
        slot.idleSince = Date.now();
        return this.#dispatch();
      case 'use':
        return this.#observer.used({ principal: this.name, ...message.use });
      case 'broken':
        slot.broken = message.error;
        void this.#end(slot);
        return;
      case 'failure':
        return this.#finish(slot, (requestId) => failed(requestId, message.error));
      case 'result':
        return this.#finish(slot, (requestId) =>
          Buffer.byteLength(message.payload) > MAX_RESPONSE_BYTES
            ? failed(
                requestId,
                fault(
                  'Function.ResponseSizeTooLarge',
                  'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
                ),
              )
            : { outcome: 'success', requestId, payload: message.payload },
        );
    }
  }

  #run(slot: Slot, invocation: Invocation): void {
    const { timeoutMs } = this.settings;
    slot.current = invocation;
    invocation.startedAt = Date.now();
    slot.timer = setTimeout(() => {
      const seconds = (timeoutMs / 1_000).toFixed(2);
      slot.broken = fault(
        'Sandbox.Timedout',
        `RequestId: ${invocation.requestId} Error: Task timed out after ${seconds} seconds`,
      );
      void this.#end(slot);
    }, timeoutMs);
    const message: InvokeMessage = {
      requestId: invocation.requestId,
      event: invocation.event,
      deadline: invocation.startedAt + timeoutMs,
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    slot.worker.postMessage(message);
  }

  #finish(slot: Slot, result: (requestId: string) => InvocationResult): void {
    clearTimeout(slot.timer);
    const { current } = slot;
    slot.current = undefined;
    slot.idleSince = Date.now();
    if (current !== undefined) this.#settle(current, result(current.requestId));
    this.#dispatch();
  }

  #settle(invocation: Invocation, result: InvocationResult): void {
    const duration = Date.now() - invocation.startedAt;
    if (result.outcome === 'error') {
      this.#observer.logs.write(
        this.name,
        `ERROR RequestId: ${result.requestId} ${result.error.errorType}: ${result.error.errorMessage} (after ${duration} ms)`,
      );
    }
    invocation.settle(result);
  }

  /** A worker has ended: its event fails; without one, an event that waits for its start fails instead. */
  #gone(slot: Slot, code: number): void {
    clearTimeout(slot.timer);
    this.#slots.delete(slot);
    const initFailed = slot.phase === 'starting' && slot.broken !== undefined;
    const victim = slot.current ?? (initFailed ? this.#waiting.shift() : undefined);
    if (victim !== undefined) {
      const status =
        code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
      const error = slot.broken ?? fault('Runtime.ExitError', `RequestId: ${victim.requestId} Error: ${status}`);
      this.#settle(victim, failed(victim.requestId, error));
    } else if (slot.broken !== undefined) {
      const { errorType, errorMessage } = slot.broken;
      this.#observer.logs.write(this.name, `ERROR between invocations ${errorType}: ${errorMessage}`);
    }
    this.#dispatch();
  }

  #reap(): void {
    const before = Date.now() - this.#limits.idleMs;
    const idle = [...this.#slots].filter(
      (slot) => slot.phase === 'ready' && slot.current === undefined && slot.idleSince < before,
    );
    // The last one stays: it costs little, and the next event is spared a cold start.
    for (const slot of idle.slice(0, this.#slots.size - 1)) void this.#end(slot);
  }
}

function fault(errorType: string, errorMessage: string): ReportedError {
  return { errorType, errorMessage, trace: [] };
}

function errorOfThread(error: unknown): ReportedError {
  const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (outOfMemory) return fault('Runtime.OutOfMemory', 'Error: Runtime exited with error: signal: killed');
  return fault('Runtime.ExitError', error instanceof Error ? error.message : String(error));
}

function failed(requestId: string, error: ReportedError): InvocationResult {
  return { outcome: 'error', requestId, error, payload: JSON.stringify(error) };
}
