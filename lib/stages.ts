/**
 * The stages of Onsale. They differ in numbers, names and domains only; nothing else in `lib/` asks which
 * stage it builds. Whoever deploys replaces the `onsale.example` names (RFC 2606) by domains of their own.
 */

import type { Brand } from '../functions/notifications/contract.ts';
import type { Limits } from '../functions/shared/runtime/limits.ts';

/** Names of the stages, as `-c stage=` takes them. */
export const STAGE_NAMES = ['local', 'dev', 'prod'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** Public names of a stage that is reached over the internet. */
export interface Domains {
  /** Where people go: CloudFront. */
  readonly site: string;
  /** Origin behind CloudFront: the custom domain of the HTTP API. */
  readonly api: string;
}

/** How mail is sent. */
export interface MailSettings {
  /** Sender of every mail, an address at `domain`. */
  readonly from: string;
  /** Domain that SES signs for (DKIM) and that the identity is made for. */
  readonly domain: string;
  /** Custom MAIL FROM (RFC 5321 return path), a subdomain of `domain`, so that SPF aligns. */
  readonly returnPathDomain: string;
  /** Out of the SES sandbox: mail goes to anybody. */
  readonly production: boolean;
  /** Mails a second that SES has to grant, and that bound how fast the mail queue is emptied. */
  readonly perSecond: number;
}

/** One stage. */
export interface Stage {
  readonly name: StageName;
  /** The 12-digit account; without it, whichever account the credentials of the deployment belong to. */
  readonly account?: string;
  readonly region: string;
  /** Absent where nothing stands in front of the API (the local system): then there is no edge stack. */
  readonly domains?: Domains;
  /** Where links in mails lead, without a slash at the end. */
  readonly publicUrl: string;
  readonly mail: MailSettings;
  /** How the operator appears in mails: name, colours, logo, who is behind it and where to ask. */
  readonly brand: Brand;
  /** HTTP API over all routes: sustained requests a second, and how many may come at once. */
  readonly throttling: { readonly ratePerSecond: number; readonly burst: number };
  /** How often one address, mailbox or session may try what invites guessing or costs money. */
  readonly limits: Limits;
  /** Executions set aside, so that money is confirmed however hot the rest runs; 0 is none set aside. */
  readonly reservedConcurrency: { readonly confirm: number; readonly webhook: number };
  /** Concurrent executions that the account has to grant in the region. */
  readonly lambdaConcurrency: number;
  /**
   * `all`: every alarm, their topic and the dashboard; `dead-letters`: a stage that nobody is woken for, with
   * an alarm on each dead-letter queue to look at, and no topic.
   */
  readonly alarms: 'all' | 'dead-letters';
  /** Where alarms are mailed to, if all are there; without it the topic has no subscriber until one is added by hand. */
  readonly alarmMail?: string;
  /**
   * `customer`: one KMS key of ours ($1 a month) wraps the data keys of persons and encrypts the buckets and
   * the alarm topic; `aws`: keys of AWS that cost nothing, and persons' keys are wrapped under a secret
   * parameter (ADR 14). Either way nothing is stored in the clear.
   */
  readonly encryptionKey: 'customer' | 'aws';
  /** Budget alarm, US dollars a month. */
  readonly monthlyBudgetUsd: number;
  /** Which keys of Stripe belong here. */
  readonly stripeMode: 'test' | 'live';
}

const MINUTES = 60;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

/**
 * Whole schools and offices come from one address, and at an on-sale at the same time; what stops guesses at an
 * account is its own lock.
 */
const LIMITS: Limits = {
  logInsPerAddress: { most: 100, withinSeconds: 15 * MINUTES },
  refreshesPerAddress: { most: 1_000, withinSeconds: 15 * MINUTES },
  registrationsPerAddress: { most: 50, withinSeconds: HOURS },
  mailsPerAddress: { most: 30, withinSeconds: HOURS },
  // Three an hour is the contract (seed 002 requirement 4), so it is the same everywhere.
  mailsPerMailbox: { most: 3, withinSeconds: HOURS },
  invitationsPerOrganization: { most: 100, withinSeconds: DAYS },
  invitationsPerMailbox: { most: 5, withinSeconds: DAYS },
  resendsPerOrder: { most: 3, withinSeconds: HOURS },
  noticesPerEvent: { most: 5, withinSeconds: DAYS },
  tokensPerAddress: { most: 60, withinSeconds: HOURS },
  passwordsPerSession: { most: 5, withinSeconds: 15 * MINUTES },
  accessCodesPerAddress: { most: 100, withinSeconds: 10 * MINUTES },
  guestsPerAddress: { most: 200, withinSeconds: HOURS },
  // An order has sixty tickets at most, and may be for a whole class.
  offersPerHolder: { most: 120, withinSeconds: DAYS },
  offersPerMailbox: { most: 10, withinSeconds: DAYS },
};

/** Every caller of the local system has one and the same address, so that addresses are not limited there. */
const LOCAL_LIMITS: Limits = {
  ...LIMITS,
  logInsPerAddress: unbounded(LIMITS.logInsPerAddress),
  refreshesPerAddress: unbounded(LIMITS.refreshesPerAddress),
  registrationsPerAddress: unbounded(LIMITS.registrationsPerAddress),
  mailsPerAddress: unbounded(LIMITS.mailsPerAddress),
  tokensPerAddress: unbounded(LIMITS.tokensPerAddress),
  accessCodesPerAddress: unbounded(LIMITS.accessCodesPerAddress),
  guestsPerAddress: unbounded(LIMITS.guestsPerAddress),
  noticesPerEvent: { ...LIMITS.noticesPerEvent, most: 1_000 },
  invitationsPerOrganization: { ...LIMITS.invitationsPerOrganization, most: 1_000 },
  offersPerHolder: { ...LIMITS.offersPerHolder, most: 1_000 },
  passwordsPerSession: { ...LIMITS.passwordsPerSession, most: 100 },
};

/** Whoever deploys puts their own name and postal address here. */
const BRAND: Brand = {
  name: 'Onsale',
  color: '#16213a',
  accent: '#f2a33c',
  imprint: 'Onsale · Example Quay 1 · 20457 Hamburg · Germany',
  contact: 'help@onsale.example',
};

const LOCAL: Stage = {
  name: 'local',
  region: 'eu-west-1',
  publicUrl: 'http://127.0.0.1:3000',
  mail: {
    from: 'Onsale <tickets@onsale.example>',
    domain: 'onsale.example',
    returnPathDomain: 'bounce.onsale.example',
    production: false,
    perSecond: 14,
  },
  brand: BRAND,
  throttling: { ratePerSecond: 2_000, burst: 4_000 },
  limits: LOCAL_LIMITS,
  // Beyond these, callers are turned away as on AWS; how many run at a time is the machine's own affair.
  reservedConcurrency: { confirm: 200, webhook: 50 },
  lambdaConcurrency: 1_000,
  alarms: 'all',
  encryptionKey: 'customer',
  monthlyBudgetUsd: 1,
  stripeMode: 'test',
};

const DEV: Stage = {
  name: 'dev',
  region: 'eu-west-1',
  domains: { site: 'dev.onsale.example', api: 'api.dev.onsale.example' },
  publicUrl: 'https://dev.onsale.example',
  mail: {
    from: 'Onsale dev <tickets@dev.onsale.example>',
    domain: 'dev.onsale.example',
    returnPathDomain: 'bounce.dev.onsale.example',
    production: false,
    perSecond: 1,
  },
  brand: { ...BRAND, name: 'Onsale dev' },
  throttling: { ratePerSecond: 50, burst: 100 },
  limits: LIMITS,
  reservedConcurrency: { confirm: 5, webhook: 5 },
  lambdaConcurrency: 1_000,
  alarms: 'dead-letters',
  encryptionKey: 'aws',
  monthlyBudgetUsd: 10,
  stripeMode: 'test',
};

const PROD: Stage = {
  name: 'prod',
  region: 'eu-west-1',
  domains: { site: 'onsale.example', api: 'api.onsale.example' },
  publicUrl: 'https://onsale.example',
  mail: {
    from: 'Onsale <tickets@onsale.example>',
    domain: 'onsale.example',
    returnPathDomain: 'bounce.onsale.example',
    production: true,
    perSecond: 100,
  },
  brand: BRAND,
  throttling: { ratePerSecond: 5_000, burst: 5_000 },
  limits: LIMITS,
  // 40 orders/s are admitted, a confirmation takes about 3 s and 10 s at most; a webhook about 0.1 s.
  reservedConcurrency: { confirm: 200, webhook: 50 },
  lambdaConcurrency: 3_000,
  alarms: 'all',
  encryptionKey: 'customer',
  monthlyBudgetUsd: 200,
  stripeMode: 'live',
};

export const STAGES: Readonly<Record<StageName, Stage>> = { local: LOCAL, dev: DEV, prod: PROD };

/** The stage that is meant when none is named: the one in which a mistake costs least. */
export const USUAL_STAGE: StageName = 'dev';

/** A limit that nobody reaches, over the same time. */
function unbounded(limit: Limits[keyof Limits]): Limits[keyof Limits] {
  return { ...limit, most: 1_000_000 };
}

/** The stage called `name`. @throws when there is none, naming those that there are */
export function stageNamed(name: unknown): Stage {
  const found = STAGE_NAMES.find((candidate) => candidate === name);
  if (found === undefined)
    throw new Error(`There is no stage ${JSON.stringify(name)}; use one of ${STAGE_NAMES.join(', ')}.`);
  return STAGES[found];
}

/** Names of the stacks, in the order in which they are deployed. */
export const STACK_NAMES = { data: 'OnsaleData', app: 'OnsaleApp', edge: 'OnsaleEdge' } as const;

/** CloudFront takes its certificate and its web ACL from this region only, so the edge stack has its place there. */
export const EDGE_REGION = 'us-east-1';

/** CDK context keys under which a deployment hands over what was made outside the stacks. */
export const CONTEXT_KEYS = {
  stage: 'stage',
  /** Certificate for `domains.site`, in us-east-1 (CloudFront takes them from there only). */
  siteCertificate: 'siteCertificateArn',
  /** Certificate for `domains.api`, in the stage's region. */
  apiCertificate: 'apiCertificateArn',
  /** `true` puts a web ACL in front of the site: $7 a month before the first request, see docs/cost.md. */
  waf: 'waf',
} as const;

/** Parameters of the edge stack that deploy fills in. */
export const EDGE_PARAMETERS = {
  /** The current key of secret `originKeys`. */
  originKey: 'OriginKey',
} as const;

/** Stack outputs that scripts read. */
export const OUTPUTS = {
  /** Of the app stack: host name that `domains.api` must be a CNAME of. */
  apiTarget: 'ApiDomainTarget',
  /** Of the edge stack: host name that `domains.site` must lead to. */
  siteTarget: 'SiteDomainTarget',
  /** Of the data stack. */
  tableName: 'TableName',
  /** Of the data stack. */
  failedRecordsBucket: 'FailedRecordsBucket',
  /** Of the data stack. */
  erasuresBucket: 'ErasuresBucket',
  /** Of the app stack. */
  relayFunction: 'RelayFunction',
  /** Of the app stack. */
  erasuresFunction: 'ErasuresFunction',
} as const;
