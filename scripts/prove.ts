import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';

const HELP = `npm run prove [-- --write-docs] [-- FILTER ...]

Runs the long proofs (test/prove) and prints their figures. The histories and pairs of the simulator
take an hour; any other FILTER, such as kill or cancellation, takes minutes.
  --write-docs  also writes the table of docs/reliability.md, with the commit
  --help        this text`;

const { values, positionals } = parseArgs({
  options: { 'write-docs': { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
});
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}

const root = join(import.meta.dirname, '..');
const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
// Read before the run: what is committed while it goes on was not measured.
const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with local changes');
const scratch = mkdtempSync(join(tmpdir(), 'onsale-prove-'));
const file = join(scratch, 'figures.jsonl');
const { status } = spawnSync('vitest', ['run', '--project', 'prove', ...positionals], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ONSALE_PROVE_FIGURES: file },
});
const line = z.object({ proof: z.string(), figures: z.record(z.string(), z.number()) });
const rows = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((text) => z.parse(line, JSON.parse(text)))
  : [];
rmSync(scratch, { recursive: true });

const table = rows.map(
  ({ proof, figures }) =>
    `| ${proof} | ${Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')} |`,
);
console.log(['', '| proof | figures |', '|---|---|', ...table].join('\n'));
if (values['write-docs'] === true && status === 0 && positionals.length === 0) {
  const page = join(root, 'docs', 'reliability.md');
  const [before = ''] = readFileSync(page, 'utf8').split('<!-- figures -->');
  writeFileSync(
    page,
    `${before}<!-- figures -->\nMeasured at commit ${commit}, all proofs passed.\n\n| proof | figures |\n|---|---|\n${table.join('\n')}\n`,
  );
  console.log('\nWritten to docs/reliability.md.');
}
// Proofs that left no figure have not run.
process.exit(status === 0 && rows.length > 0 ? 0 : 1);
