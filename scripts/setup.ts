/** `npm run setup -- --stage dev`: prepares an AWS account. See `--help` and docs/deploying.md. */
import { SETUP_HELP, parseSetupArguments } from './setup/arguments.ts';
import { createContext } from './setup/context.ts';
import { explain } from './setup/errors.ts';
import { loadInput } from './setup/input.ts';
import { createRedactor } from './setup/redact.ts';
import { rotateKeys } from './setup/rotation.ts';
import { closingLine, exitCodeOf, runSteps } from './setup/runner.ts';
import { selectSteps, stepsOf } from './setup/steps.ts';

async function main(): Promise<number> {
  const options = parseSetupArguments(process.argv.slice(2));
  if (options.kind === 'help') {
    console.log(SETUP_HELP);
    return 0;
  }
  const input = loadInput(options.stage);
  if (options.kind === 'rotate') {
    await rotateKeys(createContext(input, undefined), options.secret);
    return 0;
  }
  const context = createContext(input, options.email);
  const steps = selectSteps(stepsOf(input), options.only);
  context.print(`${options.checkOnly ? 'Checking' : 'Setting up'} stage ${input.stage} in ${input.region}`);
  const outcomes = await runSteps(steps, context, options);
  context.print(closingLine(steps, outcomes, input.stage));
  return exitCodeOf(outcomes);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(createRedactor().clean(explain(error, [])));
  process.exitCode = 1;
}
