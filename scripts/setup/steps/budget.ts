/** A monthly budget that mails the operator: the one alarm that watches the whole bill. */
import {
  CreateBudgetCommand,
  CreateNotificationCommand,
  CreateSubscriberCommand,
  DescribeBudgetCommand,
  DescribeNotificationsForBudgetCommand,
  DescribeSubscribersForNotificationCommand,
  UpdateBudgetCommand,
} from '@aws-sdk/client-budgets';
import type { Budget, Notification } from '@aws-sdk/client-budgets';

import { NeedsPerson, isNamed } from '../errors.ts';
import type { Context, Step, StepStatus } from '../plan.ts';
import { callerAccount } from './credentials.ts';

/** When the mails go out, in per cent of the budget. */
export const ALARMS = [
  { NotificationType: 'ACTUAL', Threshold: 80 },
  { NotificationType: 'ACTUAL', Threshold: 100 },
  { NotificationType: 'FORECASTED', Threshold: 100 },
] as const;

type Alarm = (typeof ALARMS)[number];

/** What AWS has: the limit, and which of our alarms have somebody to mail. */
export type BudgetFound = {
  readonly monthlyUsd: number;
  readonly alarms: readonly { readonly alarm: Alarm; readonly emails: readonly string[] }[];
};

/** @param email where the alarms should go; without it any address will do */
export function decideBudget(wantedUsd: number, email: string | undefined, found: BudgetFound | undefined): StepStatus {
  if (found === undefined) {
    return {
      kind: 'missing',
      detail: 'no budget',
      will: `create a budget of ${wantedUsd} USD a month with mails at 80 % and 100 %`,
    };
  }
  if (found.monthlyUsd !== wantedUsd) {
    return {
      kind: 'missing',
      detail: `the budget is ${found.monthlyUsd} USD a month`,
      will: `set it to ${wantedUsd} USD`,
    };
  }
  const silent = ALARMS.filter((alarm) => !hasListener(found, alarm, email));
  if (silent.length > 0) {
    return {
      kind: 'missing',
      detail: `${silent.length} of ${ALARMS.length} alarms mail nobody${email === undefined ? '' : ` at ${email}`}`,
      will: `add the missing alarms${email === undefined ? '' : ` for ${email}`}`,
    };
  }
  return { kind: 'done', detail: `${found.monthlyUsd} USD a month, ${ALARMS.length} alarms` };
}

function hasListener(found: BudgetFound, alarm: Alarm, email: string | undefined): boolean {
  const emails = found.alarms.find((one) => one.alarm === alarm)?.emails ?? [];
  return email === undefined ? emails.length > 0 : emails.includes(email);
}

function toNotification(alarm: Alarm): Notification {
  return { ...alarm, ComparisonOperator: 'GREATER_THAN', ThresholdType: 'PERCENTAGE' };
}

function toBudget(context: Context): Budget {
  const { name, monthlyUsd } = context.input.budget;
  return {
    BudgetName: name,
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: String(monthlyUsd), Unit: 'USD' },
  };
}

async function read(context: Context, account: string): Promise<BudgetFound | undefined> {
  const { budgets } = context.clients;
  const key = { AccountId: account, BudgetName: context.input.budget.name };
  let monthlyUsd: number;
  try {
    const { Budget: budget } = await budgets.send(new DescribeBudgetCommand(key));
    monthlyUsd = Number(budget?.BudgetLimit?.Amount ?? Number.NaN);
  } catch (error) {
    if (isNamed(error, 'NotFoundException')) return undefined;
    throw error;
  }
  const { Notifications: notifications } = await budgets.send(new DescribeNotificationsForBudgetCommand(key));
  const alarms: { alarm: Alarm; emails: readonly string[] }[] = [];
  for (const alarm of ALARMS) {
    const match = notifications?.find(
      (one) => one.NotificationType === alarm.NotificationType && one.Threshold === alarm.Threshold,
    );
    if (match === undefined) continue;
    const { Subscribers: subscribers } = await budgets.send(
      new DescribeSubscribersForNotificationCommand({
        ...key,
        Notification: toNotification(alarm),
      }),
    );
    alarms.push({
      alarm,
      emails: (subscribers ?? []).flatMap((one) =>
        one.SubscriptionType === 'EMAIL' && one.Address !== undefined ? [one.Address] : [],
      ),
    });
  }
  return { monthlyUsd, alarms };
}

async function apply(context: Context): Promise<void> {
  const { budgets } = context.clients;
  const account = await callerAccount(context);
  const found = await read(context, account);
  const key = { AccountId: account, BudgetName: context.input.budget.name };
  if (found !== undefined && found.monthlyUsd !== context.input.budget.monthlyUsd) {
    await budgets.send(new UpdateBudgetCommand({ AccountId: account, NewBudget: toBudget(context) }));
  }
  const silent = ALARMS.filter((alarm) => found === undefined || !hasListener(found, alarm, context.operatorEmail));
  if (silent.length === 0) return;
  if (context.operatorEmail === undefined) {
    throw new NeedsPerson('a budget alarm needs an address', ['Run this again with --email you@example.com.']);
  }
  const subscriber = { SubscriptionType: 'EMAIL', Address: context.operatorEmail } as const;
  if (found === undefined) {
    await budgets.send(
      new CreateBudgetCommand({
        AccountId: account,
        Budget: toBudget(context),
        NotificationsWithSubscribers: silent.map((alarm) => ({
          Notification: toNotification(alarm),
          Subscribers: [subscriber],
        })),
      }),
    );
    return;
  }
  for (const alarm of silent) {
    const exists = found.alarms.some((one) => one.alarm === alarm);
    await (exists
      ? budgets.send(
          new CreateSubscriberCommand({
            ...key,
            Notification: toNotification(alarm),
            Subscriber: subscriber,
          }),
        )
      : budgets.send(
          new CreateNotificationCommand({
            ...key,
            Notification: toNotification(alarm),
            Subscribers: [subscriber],
          }),
        ));
  }
}

export const budgetStep: Step = {
  name: 'budget',
  title: 'Budget alarm',
  phase: 'before-deploy',
  requires: ['credentials'],
  permissions: { check: ['budgets:ViewBudget'], apply: ['budgets:ModifyBudget'] },
  check: async (context) =>
    decideBudget(
      context.input.budget.monthlyUsd,
      context.operatorEmail,
      await read(context, await callerAccount(context)),
    ),
  apply,
};
