import { parseArgs } from 'node:util';
import { StartFailure } from './failure.ts';
import type { LocalPorts } from './options.ts';

/** What the command line asks for. */
export interface StartArguments {
  readonly help: boolean;
  readonly ports: LocalPorts;
  /** Directory of a cloud assembly; undefined to synthesise one. */
  readonly assembly: string | undefined;
  /** State directory; undefined for memory only. */
  readonly directory: string | undefined;
  readonly fresh: boolean;
  readonly demo: boolean;
  readonly schedules: boolean;
  readonly dynamoDbFaults: boolean;
}

const PORTS = {
  main: { flag: 'port', variable: 'ONSALE_PORT', usual: 3000 },
  inbox: { flag: 'inbox-port', variable: 'ONSALE_INBOX_PORT', usual: 8005 },
  stripe: { flag: 'stripe-port', variable: 'ONSALE_STRIPE_PORT', usual: 12_111 },
  dynamodb: { flag: 'dynamodb-port', variable: 'ONSALE_DYNAMODB_PORT', usual: 8000 },
  aws: { flag: 'aws-port', variable: 'ONSALE_AWS_PORT', usual: 4566 },
  control: { flag: 'control-port', variable: 'ONSALE_CONTROL_PORT', usual: 3001 },
} as const satisfies Record<keyof LocalPorts, { flag: string; variable: string; usual: number }>;

/** The text of `--help`. */
export const HELP = `Runs the whole of Onsale on this machine, from its synthesised CloudFormation template.

Usage: npm start -- [options]

  --port N            API and welcome page      (ONSALE_PORT, 3000)
  --inbox-port N      mail inbox                (ONSALE_INBOX_PORT, 8005)
  --stripe-port N     Stripe stand-in           (ONSALE_STRIPE_PORT, 12111)
  --dynamodb-port N   DynamoDB                  (ONSALE_DYNAMODB_PORT, 8000)
  --aws-port N        SQS, SNS and S3           (ONSALE_AWS_PORT, 4566)
  --control-port N    control API, other AWS    (ONSALE_CONTROL_PORT, 3001)
                      0 takes any free port
  --assembly DIR      run this cloud assembly instead of synthesising one
  --state DIR         where state is kept       (ONSALE_STATE, .onsale)
  --memory            keep nothing on disk
  --fresh             forget the kept state first
  --demo, --no-demo   seed the demo data        (default: when the store is empty)
  --no-schedules      fire schedules only by the control API
  --dynamodb-faults   let the control API make DynamoDB conflict and throttle
  --help              this text

With STRIPE_SECRET_KEY (and STRIPE_WEBHOOK_SECRET) set, payments go to Stripe itself.
`;

/**
 * Reads the command line and the environment.
 *
 * @throws StartFailure for an unknown option or a port that is none.
 */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): StartArguments {
  const values = parse(args);
  const port = (name: keyof LocalPorts): number => {
    const { flag, variable, usual } = PORTS[name];
    const chosen = values[flag] ?? environment[variable];
    if (chosen === undefined) return usual;
    if (!/^\d{1,5}$/.test(chosen) || Number(chosen) > 65_535) {
      throw new StartFailure(`--${flag} (or ${variable}) must be a port from 0 to 65535, not ${chosen}.`);
    }
    return Number(chosen);
  };
  return {
    help: values.help,
    ports: {
      main: port('main'),
      inbox: port('inbox'),
      stripe: port('stripe'),
      dynamodb: port('dynamodb'),
      aws: port('aws'),
      control: port('control'),
    },
    assembly: values.assembly,
    directory: values.memory ? undefined : (values.state ?? environment['ONSALE_STATE'] ?? '.onsale'),
    fresh: values.fresh,
    demo: values.demo,
    schedules: values.schedules,
    dynamoDbFaults: values['dynamodb-faults'],
  };
}

function parse(args: readonly string[]) {
  const no = { type: 'boolean', default: false } as const;
  const yes = { type: 'boolean', default: true } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        help: no,
        memory: no,
        fresh: no,
        demo: yes,
        schedules: yes,
        'dynamodb-faults': no,
        assembly: text,
        state: text,
        port: text,
        'inbox-port': text,
        'stripe-port': text,
        'dynamodb-port': text,
        'aws-port': text,
        'control-port': text,
      },
    }).values;
  } catch (error) {
    throw new StartFailure(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}
