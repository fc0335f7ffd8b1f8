import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { encryptUnder } from '../../functions/privacy/passphrase.ts';

const folder = mkdtempSync(join(tmpdir(), 'onsale-export-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const EXPORT = JSON.stringify({ format: 'onsale.person', formatVersion: 1, userId: 'x', orders: [] });
const PASSPHRASE = 'correct horse battery staple';

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function open(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['scripts/export-open.ts', ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('npm run export:open', () => {
  it('--help says what it takes', async () => {
    const { code, stdout } = await open('--help');
    expect(code).toBe(0);
    for (const flag of ['--passphrase-file', '--out']) expect(stdout).toContain(flag);
  });

  it('prints a plain export and an encrypted one, and saves it for its owner alone', async () => {
    expect(await open(file('plain.json', EXPORT))).toMatchObject({ code: 0, stdout: `${EXPORT}\n` });
    const sealed = file('sealed.age', await encryptUnder(PASSPHRASE, EXPORT));
    const passphrase = file('passphrase', `${PASSPHRASE}\n`);
    expect(await open(sealed, '--passphrase-file', passphrase)).toMatchObject({ code: 0, stdout: `${EXPORT}\n` });
    const out = join(folder, 'opened.json');
    expect((await open(sealed, '--passphrase-file', passphrase, '--out', out)).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(EXPORT);
    expect(statSync(out).mode & 0o077).toBe(0);
    // A second time it would overwrite.
    expect((await open(sealed, '--passphrase-file', passphrase, '--out', out)).code).toBe(1);
  });

  it.each([
    { args: [], says: 'Name one file' },
    { args: ['plain.txt'], says: 'no export' },
    { args: ['sealed.age'], says: '--passphrase-file' },
    { args: ['sealed.age', '--passphrase-file', 'wrong'], says: 'another one, or the file is damaged' },
    { args: ['--passphrase', 'x'], says: '--passphrase' },
  ])('$args ends with 1 and one sentence', async ({ args, says }) => {
    file('plain.txt', 'not JSON');
    file('wrong', 'another passphrase');
    file('sealed.age', await encryptUnder(PASSPHRASE, EXPORT));
    const named = args.map((arg) => (arg.startsWith('--') || arg === 'x' ? arg : join(folder, arg)));
    const { code, stdout, stderr } = await open(...named);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
