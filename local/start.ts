/** The command behind `npm start`: see `--help`, or README.md in this folder. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readArguments, type StartArguments } from './arguments.ts';
import { runScript } from './children.ts';
import { StartFailure } from './failure.ts';
import type { LocalSystem } from './system.ts';

/** The accounts that the demo data has (docs of the API, "Accounts of the local demo"). */
const DEMO = {
  password: 'Onsale-demo-2026!',
  accounts: [
    { email: 'admin@onsale.example', role: 'administrator' },
    { email: 'organizer@onsale.example', role: 'organizer of Harbour Lights' },
    { email: 'staff@onsale.example', role: 'box office and gate' },
    { email: 'support@onsale.example', role: 'support' },
    { email: 'buyer@onsale.example', role: 'buyer' },
  ],
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SYNTH = join(ROOT, 'bin', 'onsale.ts');
const SEED = join(ROOT, 'scripts', 'seed-demo.ts');

const startedAt = performance.now();
const stopping = new AbortController();
let system: LocalSystem | undefined;

function say(line: string): void {
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${line}`);
}

async function main(): Promise<void> {
  const chosen = readArguments(process.argv.slice(2), process.env);
  if (chosen.help) {
    process.stdout.write(HELP);
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
  if (chosen.fresh && chosen.directory !== undefined) await forget(chosen.directory);
  // Synthesis is the longest part: it runs while the runtime is still being loaded.
  const assembly = chosen.assembly === undefined ? synthesise() : Promise.resolve(chosen.assembly);
  assembly.catch(() => undefined);
  const { startLocalSystem } = await import('./system.ts');
  system = await startLocalSystem({
    assembly,
    directory: chosen.directory,
    ports: chosen.ports,
    fireSchedules: chosen.schedules,
    dynamoDbFaults: chosen.dynamoDbFaults,
    secrets: {
      stripeSecretKey: process.env['STRIPE_SECRET_KEY'],
      stripeWebhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
    },
    demo: DEMO,
    log: say,
  });
  say(`Everything that the template declares is up (${system.functions.all().length} functions).`);
  await seed(chosen, system);
  announce(system);
}

/** Forgets the state of earlier runs; refused while a system runs in it. */
async function forget(directory: string): Promise<void> {
  const { lockState } = await import('./state-lock.ts');
  lockState(directory)();
  rmSync(directory, { recursive: true, force: true });
  say(`Forgot the state in ${directory}.`);
}

async function synthesise(): Promise<string> {
  const outdir = join(ROOT, 'cdk.out');
  const environment = { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'local' }) };
  const args = ['-c', 'stage=local', '--output', outdir];
  await runScript({ script: SYNTH, args, environment, purpose: 'Synthesis', signal: stopping.signal });
  say('Synthesised the CloudFormation templates.');
  return outdir;
}

async function seed({ demo }: StartArguments, running: LocalSystem): Promise<void> {
  if (!demo || !existsSync(SEED) || !(await running.isEmpty())) return;
  const { environment, url, controlUrl, stripeUrl } = running;
  await runScript({
    script: SEED,
    args: [],
    environment: {
      ...environment,
      ONSALE_URL: url,
      ONSALE_CONTROL_URL: controlUrl,
      ...(stripeUrl === undefined ? {} : { ONSALE_STRIPE_URL: stripeUrl }),
    },
    purpose: 'Seeding the demo data',
    signal: stopping.signal,
  });
  say('Seeded the demo data.');
}

function announce({ url, inboxUrl, stripeUrl, controlUrl }: LocalSystem): void {
  const places = [
    `inbox ${inboxUrl}`,
    ...(stripeUrl === undefined ? [] : [`Stripe stand-in ${stripeUrl}`]),
    `control API ${controlUrl}/_local/`,
  ];
  console.log(
    `Onsale is ready at ${url} (${places.join(', ')}) after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s; Ctrl-C ends it.`,
  );
}

async function stop(code: number): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  await system?.close();
  process.exit(code);
}

main().catch(async (error: unknown) => {
  if (stopping.signal.aborted) return;
  console.error(error instanceof StartFailure ? error.message : error);
  await stop(1);
});
