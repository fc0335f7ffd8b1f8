import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8');

/** A row of the page: a requirement with the tests that show it. */
interface Row {
  readonly requirement: string;
  readonly control: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

function rowsOf(page: string): readonly Row[] {
  const section = /## OWASP ASVS 5\.0\.0\n([^]*?)\n## /.exec(page)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| V'))
    .map((line) => {
      const [, requirement = '', control = '', shown = ''] = line.split('|').map((cell) => cell.trim());
      const tests = [...shown.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name }));
      return { requirement, control, tests };
    });
}

/** Why a test that is named is none, or nothing. */
function faultOf({ file, name }: Row['tests'][number]): string | undefined {
  if (!existsSync(join(ROOT, file))) return `${file} is not there`;
  const text = readFileSync(join(ROOT, file), 'utf8');
  const isThere = ["'", '"', '`'].some(
    (quote) => text.includes(`(${quote}${name}${quote},`) || text.includes(`${quote}${name}${quote},\n`),
  );
  return isThere ? undefined : `${file} has no test "${name}": name the one that shows it now, in docs/security.md`;
}

/** Names of test files in backticks, wherever on the page. */
function testFilesOn(page: string): readonly string[] {
  return [...new Set([...page.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, name = '']) => name))];
}

/** Of `names` those that are no file; one without a directory may lie anywhere below `test`. */
function missing(names: readonly string[]): readonly string[] {
  const there = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  const files = new Set(there.map((path) => basename(path)));
  return names.filter((name) => (name.includes('/') ? !existsSync(join(ROOT, name)) : !files.has(name)));
}

it('each test file that the page of security names is there', () => {
  const names = testFilesOn(PAGE);
  expect(names.length).toBeGreaterThan(60);
  expect(missing(names)).toEqual([]);
  const planted = testFilesOn('`test/docs/gone.unit.test.ts`, `gone.int.test.ts` (x); `asvs.unit.test.ts`');
  expect(missing(planted)).toEqual(['test/docs/gone.unit.test.ts', 'gone.int.test.ts']);
});

describe('the page that maps controls to OWASP ASVS 5.0.0', () => {
  const rows = rowsOf(PAGE);

  it('names for each requirement once what is done, and tests that there are', () => {
    expect(rows.length).toBeGreaterThan(60);
    for (const { requirement, control, tests } of rows) {
      expect(requirement).toMatch(/^V(?:[1-9]|1[0-7])\.\d{1,2}\.\d{1,2}$/);
      expect(control, requirement).not.toBe('');
      expect(tests.length, requirement).toBeGreaterThan(0);
    }
    const numbers = rows.map(({ requirement }) => requirement);
    expect(numbers).toEqual([...new Set(numbers)]);
    expect(rows.flatMap(({ tests }) => tests).flatMap((test) => faultOf(test) ?? [])).toEqual([]);
  });

  it('a planted row whose test is gone is found', () => {
    const page = '## OWASP ASVS 5.0.0\n| V1.1.1 | x | `test/docs/asvs.unit.test.ts` "is no test" |\n\n## Next';
    const [row] = rowsOf(page);
    expect(row?.tests).toHaveLength(1);
    expect(row?.tests.map(faultOf)).toEqual([expect.stringContaining('has no test "is no test"')]);
    expect(faultOf({ file: 'test/nowhere.ts', name: 'x' })).toContain('is not there');
  });
});
