import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

import type { Alarms } from '../constructs/alarms.ts';
import type { HttpRoutes } from '../constructs/http-routes.ts';
import type { Jobs } from '../constructs/jobs.ts';
import type { httpEnv } from '../../functions/shared/runtime/env.ts';
import type { accessCodesEnv } from '../../functions/shared/runtime/access-codes.ts';
import type { limitsEnv } from '../../functions/shared/runtime/limits.ts';
import type { Environment, FunctionDefaults, OnsaleFunction } from '../constructs/onsale-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

/** What all contexts are built on. */
export interface Platform extends FunctionDefaults {
  readonly table: Table;
  readonly failedRecords: Bucket;
  readonly searchSnapshots: Bucket;
  /** Pictures of events. */
  readonly pictures: Bucket;
  /** The register of erased persons. */
  readonly erasures: Bucket;
  /** The one KMS key; absent in a stage without one. */
  readonly key: Key | undefined;
  readonly http: HttpRoutes;
  readonly jobs: Jobs;
  readonly alarms: Alarms;
  readonly queues: WorkQueues;
  /** Where links lead; a parameter of the stack, so a token here. */
  readonly publicUrl: string;
  /** Where Stripe is reached; empty for Stripe itself. A parameter of the stack, so a token here. */
  readonly stripeApiUrl: string;
  /** Where Apple's push service is reached; empty for Apple itself. A parameter of the stack, so a token here. */
  readonly applePushUrl: string;
}

/** The queues that integration events are relayed to. */
export interface WorkQueues {
  readonly tickets: WorkQueue;
  readonly mail: WorkQueue;
  readonly payments: WorkQueue;
}

/** Environment of every function that reads or writes the table. */
export function tableVariables({ table }: Platform): { readonly TABLE_NAME: string } {
  return { TABLE_NAME: table.tableName };
}

/** Environment of every function behind the HTTP API: where a distribution is in front, only what it sends is let in. */
export function httpVariables({ stage, publicUrl }: Platform): Environment<typeof httpEnv> {
  return {
    ORIGIN_KEYS_PARAMETER: stage.domains === undefined ? '' : { secret: 'originKeys' },
    PUBLIC_URL: publicUrl,
  };
}

/** Environment of every function that checks sessions. */
export function sessionVariables(platform: Platform) {
  return {
    ...tableVariables(platform),
    ...httpVariables(platform),
    SESSION_KEYS_PARAMETER: { secret: 'sessionKeys' },
  } as const;
}

/** Environment of every function that calls Stripe. */
export function stripeVariables({ stripeApiUrl }: Platform) {
  return { STRIPE_API_URL: stripeApiUrl, STRIPE_KEY_PARAMETER: { secret: 'stripeKey' } } as const;
}

/** Environment of every function that limits how often something is tried. */
export function limitsVariables({ stage }: Platform): Environment<typeof limitsEnv> {
  return { LIMITS: JSON.stringify(stage.limits) };
}

/** Environment of every function that pages. */
export const CURSOR_VARIABLES = { CURSOR_KEY_PARAMETER: { secret: 'cursorKey' } } as const;
/** Environment of every function that takes access codes. */
export function accessCodeVariables(platform: Platform): Environment<typeof accessCodesEnv> {
  return { ...limitsVariables(platform), ...CURSOR_VARIABLES };
}
/** Environment of every function that makes or checks QR codes. */
export const TICKET_SEED_VARIABLES = { TICKET_SEED_PARAMETER: { secret: 'ticketSeed' } } as const;
/** Environment of every function that makes or checks links in mails. */
export const LINK_VARIABLES = { LINK_KEY_PARAMETER: { secret: 'linkKey' } } as const;
/** Environment of every function that signs passes of Apple Wallet, or tells phones of their changes. */
export const APPLE_PASS_VARIABLES = {
  APPLE_PASS_KEY_PARAMETER: { secret: 'applePassKey' },
  APPLE_PASS_CERTIFICATES_PARAMETER: { secret: 'applePassCertificates' },
} as const;
/** Environment of every function that reads names or addresses of people; see also {@link allowPersonalData}. */
export function personalDataVariables({ key }: Platform) {
  return {
    PERSONAL_DATA_KEY_PARAMETER: { secret: 'personalDataKey' },
    PERSONAL_DATA_KMS_KEY: key?.keyArn ?? '',
  } as const;
}

/** Lets `fn` unwrap the data keys of persons, and make new ones if it keeps accounts. */
export function allowPersonalData(fn: OnsaleFunction, { key }: Platform, doing: 'reads' | 'reads and writes'): void {
  if (key === undefined) return;
  fn.allow(doing === 'reads' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
}
