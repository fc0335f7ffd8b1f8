import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

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
  for (const line of linesOf(file)) {
    try {
      // The boundary: this file is written by `openJournal` alone.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      entries.push(...(JSON.parse(line) as JournalEntry[]));
    } catch {
      break;
    }
  }
  return entries;
}

/** The complete lines of a file, read piecewise: a long-lived state file outgrows one string. */
function* linesOf(file: string): Generator<string> {
  const handle = openSync(file, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(1 << 20);
    let rest = '';
    for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, read))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(handle);
  }
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
  for (let at = 0; at < snapshot.length; at += 1_000) {
    writeSync(
      handle,
      snapshot
        .slice(at, at + 1_000)
        .map((entry) => `${JSON.stringify([entry])}\n`)
        .join(''),
    );
  }
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
