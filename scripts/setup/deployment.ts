/** What `npm run deploy` does, apart from reading its command line. */
import { SetupError } from './errors.ts';
import { parseRing } from './key-ring.ts';
import { readSecret } from './parameters.ts';
import { callerAccount } from './steps/credentials.ts';
import { certificateContext } from './steps/certificates.ts';
import type { Context, Step } from './plan.ts';
import { exitCodeOf, runSteps } from './runner.ts';
import type { Outcomes, RunOptions } from './runner.ts';

export type DeployOptions = {
  readonly diff: boolean;
  readonly force: boolean;
  readonly assumeYes: boolean;
};

const REPORT: RunOptions = { checkOnly: true, assumeYes: false, waitMilliseconds: 0 };

/**
 * Checks, builds, deploys all stacks of the stage in the order of their dependencies, and prints
 * where the stage answers.
 *
 * @returns the exit code: 0 deployed, 1 failed, 2 setup is not complete
 */
export async function deploy(steps: readonly Step[], context: Context, options: DeployOptions): Promise<0 | 1 | 2> {
  const { input, print } = context;
  print(`Checking the account for stage ${input.stage}`);
  const before = steps.filter(({ phase }) => phase === 'before-deploy');
  const outcomes = await runSteps(before, context, REPORT);
  const code = exitCodeOf(outcomes);
  // In the wrong account nothing may be built up, forced or not.
  const signedIn = outcomes.get('credentials')?.kind ?? 'done';
  if (code !== 0 && (signedIn !== 'done' || (!options.force && !options.diff))) {
    print(`Not deployed. Missing: ${open(outcomes).join(', ')}.`);
    print(`Run: npm run setup -- --stage ${input.stage}   (or deploy with --force)`);
    return code;
  }
  if (code !== 0) print(`Going on without: ${open(outcomes).join(', ')}.`);

  const account = await callerAccount(context);
  const env = {
    AWS_REGION: input.region,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: input.region,
  };
  print('Building');
  if ((await context.run('npm', ['run', 'build'], env)) !== 0) {
    print('Not deployed: the build failed, see above.');
    return 1;
  }
  const pairs = [`stage=${input.stage}`, ...(await certificateContext(context))];
  const cdkContext = pairs.flatMap((pair) => ['--context', pair]);
  if (options.diff) return (await context.run('cdk', ['diff', '--all', ...cdkContext], env)) === 0 ? 0 : 1;

  print('Deploying');
  const approval = options.assumeYes ? 'never' : 'broadening';
  // Without the flag a parameter keeps its old value for ever, though its default (the stage's address) has changed.
  const how = ['--require-approval', approval, '--no-previous-parameters'];
  const origin = `${input.originKey.parameter}=${await currentOriginKey(context)}`;
  const deployed = await context.run('cdk', ['deploy', '--all', ...how, ...cdkContext, '--parameters', origin], env);
  if (deployed !== 0) {
    print(
      'The deployment failed, see above. CloudFormation rolls the failed stack back; stacks before it stay deployed. Repeat this once the cause is gone.',
    );
    return 1;
  }
  print(`Deployed. Site: ${input.siteUrl}   Stripe webhook: ${input.stripe.webhookUrl}`);
  const after = await runSteps(
    steps.filter(({ phase }) => phase === 'after-deploy'),
    context,
    REPORT,
  );
  if (exitCodeOf(after) !== 0) {
    print(`Deployed, but not reachable until this is done too: npm run setup -- --stage ${input.stage}`);
  }
  return 0;
}

/** What the distribution is to prove itself by. @throws SetupError when setup has not made it yet */
async function currentOriginKey(context: Context): Promise<string> {
  const { secret } = context.input.originKey;
  const value = await readSecret(context, secret);
  if (value === undefined) throw new SetupError(`There is no parameter ${secret}: run setup first.`);
  const { current, keys } = parseRing(value);
  return context.redactor.hide(keys[current] ?? '');
}

function open(outcomes: Outcomes): readonly string[] {
  return [...outcomes].flatMap(([name, { kind }]) => (kind === 'done' ? [] : [name]));
}
