/** The account's concurrent Lambda executions: reserved concurrency is cut from it at deployment. */
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  RequestServiceQuotaIncreaseCommand,
} from '@aws-sdk/client-service-quotas';

import { SetupError, isNamed } from '../errors.ts';
import type { Context, Step, StepStatus } from '../plan.ts';

/** Lambda, "Concurrent executions" (https://docs.aws.amazon.com/general/latest/gr/lambda-service.html). */
export const CONCURRENCY_QUOTA = { ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' } as const;

/** A request for more, as Service Quotas keeps it. */
export type QuotaRequest = {
  readonly status: string;
  readonly desired: number;
  readonly created: number;
  readonly caseId: string | undefined;
};

/**
 * @param target executions that the stage needs at once
 * @param current the account's value now
 * @param requests earlier requests, in any order
 */
export function decideQuota(target: number, current: number, requests: readonly QuotaRequest[]): StepStatus {
  if (current >= target) return { kind: 'done', detail: `${current} concurrent executions (needs ${target})` };
  const detail = `${current} concurrent executions, the stage needs ${target}`;
  const latest = requests.filter(({ desired }) => desired >= target).toSorted((a, b) => b.created - a.created)[0];
  if (latest === undefined) return { kind: 'missing', detail, will: `ask AWS for ${target} concurrent executions` };
  const supportCase = latest.caseId === undefined ? 'the request' : `support case ${latest.caseId}`;
  switch (latest.status) {
    case 'PENDING':
    case 'CASE_OPENED':
      return {
        kind: 'waiting',
        detail: `${detail}; an increase to ${latest.desired} is with AWS`,
        todo: [`AWS decides about ${supportCase}; run this again later.`],
      };
    case 'APPROVED':
      return {
        kind: 'waiting',
        detail: `${detail}; an increase to ${latest.desired} is approved and not in force yet`,
        todo: ['Run this again in some minutes.'],
      };
    case 'DENIED':
    case 'NOT_APPROVED':
      return {
        kind: 'waiting',
        detail: `${detail}; AWS declined an increase to ${latest.desired}`,
        todo: [
          `Answer ${supportCase} with your use case (new accounts must often show some use first), or lower the stage's concurrency in lib/stages.ts.`,
        ],
      };
    default:
      return { kind: 'missing', detail, will: `ask AWS for ${target} concurrent executions` };
  }
}

async function check(context: Context): Promise<StepStatus> {
  const target = context.input.lambdaConcurrency;
  const current = await readQuota(context);
  if (current >= target) return decideQuota(target, current, []);
  return decideQuota(target, current, await readRequests(context));
}

async function readQuota(context: Context): Promise<number> {
  const { quotas } = context.clients;
  try {
    const { Quota: quota } = await quotas.send(new GetServiceQuotaCommand(CONCURRENCY_QUOTA));
    if (quota?.Value !== undefined) return quota.Value;
  } catch (error) {
    // An account that never asked for anything has no value of its own.
    if (!isNamed(error, 'NoSuchResourceException')) throw error;
  }
  const { Quota: standard } = await quotas.send(new GetAWSDefaultServiceQuotaCommand(CONCURRENCY_QUOTA));
  if (standard?.Value === undefined)
    throw new SetupError('Service Quotas did not give a value for Lambda concurrency.');
  return standard.Value;
}

async function readRequests(context: Context): Promise<readonly QuotaRequest[]> {
  const { RequestedQuotas: requests } = await context.clients.quotas.send(
    // Newest matter only; one page of 100 is decades of requests.
    new ListRequestedServiceQuotaChangeHistoryByQuotaCommand({
      ...CONCURRENCY_QUOTA,
      MaxResults: 100,
    }),
  );
  return (requests ?? []).map((request) => ({
    status: request.Status ?? '',
    desired: request.DesiredValue ?? 0,
    created: request.Created?.getTime() ?? 0,
    caseId: request.CaseId,
  }));
}

export const lambdaQuotaStep: Step = {
  name: 'lambda-quota',
  title: 'Lambda concurrency',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: {
    check: [
      'servicequotas:GetServiceQuota',
      'servicequotas:GetAWSDefaultServiceQuota',
      'servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota',
    ],
    apply: ['servicequotas:RequestServiceQuotaIncrease', 'iam:CreateServiceLinkedRole'],
  },
  check,
  apply: async (context) => {
    try {
      await context.clients.quotas.send(
        new RequestServiceQuotaIncreaseCommand({
          ...CONCURRENCY_QUOTA,
          DesiredValue: context.input.lambdaConcurrency,
        }),
      );
    } catch (error) {
      // Another run asked at the same moment: the next check finds that request.
      if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
    }
  },
};
