import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { importsOf, sourceFiles, SOURCE_FOLDERS, specifiersOf } from './imports.ts';
import { violationOf } from './rules.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('architecture', () => {
  it('sees every source file that git knows', () => {
    const known = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...SOURCE_FOLDERS], {
      cwd: ROOT,
      encoding: 'utf8',
    })
      .split('\n')
      .filter((file) => file.endsWith('.ts') && existsSync(join(ROOT, file)));
    expect(known.length).toBeGreaterThan(60);
    expect(sourceFiles(ROOT)).toEqual([...new Set(known)].toSorted());
  });

  it('has no import that breaks a rule', () => {
    const broken = sourceFiles(ROOT)
      .flatMap((file) => importsOf(ROOT, file))
      .flatMap((found) => {
        const says = violationOf(found);
        return says === undefined ? [] : [`${found.from} → ${found.to}: ${says}`];
      });
    expect(broken).toEqual([]);
  });

  it('resolves every relative import to a file that is there', () => {
    const files = new Set(sourceFiles(ROOT));
    const missing = sourceFiles(ROOT)
      .flatMap((file) => importsOf(ROOT, file))
      .filter(({ to }) => to.endsWith('.ts') && !files.has(to));
    expect(missing).toEqual([]);
  });

  it.each([
    ['functions/orders/app/x.ts', 'functions/payments/app/y.ts'],
    ['functions/orders/domain/x.ts', 'functions/orders/reads.ts'],
    ['functions/orders/domain/x.ts', 'functions/orders/app/y.ts'],
    ['functions/shared/kernel/x.ts', 'functions/shared/table/y.ts'],
    ['functions/shared/table/x.ts', 'functions/orders/contract.ts'],
    ['local/x.ts', 'functions/orders/contract.ts'],
    ['lib/x.ts', 'functions/orders/domain/order.ts'],
    ['functions/orders/app/x.ts', 'functions/orders/handlers/y.ts'],
    ['functions/orders/app/x.ts', 'lib/stages.ts'],
  ])('a planted import of %s → %s is named', (from, to) => {
    expect(violationOf({ from, to })).toBeTypeOf('string');
  });

  it('reads static, type, side-effect and dynamic imports and re-exports', () => {
    const text = `import { a } from './a.ts';\nimport type { B } from './b.ts';\nimport './c.ts';\nconst d = import('./d.ts');\nexport { e } from './e.ts';`;
    expect(specifiersOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts']);
  });

  it('carries KMS in the bundles that read persons or name holders, and in no other', () => {
    const handlers = sourceFiles(ROOT).filter((file) => /^functions\/[^/]+\/handlers\//.test(file));
    const carries = handlers.filter((handler) => reachedFrom(handler).has('functions/users/key-wrapping.ts'));
    expect(carries).toEqual([
      'functions/delivery/handlers/http-holders.ts',
      'functions/delivery/handlers/http-tickets.ts',
      'functions/delivery/handlers/http-wallets.ts',
      'functions/notifications/handlers/queue-send-mail.ts',
      'functions/orders/handlers/http-checkout.ts',
      'functions/orders/handlers/http-orders.ts',
      'functions/organizations/handlers/http-organizations.ts',
      'functions/privacy/handlers/http-privacy.ts',
      'functions/privacy/handlers/schedule-finish-erasures.ts',
      'functions/users/handlers/http-profile.ts',
      'functions/users/handlers/http-registration.ts',
      'functions/users/handlers/http-users.ts',
    ]);
  });

  it('keeps clock, randomness, I/O and SDKs out of the domain', () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|Math\.random|randomUUID|\bulid\(|process\.|from '@aws-sdk|from 'node:(fs|http|https|net)'|\bfetch\(/;
    const offenders = sourceFiles(ROOT).filter(
      (file) => /^functions\/[^/]+\/domain\//.test(file) && impure.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(offenders).toEqual([]);
  });

  it('keeps handlers thin', () => {
    const long = sourceFiles(ROOT)
      .filter((file) => /\/handlers\//.test(file))
      .map((file) => ({
        file,
        lines: readFileSync(join(ROOT, file), 'utf8')
          .split('\n')
          .filter((line) => line.trim() !== '' && !line.startsWith('import')).length,
      }))
      .filter(({ lines }) => lines > 35);
    expect(long).toEqual([]);
  });
});

/** Every file that `file` imports, directly or not; types are left out, since bundles leave them out. */
function reachedFrom(file: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...importsOf(ROOT, next, 'values').map(({ to }) => to));
  }
  return reached;
}
