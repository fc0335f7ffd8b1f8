import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Metrics } from './metrics.ts';

/** One line that a function wrote. */
export interface LogLine {
  readonly functionName: string;
  readonly line: string;
}

const KEPT_LINES = 2_000;

/**
 * What functions write: appended to `<directory>/<function>.log`, kept in memory (the last 2,000
 * lines of each), handed to subscribers, and searched for metric lines.
 */
export class Logs {
  readonly #directory: string | undefined;
  readonly #metrics: Metrics;
  readonly #files = new Map<string, WriteStream>();
  readonly #recent = new Map<string, string[]>();
  readonly #subscribers = new Set<(line: LogLine) => void>();

  constructor(directory: string | undefined, metrics: Metrics) {
    this.#directory = directory;
    this.#metrics = metrics;
    if (directory !== undefined) mkdirSync(directory, { recursive: true });
  }

  /** Takes every line of a worker's output. */
  capture(functionName: string, output: Readable): void {
    createInterface({ input: output, crlfDelay: Infinity }).on('line', (line) => this.write(functionName, line));
  }

  write(functionName: string, line: string): void {
    this.#metrics.read(line);
    this.#file(functionName)?.write(`${line}\n`);
    const recent = this.#recent.get(functionName) ?? [];
    recent.push(line);
    if (recent.length > KEPT_LINES) recent.splice(0, recent.length - KEPT_LINES);
    this.#recent.set(functionName, recent);
    for (const subscriber of this.#subscribers) subscriber({ functionName, line });
  }

  /** The last lines of a function. */
  recent(functionName: string): readonly string[] {
    return this.#recent.get(functionName) ?? [];
  }

  /** Calls back for each line from now on; returns how to stop it. */
  subscribe(subscriber: (line: LogLine) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => new Promise<void>((done) => file.end(() => done()))));
  }

  #file(functionName: string): WriteStream | undefined {
    if (this.#directory === undefined) return undefined;
    let file = this.#files.get(functionName);
    if (file === undefined) {
      file = createWriteStream(join(this.#directory, `${functionName}.log`), { flags: 'a' });
      file.on('error', () => undefined);
      this.#files.set(functionName, file);
    }
    return file;
  }
}
