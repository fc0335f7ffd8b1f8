import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod/mini';

import type { Query } from './catalogue/queries.ts';
import { httpEvent } from './invoke.ts';

/** Node collects garbage as it would in a function of 512 MB. */
const HEAP_MB = 440;

const told = z.object({
  answer: z.optional(z.unknown()),
  error: z.optional(z.string()),
  /** Milliseconds. */
  wall: z.number(),
  processor: z.number(),
  residentMb: z.number(),
  mostMb: z.number(),
});
/** What a call took. */
export type Call = Omit<z.infer<typeof told>, 'answer' | 'error'>;

const answered = z.object({ statusCode: z.int(), body: z.string() });
const page = z.object({ total: z.optional(z.int()), items: z.array(z.looseObject({ id: z.string() })) });
export type Page = z.infer<typeof page>;

/** A function in a process of its own. */
export class Environment {
  readonly #child: ChildProcess;

  constructor(file: string, environment: Readonly<Record<string, string>>) {
    this.#child = fork(join(import.meta.dirname, 'search-probe.cjs'), [file], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** @throws where the handler does */
  async call(event: object): Promise<{ readonly answer: unknown; readonly call: Call }> {
    const message = await new Promise<unknown>((resolve, reject) => {
      this.#child.once('message', resolve);
      this.#child.once('exit', (code) => reject(new Error(`The function ended with ${code}`)));
      this.#child.send(event);
    });
    this.#child.removeAllListeners('exit');
    const { answer, error, ...call } = z.parse(told, message);
    if (error !== undefined) throw new Error(error);
    return { answer, call };
  }

  async search(query: Query): Promise<{ readonly found: Page; readonly call: Call }> {
    const { answer, call } = await this.call(httpEvent({ route: 'GET /api/events', query }));
    const { statusCode, body } = z.parse(answered, answer);
    if (statusCode !== 200) throw new Error(`The search for ${JSON.stringify(query)} answered ${statusCode}: ${body}`);
    return { found: z.parse(page, JSON.parse(body)), call };
  }

  end(): void {
    this.#child.kill();
  }
}
