import { SECOND } from '../../functions/shared/kernel/clock.ts';
import type { StreamChange } from '../../functions/shared/runtime/stream.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import type { Change } from '../../scripts/twin/twin.ts';
import type { Processes } from './processes.ts';
import { sleep } from './scheduler.ts';

const RELAY_WITHIN_MS = 30 * SECOND;
const MOST_TOGETHER = 10;

/** The relay's function over its shard of the stream: one batch after the other, and one that fails comes again, whole. */
export class Relay {
  readonly #stream: StreamChange[] = [];
  readonly #processes: Processes;
  readonly #random: () => number;
  readonly #relay: (batch: readonly StreamChange[]) => Promise<unknown>;
  #running = false;

  constructor(processes: Processes, random: () => number, relay: (batch: readonly StreamChange[]) => Promise<unknown>) {
    this.#processes = processes;
    this.#random = random;
    this.#relay = relay;
  }

  /** Everything that the stream brought has been relayed. */
  get isIdle(): boolean {
    return this.#stream.length === 0;
  }

  /** What a write has changed, as far as the filter of the function lets it through. */
  bring(changes: readonly Change[]): void {
    for (const { before, after } of changes) {
      if (after === undefined || typeof after['ev'] !== 'string') continue;
      const [pk, sk] = [String(after['pk']), String(after['sk'])];
      if (!sk.startsWith('TL#')) this.#stream.push({ before, after: marked({ ...after, pk, sk }) });
    }
    if (this.#running || this.isIdle) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#stream.length > 0) {
      const batch = this.#stream.slice(0, 1 + Math.floor(this.#random() * MOST_TOGETHER));
      try {
        await this.#processes.run('relay', RELAY_WITHIN_MS, () => this.#relay(batch));
        this.#stream.splice(0, batch.length);
      } catch {
        await sleep(SECOND);
      }
    }
    this.#running = false;
  }
}
