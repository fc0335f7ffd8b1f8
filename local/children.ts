import { type ChildProcess, spawn } from 'node:child_process';
import { StartFailure } from './failure.ts';

/** A script of ours that runs beside the system, under the same Node. */
export interface ScriptRun {
  readonly script: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it does, for the sentence when it fails. */
  readonly purpose: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs a script and waits for its end. Its output is kept back, and shown only as the reason of a
 * failure.
 *
 * @throws StartFailure when it exits with anything but 0.
 */
export function runScript({ script, args, environment, purpose, signal }: ScriptRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      signal,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-20_000)));
    }
    child.once('error', (error) => reject(error));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new StartFailure(`${purpose} failed (${script} exited with ${code ?? 'a signal'}):\n${said.trim()}`));
    });
  });
}
