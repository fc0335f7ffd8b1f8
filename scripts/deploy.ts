/** `npm run deploy -- --stage dev`: checks, builds and deploys. See `--help` and docs/deploying.md. */
import { DEPLOY_HELP, parseDeployArguments } from './setup/arguments.ts';
import { createContext } from './setup/context.ts';
import { deploy } from './setup/deployment.ts';
import { explain } from './setup/errors.ts';
import { loadInput } from './setup/input.ts';
import { createRedactor } from './setup/redact.ts';
import { stepsOf } from './setup/steps.ts';

async function main(): Promise<number> {
  const options = parseDeployArguments(process.argv.slice(2));
  if (options.kind === 'help') {
    console.log(DEPLOY_HELP);
    return 0;
  }
  const input = loadInput(options.stage);
  return deploy(stepsOf(input), createContext(input, undefined), options);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(createRedactor().clean(explain(error, [])));
  process.exitCode = 1;
}
