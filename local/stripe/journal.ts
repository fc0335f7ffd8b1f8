import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One stored change: a collection's name, an id and the new value, or null when it is gone. */
export type JournalEntry = readonly [collection: string, id: string, value: unknown];

/** Where a store's changes go. */
export interface Journal {
  /** Queues a change; it is on disk after the next flush. */
  record(entry: JournalEntry): void;
  /** Writes everything queued. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A journal that keeps nothing. */
export const memoryJournal: Journal = {
  record: () => undefined,
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

const FLUSH_AFTER_MS = 50;

/**
 * Reads the entries of a state file, in order. A torn last line, left by a kill in mid-write, is
 * dropped; each line is one flush, so what was changed together is read together.
 */
export function readJournal(file: string): JournalEntry[] {
  if (!existsSync(file)) return [];
  const entries: JournalEntry[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      entries.push(...(JSON.parse(line) as JournalEntry[]));
    } catch {
      break;
    }
  }
  return entries;
}

/**
 * Opens a state file for write-behind. It is first rewritten to `snapshot`, through a temporary
 * file and a rename, so that it neither grows for ever nor is ever seen half-written.
 * @param log told of write errors; the server goes on in memory
 */
export function openJournal(file: string, snapshot: readonly JournalEntry[], log: (line: string) => void): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.tmp`;
  const handle = openSync(draft, 'w', 0o600);
  writeSync(handle, snapshot.map((entry) => `${JSON.stringify([entry])}\n`).join(''));
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);

  let queue: JournalEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (queue.length === 0) return writing;
    const line = `${JSON.stringify(queue)}\n`;
    queue = [];
    writing = writing
      .then(() => appendFile(file, line, { mode: 0o600 }))
      .catch((error: unknown) => log(`stripe stand-in: cannot write ${file}: ${String(error)}`));
    return writing;
  };
  return {
    record(entry) {
      queue.push(entry);
      timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS);
    },
    flush,
    close: flush,
  };
}
