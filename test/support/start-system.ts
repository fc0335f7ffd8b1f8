import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { secretName } from '../../lib/secrets.ts';
import { getJson } from './json.ts';

declare module 'vitest' {
  interface ProvidedContext {
    system: RunningSystem;
  }
}

/** Where a test finds the running local system. */
export interface RunningSystem {
  readonly url: string;
  readonly controlUrl: string;
  readonly inboxUrl: string;
  readonly stripeUrl: string;
  /** Reaches the same emulators with the AWS SDK. */
  readonly environment: Readonly<Record<string, string>>;
  /** The key ring of session tokens, so that tests mint sessions instead of logging in. */
  readonly sessionKeys: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const PORTS = ['--port', '--inbox-port', '--stripe-port', '--dynamodb-port', '--aws-port', '--control-port'];

/**
 * Starts the whole local system once for all end-to-end tests, by the command behind `npm start`: in
 * memory, on free ports, with the demo data, and without schedules firing by themselves (tests fire them
 * at the time that they want).
 */
export default async function startSystem(
  project: TestProject,
  flags: readonly string[] = [],
): Promise<() => Promise<void>> {
  const args = ['local/start.ts', '--memory', '--no-schedules', ...flags, ...PORTS.flatMap((flag) => [flag, '0'])];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  try {
    const controlUrl = await readyControlUrl(child);
    const addresses = await getJson<Omit<RunningSystem, 'sessionKeys'>>(`${controlUrl}/_local/system`);
    const name = encodeURIComponent(secretName('local', 'sessionKeys'));
    const ring = await getJson<{ readonly Parameter: { readonly Value: string } }>(
      `${controlUrl}/systemsmanager/parameters/get?name=${name}&withDecryption=true`,
      { headers: { 'x-aws-parameters-secrets-token': addresses.environment['AWS_SESSION_TOKEN'] ?? '' } },
    );
    project.provide('system', { ...addresses, sessionKeys: ring.Parameter.Value });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Reads what the start says until it is ready; the ready line names the control API. */
async function readyControlUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The local system has no output');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    const ready = /^Onsale is ready .*control API (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (ready !== undefined) {
      // Whoever does not read on would block the child once its pipe is full.
      child.stdout.resume();
      return ready;
    }
  }
  throw new Error(`The local system did not start:\n${said.join('\n')}`);
}
