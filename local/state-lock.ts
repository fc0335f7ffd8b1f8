import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from './failure.ts';
import { commandOf } from './services/dynamodb.ts';

/**
 * Takes a state directory for this process. A lock that a killed process left is taken over: it names
 * a process that is gone, or whose number is another program's by now.
 *
 * @returns how to give it back.
 * @throws StartFailure when a running system has it.
 */
export function lockState(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  const mine = `${process.pid}\n${commandOf(process.pid).trim()}`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch {
      const [pid = '', command = ''] = readFileSync(file, 'utf8').split('\n');
      if (command !== '' && commandOf(Number(pid)).trim() === command) {
        throw new StartFailure(
          `Another local system (process ${pid}) already runs in ${directory}; end it, or start with another --state directory and other ports.`,
        );
      }
      rmSync(file, { force: true });
    }
  }
  throw new StartFailure(`The lock ${file} cannot be taken.`);
}
