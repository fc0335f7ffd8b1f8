import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const out = mkdtempSync(join(tmpdir(), 'onsale-demo-'));

afterAll(() => rmSync(out, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script as npm does. */
function run(script: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd: ROOT }, (_error, output, errors) =>
      resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });
}

describe('npm run demo', () => {
  it('sells a ticket from the draft of an event to the gate, by the public API alone', async () => {
    const { url, inboxUrl, stripeUrl } = inject('system');
    const ended = await run('scripts/demo.ts', '--url', url, '--inbox', inboxUrl, '--stripe', stripeUrl, '--out', out);
    expect(ended, ended.errors).toMatchObject({ code: 0 });
    for (const shown of [
      /declined \(card_declined/,
      /PAID/,
      /tc_[0-9A-Z]{26} +VALID/,
      /subject +\S/,
      /gate +ADMIT/,
      /gate +REFUSE ALREADY_USED: let in at .*North gate/,
    ]) {
      expect(ended.output).toMatch(shown);
    }
    const [pdf = ''] = readdirSync(out);
    expect(ended.output).toContain(join(out, pdf));
    expect(readFileSync(join(out, pdf)).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('races buyers, and audits what came of it', async () => {
    const ended = await run(
      'scripts/demo.ts',
      '--control',
      inject('system').controlUrl,
      '--buyers',
      '12',
      '--tickets',
      '3',
    );
    expect(ended.output).toMatch(/sold +3/);
    expect(ended.output).toMatch(/refused +9 +SOLD_OUT/);
    expect(ended.output).toContain('Every invariant holds.');
    expect(ended, ended.errors).toMatchObject({ code: 0 });
  });

  it('says what to do where no system runs', async () => {
    // Port 9 is discard: nothing of ours listens there.
    const ended = await run('scripts/demo.ts', '--url', 'http://127.0.0.1:9');
    expect(ended).toMatchObject({ code: 1, errors: expect.stringContaining('npm start') });
  });
});

describe('npm run audit', () => {
  it('judges the running system and answers with its exit code', async () => {
    const ended = await run('scripts/audit.ts', '--control', inject('system').controlUrl, '--json');
    const report: unknown = JSON.parse(ended.output);
    expect(report).toMatchObject({ world: 'at-rest', holds: true, differences: [] });
    expect(ended.code).toBe(0);
  });
});
