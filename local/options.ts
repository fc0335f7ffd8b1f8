import type { PoolLimits } from './lambda/pool.ts';
import type { GivenSecrets } from './services/secrets.ts';
import type { WelcomeAccount } from './welcome.ts';

/** The ports of the local system; 0 takes any free one. */
export interface LocalPorts {
  /** The HTTP API, the welcome page and /metrics. */
  readonly main: number;
  /** The mail inbox (SES). */
  readonly inbox: number;
  /** The Stripe stand-in. */
  readonly stripe: number;
  readonly dynamodb: number;
  /** SQS, SNS and S3. */
  readonly aws: number;
  /** Step Functions, KMS, Lambda, secrets and the control API. */
  readonly control: number;
}

/** How a local system is started. */
export interface LocalSystemOptions {
  /** Directory of the cloud assembly; a promise lets the rest start while it is being synthesised. */
  readonly assembly: string | Promise<string>;
  /** Where state is kept; without it everything lives in memory. */
  readonly directory?: string | undefined;
  /** Each port that is not given is any free one. */
  readonly ports?: Partial<LocalPorts> | undefined;
  /** Region of stacks that name none. Default us-east-1. */
  readonly region?: string | undefined;
  /** Functions reach DynamoDB by way of what the control API may tell to conflict and throttle. Default false. */
  readonly dynamoDbFaults?: boolean | undefined;
  /** False lets schedules fire only by the control API. Default true. */
  readonly fireSchedules?: boolean | undefined;
  /** Bounds of the worker threads. */
  readonly limits?: Partial<PoolLimits> | undefined;
  /** A key of Stripe itself and its webhook secret: no stand-in is started then. */
  readonly secrets?: GivenSecrets | undefined;
  /** What the welcome page says of the demo. */
  readonly demo?: { readonly accounts: readonly WelcomeAccount[]; readonly password: string } | undefined;
  /** Told of progress and of what goes wrong. Default: nobody. */
  readonly log?: ((line: string) => void) | undefined;
}

/** How each port is chosen on the command line, for sentences about a taken one. */
export const PORT_USES: Readonly<Record<keyof LocalPorts, { use: string; flag: string }>> = {
  main: { use: 'the API', flag: '--port' },
  inbox: { use: 'the mail inbox', flag: '--inbox-port' },
  stripe: { use: 'the Stripe stand-in', flag: '--stripe-port' },
  dynamodb: { use: 'DynamoDB', flag: '--dynamodb-port' },
  aws: { use: 'SQS, SNS and S3', flag: '--aws-port' },
  control: { use: 'the control API', flag: '--control-port' },
};

/** Two cores: a function rarely gains from more threads, and each costs about 15 MB. */
export const DEFAULT_LIMITS: PoolLimits = { workersPerFunction: 8, queueLength: 1_000, idleMs: 60_000 };
