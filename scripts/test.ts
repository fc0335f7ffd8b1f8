import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';

/** The levels of tests, and the minutes that each may take on two idle cores: what they took there, with a little room. */
const LEVELS = [
  { name: 'check', budgetMinutes: 0.5, command: ['node', 'scripts/check.ts'] },
  { name: 'unit', budgetMinutes: 1 },
  { name: 'int', budgetMinutes: 7 },
  { name: 'workflow', budgetMinutes: 2 },
  { name: 'sim', budgetMinutes: 4 },
  { name: 'e2e', budgetMinutes: 17 },
] as const satisfies readonly { name: string; budgetMinutes: number; command?: readonly string[] }[];

/** How much of one failure the summary repeats. */
const FAULT_CHARACTERS = 1_500;

const HELP = `npm test [-- --level NAME ...]

Runs the suite level by level and prints what each took of its budget.
  --level NAME  only this level (may be given several times): ${LEVELS.map(({ name }) => name).join(', ')}
  --help        this text`;

const { values } = parseArgs({ options: { level: { type: 'string', multiple: true }, help: { type: 'boolean' } } });
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
const known = new Set<string>(LEVELS.map(({ name }) => name));
const unknown = values.level?.find((name) => !known.has(name));
if (unknown !== undefined) {
  console.error(`There is no level named ${unknown}.\n\n${HELP}`);
  process.exit(2);
}

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});
const scratch = mkdtempSync(join(tmpdir(), 'onsale-test-'));
const rows: { level: string; minutes: number; budget: number; passed: number; failed: number; skipped: number }[] = [];
/** What failed and why, told again at the very end, where whoever reads a long log looks first. */
const faults: string[] = [];
let broken = false;

for (const level of LEVELS) {
  if (values.level !== undefined && !values.level.includes(level.name)) continue;
  const startedAt = Date.now();
  const file = join(scratch, `${level.name}.json`);
  const [command = '', ...args] =
    'command' in level
      ? level.command
      : [
          'vitest',
          'run',
          '--project',
          level.name,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${file}`,
        ];
  console.log(`\n━━ ${level.name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0 && 'command' in level)
    faults.push(`${level.name}: ${level.command.join(' ')} ended with ${String(status)}`);
  if (status !== 0) broken = true;
  const counts =
    'command' in level
      ? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
      : readCounts(level.name, file);
  rows.push({ level: level.name, minutes: (Date.now() - startedAt) / 60_000, budget: level.budgetMinutes, ...counts });
}
rmSync(scratch, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0, minutes: 0, budget: 0 };
console.log('\nlevel      passed  failed  skipped  minutes  budget');
for (const row of rows) {
  for (const name of ['passed', 'failed', 'skipped', 'minutes', 'budget'] as const) total[name] += row[name];
  print(row.level, row);
}
print('all', total);
// A suite that ran nothing, or skipped something, has not passed.
if (broken || total.passed === 0 || total.skipped > 0) broken = true;
for (const fault of faults) console.log(`\n✗ ${fault}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(broken ? 1 : 0);

function readCounts(level: string, file: string): { passed: number; failed: number; skipped: number } {
  try {
    const { testResults, ...counts } = z.parse(report, JSON.parse(readFileSync(file, 'utf8')));
    for (const { name, message, assertionResults } of testResults) {
      const where = `${level}: ${relative(process.cwd(), name)}`;
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      for (const { fullName, failureMessages } of failed)
        faults.push(`${where} > ${fullName}\n${failureMessages.join('\n').slice(0, FAULT_CHARACTERS)}`);
      if (message !== '' && failed.length === 0) faults.push(`${where}\n${message.slice(0, FAULT_CHARACTERS)}`);
    }
    return { passed: counts.numPassedTests, failed: counts.numFailedTests, skipped: counts.numPendingTests };
  } catch {
    faults.push(`${level}: broke before it could report; see its output above`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function print(name: string, { passed, failed, skipped, minutes, budget }: typeof total): void {
  const cells = [passed, failed, skipped].map((count) => String(count).padStart(6));
  console.log(
    `${name.padEnd(9)}${cells.join('  ')}   ${minutes.toFixed(1).padStart(6)}  ${budget.toFixed(1).padStart(6)}`,
  );
}
