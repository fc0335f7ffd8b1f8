/** The command lines of setup and deploy. */
import { parseArgs } from 'node:util';

import { SetupError } from './errors.ts';
import { STEP_NAMES } from './plan.ts';
import type { StepName } from './plan.ts';

export const SETUP_HELP = `Prepares an AWS account for a stage of Onsale. Stop and repeat it as you like: it reads
what is there, does what is missing, and says what waits for you or for AWS.

  npm run setup -- --stage dev            go through all steps, asking before each change
  npm run setup -- --stage dev --check    only report; changes nothing

  --stage NAME     the stage, as in lib/stages.ts (required)
  --check          report only
  --only STEP      only this step, and the credentials; may be repeated
                   (${STEP_NAMES.join(', ')})
  --rotate SECRET  instead of all that: give a key ring (origin-keys, session-keys) a new current key;
                   the one before stays live until the next rotation
  --yes            do not ask before each change
  --email ADDRESS  where budget alarms and AWS's questions about mail go
                   (or the variable ONSALE_OPERATOR_EMAIL)
  --wait MINUTES   poll a step that waits for AWS for up to so long (0 to 120; default 0)
  --help           this text

The Stripe secret key is asked for without echo, or taken from STRIPE_SECRET_KEY; it is
never a command-line argument. The accounts of Apple Wallet and Google Wallet are files that
it asks for, or APPLE_PASS_KEY_FILE, APPLE_PASS_CERTIFICATE_FILES, GOOGLE_WALLET_KEY_FILE and
GOOGLE_WALLET_ISSUER_ID say; a stage can do without. Exit code: 0 all done, 1 an error, 2 something is missing
or waits for a person or AWS. See docs/deploying.md.`;

export const DEPLOY_HELP = `Deploys a stage of Onsale to AWS.

  npm run deploy -- --stage dev           check the account, build, deploy, print the URLs
  npm run deploy -- --stage dev --diff    show what would change; changes nothing

  --stage NAME     the stage, as in lib/stages.ts (required)
  --diff           build and show the difference to what is deployed
  --force          deploy although setup has found something missing
  --yes            do not ask before security-relevant changes (cdk --require-approval never)
  --help           this text

Exit code: 0 deployed, 1 an error, 2 setup is not complete. See docs/deploying.md.`;

export type SetupArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'rotate'; readonly stage: string; readonly secret: string }
  | {
      readonly kind: 'run';
      readonly stage: string;
      readonly checkOnly: boolean;
      readonly only: readonly StepName[];
      readonly assumeYes: boolean;
      readonly email: string | undefined;
      readonly waitMilliseconds: number;
    };

export type DeployArguments =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly stage: string;
      readonly diff: boolean;
      readonly force: boolean;
      readonly assumeYes: boolean;
    };

/** @throws SetupError that says what is wrong with the command line */
export function parseSetupArguments(args: readonly string[]): SetupArguments {
  const { values } = strictly(() =>
    parseArgs({
      args: [...args],
      options: {
        stage: { type: 'string' },
        check: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        rotate: { type: 'string' },
        yes: { type: 'boolean', default: false },
        email: { type: 'string' },
        wait: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  if (values.help) return { kind: 'help' };
  if (values.rotate !== undefined) return { kind: 'rotate', stage: required(values.stage), secret: values.rotate };
  const minutes = Number(values.wait);
  if (!(minutes >= 0 && minutes <= 120)) throw new SetupError('--wait takes minutes from 0 to 120.');
  if (values.email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.email)) {
    throw new SetupError('--email takes an e-mail address.');
  }
  return {
    kind: 'run',
    stage: required(values.stage),
    checkOnly: values.check,
    only: values.only.map(stepName),
    assumeYes: values.yes,
    email: values.email,
    waitMilliseconds: minutes * 60_000,
  };
}

/** @throws SetupError that says what is wrong with the command line */
export function parseDeployArguments(args: readonly string[]): DeployArguments {
  const { values } = strictly(() =>
    parseArgs({
      args: [...args],
      options: {
        stage: { type: 'string' },
        diff: { type: 'boolean', default: false },
        force: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  if (values.help) return { kind: 'help' };
  return {
    kind: 'run',
    stage: required(values.stage),
    diff: values.diff,
    force: values.force,
    assumeYes: values.yes,
  };
}

function strictly<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError) throw new SetupError(`${error.message} Try --help.`);
    throw error;
  }
}

function required(stage: string | undefined): string {
  if (stage === undefined) throw new SetupError('Which stage? Add --stage dev (see lib/stages.ts), or --help.');
  return stage;
}

function stepName(text: string): StepName {
  const name = STEP_NAMES.find((candidate) => candidate === text);
  if (name === undefined) throw new SetupError(`There is no step ${text}. Steps: ${STEP_NAMES.join(', ')}.`);
  return name;
}
