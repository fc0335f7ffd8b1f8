import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** What `npm run check` runs, cheapest first; each is a command of the installed tools. */
const CHECKS = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  {
    name: 'architecture',
    command: 'vitest',
    args: ['run', '--project', 'unit', 'test/architecture', '--reporter=dot'],
  },
] as const;

const HELP = `npm run check [-- --only NAME]

Checks the code without running the system: ${CHECKS.map(({ name }) => name).join(', ')}.
  --only NAME   just one of them
  --help        this text
Exits with 1 when one fails; all are run all the same.`;

const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
const chosen = CHECKS.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`There is no check named ${values.only ?? ''}.\n\n${HELP}`);
  process.exit(2);
}
const failed = chosen.filter(({ name, command, args }) => {
  console.log(`\n── ${name}: ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0;
});
console.log(failed.length === 0 ? '\nAll checks hold.' : `\nFailed: ${failed.map(({ name }) => name).join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
