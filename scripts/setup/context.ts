/** The real world behind the ports of `plan.ts`. */
import { ACMClient } from '@aws-sdk/client-acm';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { Route53Client } from '@aws-sdk/client-route-53';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { spawn } from 'node:child_process';
import { resolveCname } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';

import type { Clients, Context, RunCommand, SetupInput } from './plan.ts';
import { createRedactor } from './redact.ts';
import { terminalPrompt } from './terminal.ts';

/** Route 53 and Budgets have one endpoint for the world, signed for this region. */
const GLOBAL_REGION = 'us-east-1';

/** AWS clients of a stage. Credentials come from the SDK's default chain. */
export function createClients(region: string): Clients {
  return {
    sts: new STSClient({ region }),
    ssm: (where) => new SSMClient({ region: where }),
    cloudformation: (where) => new CloudFormationClient({ region: where }),
    quotas: new ServiceQuotasClient({ region }),
    ses: new SESv2Client({ region }),
    acm: (where) => new ACMClient({ region: where }),
    route53: new Route53Client({ region: GLOBAL_REGION }),
    budgets: new BudgetsClient({ region: GLOBAL_REGION }),
  };
}

/** Runs a program of this project (npm scripts have node_modules/.bin on their path). */
export const runCommand: RunCommand = (program, args, env) =>
  new Promise((resolve, reject) => {
    const inherited = { ...process.env };
    // The children have no use for it, and build tools print environments.
    delete inherited['STRIPE_SECRET_KEY'];
    const child = spawn(program, [...args], { stdio: 'inherit', env: { ...inherited, ...env } });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 1 : 130));
    });
  });

/** A context that talks to AWS, Stripe and the terminal. */
export function createContext(input: SetupInput, operatorEmail: string | undefined): Context {
  const redactor = createRedactor();
  const stripeKey = process.env['STRIPE_SECRET_KEY'];
  return {
    input,
    clients: createClients(input.region),
    connectStripe: (secretKey) => new Stripe(secretKey, { maxNetworkRetries: 2, timeout: 20_000, telemetry: false }),
    redactor,
    print: (line) => {
      process.stdout.write(`${redactor.clean(line)}\n`);
    },
    prompt: terminalPrompt(process.stdin, process.stdout),
    run: runCommand,
    stripeKeyFromEnvironment: stripeKey === undefined || stripeKey === '' ? undefined : redactor.hide(stripeKey.trim()),
    given: (name) => process.env[name]?.trim() || undefined,
    readFile: (path) => readFile(path),
    now: () => Date.now(),
    operatorEmail: operatorEmail ?? process.env['ONSALE_OPERATOR_EMAIL'] ?? input.alarmMail,
    resolveCname: async (name) => {
      try {
        return await resolveCname(name);
      } catch {
        // Not there, or no resolver: either way it cannot be said to be in place.
        return [];
      }
    },
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  };
}
