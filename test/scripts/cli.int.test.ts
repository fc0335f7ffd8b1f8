import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { parseSetupArguments } from '../../scripts/setup/arguments.ts';
import { runCommand } from '../../scripts/setup/context.ts';
import { explain } from '../../scripts/setup/errors.ts';
import { loadInput } from '../../scripts/setup/input.ts';
import { STEP_NAMES } from '../../scripts/setup/plan.ts';
import { createRedactor } from '../../scripts/setup/redact.ts';
import { stepsOf } from '../../scripts/setup/steps.ts';
import { terminalPrompt } from '../../scripts/setup/terminal.ts';
import { awsError } from './fixtures.ts';

/** Runs a script of this project as a person would. */
function cli(script: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [`scripts/${script}`, ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe.each([
  { script: 'setup.ts', flags: ['--stage', '--check', '--only', '--yes', '--email', '--wait'] },
  { script: 'deploy.ts', flags: ['--stage', '--diff', '--force', '--yes'] },
])('$script', ({ script, flags }) => {
  it('--help names every flag and ends well', async () => {
    const { code, stdout } = await cli(script, '--help');
    expect(code).toBe(0);
    for (const flag of flags) expect(stdout).toContain(flag);
  });

  it.each([
    { args: ['--stage', 'dev', '--froce'], says: '--froce' },
    { args: [], says: '--stage' },
    { args: ['--stage', 'nowhere'], says: 'There is no stage nowhere' },
    { args: ['--stage', 'local'], says: 'npm start' },
  ])('$args ends with 1 and one sentence, without a stack trace', async ({ args, says }) => {
    const { code, stdout, stderr } = await cli(script, ...args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('command line of setup', () => {
  it('knows the steps, the bounds of --wait and what an address is', () => {
    expect(parseSetupArguments(['--stage', 'dev', '--only', 'keys', '--only', 'budget', '--wait', '2'])).toMatchObject({
      only: ['keys', 'budget'],
      waitMilliseconds: 120_000,
    });
    expect(() => parseSetupArguments(['--stage', 'dev', '--only', 'nothing'])).toThrow('There is no step nothing');
    expect(() => parseSetupArguments(['--stage', 'dev', '--wait', 'long'])).toThrow('--wait');
    expect(() => parseSetupArguments(['--stage', 'dev', '--email', 'nobody'])).toThrow('--email');
  });
});

describe('stages of this project', () => {
  it.each(['dev', 'prod'])('%s has all that the steps need', (stage) => {
    const input = loadInput(stage);
    expect(stepsOf(input).map(({ name }) => name)).toEqual(STEP_NAMES);
    expect(input.stripe.webhookUrl).toBe(`${input.siteUrl}/api/payments/webhook`);
    expect(input.stripe.events.length).toBeGreaterThan(0);
    expect(input.mail.returnPathDomain.endsWith(`.${input.mail.domain}`)).toBe(true);
    for (const kind of [
      'stripe-secret-key',
      'stripe-webhook-secret',
      'apple-pass-key',
      'apple-pass-certificates',
      'google-wallet',
    ]) {
      expect(input.secrets.filter((secret) => secret.kind === kind)).toHaveLength(1);
    }
  });

  it('only prod takes live keys', () => {
    expect(loadInput('dev').stripe.mode).toBe('test');
    expect(loadInput('prod').stripe.mode).toBe('live');
  });
});

describe('secrets on their way', () => {
  it('the terminal shows the question, and not the answer', async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    const answer = terminalPrompt(input, output).askSecret('Key: ');
    input.write('sk_test_typed123\n');
    expect(await answer).toBe('sk_test_typed123');
    expect(String(output.read())).toBe('Key: \n');
  });

  it('nobody is asked where there is no terminal', async () => {
    expect(await terminalPrompt(new PassThrough(), new PassThrough()).ask('Go on? ')).toBeUndefined();
  });

  it('a child process does not inherit the Stripe key', async () => {
    process.env['STRIPE_SECRET_KEY'] = 'sk_test_inherited';
    try {
      const code = await runCommand(
        process.execPath,
        ['-e', 'process.exit(process.env.STRIPE_SECRET_KEY ? 7 : process.env.EXTRA === "1" ? 0 : 8)'],
        { EXTRA: '1' },
      );
      expect(code).toBe(0);
    } finally {
      delete process.env['STRIPE_SECRET_KEY'];
    }
  });

  it('errors of any kind come out clean', () => {
    const redactor = createRedactor();
    redactor.hide('correct-horse-battery');
    const text = explain(awsError('Odd', 'got correct-horse-battery, sk_live_abc123 and whsec_xyz789'), []);
    expect(redactor.clean(text)).toBe('Odd: got [secret], [secret] and [secret]');
  });
});

describe('docs/deploying.md', () => {
  const text = readFileSync('docs/deploying.md', 'utf8');

  it('has a row for every step and names every permission', () => {
    for (const step of stepsOf(loadInput('dev'))) {
      expect(text).toContain(`| \`${step.name}\` |`);
      for (const action of [...step.permissions.check, ...step.permissions.apply]) expect(text).toContain(action);
    }
  });
});
