import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { fixtureAssembly, until } from './fixture/boot.ts';
import { freshDirectory } from './fixture/build.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
const FREE_PORTS = ['port', 'inbox-port', 'stripe-port', 'dynamodb-port', 'aws-port', 'control-port'].flatMap(
  (flag) => [`--${flag}`, '0'],
);
const started: ChildProcess[] = [];

/** A child that runs the command, with all that it has printed. */
function start(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [START, ...args], { env: { ...process.env, ...environment } });
  started.push(child);
  const run = { child, output: '', exit: once(child, 'exit') };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (run.output += chunk.toString()));
  return run;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

describe('npm start', () => {
  it('prints that Onsale is ready, ends every child on Ctrl-C, and leaves nothing that blocks a start after kill -9', async () => {
    const state = freshDirectory('start-state');
    const args = ['--assembly', fixtureAssembly(), '--state', state, '--no-demo', '--no-schedules', ...FREE_PORTS];
    const jvm = () => Number(readFileSync(join(state, 'dynamodb', 'dynamodb.pid'), 'utf8'));

    const first = start(args);
    await until(
      () => first.output,
      (output) => /^Onsale is ready/m.test(output),
      30_000,
    );
    const firstJvm = jvm();

    const second = start(args);
    expect(await second.exit).toEqual([1, null]);
    expect(second.output).toMatch(/^Another local system \(process \d+\) already runs in .*\.\n$/);

    first.child.kill('SIGKILL');
    await first.exit;
    const third = start(args);
    await until(
      () => third.output,
      (output) => /^Onsale is ready/m.test(output),
      30_000,
    );
    expect(isAlive(firstJvm)).toBe(false);

    const thirdJvm = jvm();
    third.child.kill('SIGINT');
    expect(await third.exit).toEqual([0, null]);
    expect(isAlive(thirdJvm)).toBe(false);
  }, 90_000);

  it('says which port is taken, and exits with 1', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    for (const flag of ['--port', '--dynamodb-port', '--inbox-port']) {
      const run = start(['--assembly', fixtureAssembly(), '--memory', '--no-demo', ...FREE_PORTS, flag, port]);
      expect(await run.exit).toEqual([1, null]);
      expect(run.output).toMatch(
        new RegExp(`^Port ${port} for .* is taken; free it or choose another with ${flag}\\.\\n$`),
      );
    }
    squatter.close();
  }, 60_000);

  it('asks for Java 17 when there is none', async () => {
    const run = start(['--assembly', fixtureAssembly(), '--memory', ...FREE_PORTS], { JAVA_HOME: '/nowhere' });
    expect(await run.exit).toEqual([1, null]);
    expect(run.output).toMatch(/^Java 17 or newer is needed for DynamoDB Local.*\.\n$/);
  }, 30_000);

  it('explains itself', async () => {
    const help = start(['--help']);
    expect(await help.exit).toEqual([0, null]);
    expect(help.output).toContain('--inbox-port N');
    const wrong = start(['--colour', 'red']);
    expect(await wrong.exit).toEqual([1, null]);
    expect(wrong.output).toContain("Unknown option '--colour'");
  });
});
