import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startLocalSystem } from '../../local/system.ts';
import { secretName } from '../../lib/secrets.ts';

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

/**
 * Starts the whole local system once for all end-to-end tests: in memory, on free ports, from a fresh
 * synthesis, with the demo data and without schedules firing by themselves (tests fire them at the time
 * that they want).
 */
export default async function startSystem(project: TestProject): Promise<() => Promise<void>> {
  const scratch = mkdtempSync(join(tmpdir(), 'onsale-e2e-'));
  run(['bin/onsale.ts', '-c', 'stage=local', '--output', scratch], {});
  const system = await startLocalSystem({ assembly: scratch, fireSchedules: false });
  const stop = async (): Promise<void> => {
    await system.close();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    if (system.stripeUrl === undefined) throw new Error('The local system has no Stripe stand-in');
    run(['scripts/seed-demo.ts'], {
      ...system.environment,
      ONSALE_URL: system.url,
      ONSALE_CONTROL_URL: system.controlUrl,
    });
    const sessionKeys = system.secrets.value(secretName('local', 'sessionKeys'));
    if (sessionKeys === undefined) throw new Error('The local system has no session keys');
    const { url, controlUrl, inboxUrl, stripeUrl, environment } = system;
    project.provide('system', { url, controlUrl, inboxUrl, stripeUrl, environment: { ...environment }, sessionKeys });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>): void {
  const done = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`node ${args.join(' ')} failed:\n${done.stdout}\n${done.stderr}`);
}
