/**
 * The words that setup and deploy share: what a stage needs from an AWS account (`SetupInput`),
 * what a step is, and the ports through which steps reach the world.
 *
 * Nothing here is remembered on disk. Every step reads its state from AWS or Stripe, so that a run
 * can be stopped anywhere and started again, by anybody, from any machine.
 */
import type { ACMClient } from '@aws-sdk/client-acm';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Route53Client } from '@aws-sdk/client-route-53';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import type Stripe from 'stripe';

import type { Redactor } from './redact.ts';

/** How the value of a secret comes about. */
export type SecretKind =
  | 'random-32-bytes'
  | 'key-ring'
  | 'stripe-secret-key'
  | 'stripe-webhook-secret'
  | 'apple-pass-key'
  | 'apple-pass-certificates'
  | 'google-wallet';

/** One SSM SecureString parameter that the functions read. */
export type SecretSpec = {
  /** Full parameter name, such as `/onsale/dev/session-keys`. */
  readonly name: string;
  readonly kind: SecretKind;
  /** One phrase for people: what it is used for. */
  readonly purpose: string;
};

/** A Stripe event name, such as `payment_intent.succeeded`. */
export type StripeEventName = Stripe.WebhookEndpointCreateParams.EnabledEvent;

/** A certificate that must exist before the stacks that name it are deployed. */
export type CertificateSpec = {
  readonly domain: string;
  /** `us-east-1` for CloudFront (its only region), the stage's own region for the HTTP API. */
  readonly region: string;
  /** The CDK context key under which deploy hands over the certificate's ARN. */
  readonly contextKey: string;
};

/** A name that must point at what the stacks made; known only after a deployment. */
export type DnsTarget = {
  /** The public name, such as `tickets.example.com`. */
  readonly name: string;
  /** Stack whose output says where the name leads. */
  readonly stack: string;
  readonly region: string;
  /** Key of that output; its value is a host name. */
  readonly outputKey: string;
  /** `cloudfront` may stand at a zone's apex (alias record), `cname` may not. */
  readonly kind: 'cloudfront' | 'cname';
};

/** All that setup needs to know about a stage; `input.ts` builds it from lib/stages.ts and lib/secrets.ts. */
export type SetupInput = {
  readonly stage: string;
  /** The 12-digit account of the stage; absent if any account will do. */
  readonly account?: string;
  /** Where the operator is mailed, if the stage names an address. */
  readonly alarmMail?: string;
  readonly region: string;
  readonly siteUrl: string;
  /** Regions to bootstrap for the CDK, without repetition. */
  readonly bootstrapRegions: readonly string[];
  /** Concurrent executions that the account needs in the stage's region. */
  readonly lambdaConcurrency: number;
  readonly mail: {
    /** The domain that mails come from. */
    readonly domain: string;
    /** Custom MAIL FROM domain (RFC 5321 return path), a subdomain of `domain`. */
    readonly returnPathDomain: string;
    /** False: the SES sandbox is enough (mail goes to verified addresses only). */
    readonly production: boolean;
    /** Mails a second that the stage wants once it is out of the sandbox. */
    readonly perSecond: number;
    /** Who creates the SES identity: this script, or the stacks (then setup only looks after its DNS). */
    readonly identityMadeBy: 'setup' | 'stack';
  };
  readonly certificates: readonly CertificateSpec[];
  readonly secrets: readonly SecretSpec[];
  /** The key ring whose current key the distribution sends, and the stack parameter that takes it (`Stack:Name`). */
  readonly originKey: { readonly secret: string; readonly parameter: string };
  readonly stripe: {
    /** A test key is refused on a live stage, and a live key on a test stage. */
    readonly mode: 'test' | 'live';
    readonly webhookUrl: string;
    /** Exactly the events that the webhook handler handles. */
    readonly events: readonly StripeEventName[];
  };
  /** What the secrets of a wallet hold where the operator has no account there. */
  readonly noAccount: string;
  readonly budget: { readonly name: string; readonly monthlyUsd: number };
  readonly dns: readonly DnsTarget[];
};

/** What `check` found. */
export type StepStatus =
  /** Nothing to do. */
  | { readonly kind: 'done'; readonly detail: string }
  /** `apply` can do it now; `will` completes the sentence "this will …". */
  | { readonly kind: 'missing'; readonly detail: string; readonly will: string }
  /** A person or AWS has to act first; `todo` says who does what. */
  | { readonly kind: 'waiting'; readonly detail: string; readonly todo: readonly string[] };

/** Names of the steps, in the order in which they run. */
export const STEP_NAMES = [
  'credentials',
  'bootstrap',
  'lambda-quota',
  'certificates',
  'mail-account',
  'mail-identity',
  'keys',
  'stripe-key',
  'stripe-webhook',
  'apple-wallet',
  'google-wallet',
  'budget',
  'dns',
] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** One thing that an account needs. */
export type Step = {
  readonly name: StepName;
  readonly title: string;
  /** `after-deploy` steps depend on what the stacks make, so deploy does not wait for them. */
  readonly phase: 'before-deploy' | 'after-deploy';
  /** Steps that must be done before this one can even be looked at. */
  readonly requires: readonly StepName[];
  /** IAM actions; the answer to "what is missing?" when AWS does not name the action itself. */
  readonly permissions: { readonly check: readonly string[]; readonly apply: readonly string[] };
  /** Reads only. Throws when the state cannot be read. */
  readonly check: (context: Context) => Promise<StepStatus>;
  /** Moves a `missing` state forward; running it twice does no harm. */
  readonly apply: (context: Context) => Promise<void>;
};

/** Clients of one stage. ACM and Budgets have homes of their own, hence the functions. */
export type Clients = {
  readonly sts: STSClient;
  /** SSM and CloudFormation of a region: bootstrap and stacks may lie in two. */
  readonly ssm: (region: string) => SSMClient;
  readonly cloudformation: (region: string) => CloudFormationClient;
  readonly quotas: ServiceQuotasClient;
  readonly ses: SESv2Client;
  readonly acm: (region: string) => ACMClient;
  readonly route53: Route53Client;
  readonly budgets: BudgetsClient;
};

/** Answers of the person at the terminal; `undefined` means that nobody is there to ask. */
export type Prompt = {
  /** A line of text, echoed. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** A line of text that does not appear on the terminal. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
};

/** Runs a program with inherited output. Secrets never go through it: arguments show in process lists. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<number>;

/** Variables that name the files of accounts at Apple and Google, and one that is a number itself. */
export type WalletVariable =
  | 'APPLE_PASS_KEY_FILE'
  | 'APPLE_PASS_CERTIFICATE_FILES'
  | 'GOOGLE_WALLET_KEY_FILE'
  | 'GOOGLE_WALLET_ISSUER_ID';

/** Everything that a step may touch. */
export type Context = {
  readonly input: SetupInput;
  readonly clients: Clients;
  readonly connectStripe: (secretKey: string) => Stripe;
  /** Knows every secret of this run, and takes them out of whatever is printed. */
  readonly redactor: Redactor;
  readonly print: (line: string) => void;
  readonly prompt: Prompt;
  readonly run: RunCommand;
  /** `STRIPE_SECRET_KEY` of the environment, if set. */
  readonly stripeKeyFromEnvironment: string | undefined;
  /** A variable of the environment that says what a person would otherwise be asked for; `undefined` if it is not set. */
  readonly given: (name: WalletVariable) => string | undefined;
  readonly readFile: (path: string) => Promise<Buffer>;
  /** Now, milliseconds since the epoch. */
  readonly now: () => number;
  /** Address for budget alarms and AWS's questions about mail. */
  readonly operatorEmail: string | undefined;
  /** Targets of a name's CNAME record as the public DNS gives them; empty if there is none. */
  readonly resolveCname: (name: string) => Promise<readonly string[]>;
  /** Waits; tests hand in a clock of their own. Milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
};
