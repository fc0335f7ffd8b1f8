import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

import {
  confirmEnv,
  confirmPayment,
  purchasePaymentsEnv,
  settleEnv,
  stripeWebhook,
  takeOverEnv,
  webhookEnv,
} from '../../functions/payments/contract.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { Workflow } from '../constructs/workflow.ts';
import { httpVariables, sessionVariables, stripeVariables, tableVariables, type Platform } from './platform.ts';

/** A purchase has 10 s in all (seed 002 requirement 14). */
const CONFIRM_WITHIN_MS = 10_000;
/** Of the function behind the payments queue: one run of 10 s and a few calls of 4 s to Stripe. */
export const SETTLE_TIMEOUT_SECONDS = 30;

/** The purchase saga, what starts it, and what makes sure that it ends. */
export class Payments extends Construct {
  readonly purchase: Workflow;
  readonly confirm: OnsaleFunction;

  /** @param purchaseLedger steps of the saga that change rows, from the orders context */
  constructor(scope: Construct, platform: Platform, purchaseLedger: OnsaleFunction) {
    super(scope, 'Payments');
    const purchasePayments = declareFunction(this, 'PurchasePayments', platform, {
      entry: 'payments/handlers/step-purchase-payments.ts',
      description: 'Steps of a purchase: the payment',
      schema: purchasePaymentsEnv,
      environment: stripeVariables(platform),
      // Stripe has 4 s, the state that calls it 5 s.
      timeoutSeconds: 5,
      memoryMiB: 512,
    });
    this.purchase = new Workflow(this, 'Purchase', {
      type: StateMachineType.EXPRESS,
      file: 'purchase.asl.json',
      functions: { PurchaseLedger: purchaseLedger, PurchasePayments: purchasePayments },
    });
    this.confirm = this.#confirm(platform);
    this.#webhook(platform);
    this.#settle(platform);
    this.#reconcile(platform);
    this.#watch(platform);
  }

  #confirm(platform: Platform): OnsaleFunction {
    const confirm = declareFunction(this, 'Confirm', platform, {
      entry: 'payments/handlers/http-confirm-payment.ts',
      description: 'Runs the purchase that a buyer has authorised',
      schema: confirmEnv,
      environment: { ...sessionVariables(platform), ...this.#runs() },
      timeoutSeconds: 15,
      // It mostly waits for the workflow, and waiting is billed by memory.
      memoryMiB: 256,
      reservedConcurrency: platform.stage.reservedConcurrency.confirm,
    });
    // An API key's last use is written where vendors may call.
    allowTable(confirm, platform.table, ['GetItem', 'UpdateItem']);
    this.purchase.allowStartSync(confirm);
    platform.http.serve(confirm, [confirmPayment]);
    return confirm;
  }

  #webhook(platform: Platform): void {
    const webhook = declareFunction(this, 'Webhook', platform, {
      entry: 'payments/handlers/http-stripe-webhook.ts',
      description: "Takes Stripe's events into the payments queue",
      schema: webhookEnv,
      environment: {
        ...httpVariables(platform),
        WEBHOOK_SECRET_PARAMETER: { secret: 'webhookSecret' },
        PAYMENTS_QUEUE_URL: platform.queues.payments.queue.queueUrl,
      },
      timeoutSeconds: 10,
      memoryMiB: 256,
      reservedConcurrency: platform.stage.reservedConcurrency.webhook,
    });
    platform.queues.payments.allowSend(webhook);
    platform.http.serve(webhook, [stripeWebhook]);
  }

  #settle(platform: Platform): void {
    const settle = declareFunction(this, 'SettlePayments', platform, {
      entry: 'payments/handlers/queue-settle-payments.ts',
      description: 'Settles what Stripe reports and what lapsed with a payment',
      schema: settleEnv,
      environment: { ...tableVariables(platform), ...stripeVariables(platform), ...this.#runs() },
      timeoutSeconds: SETTLE_TIMEOUT_SECONDS,
      memoryMiB: 512,
    });
    // Refunds that fail open cases; the fraud check counts a buyer's orders.
    allowTable(settle, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem']);
    this.purchase.allowStartSync(settle);
    // One at a time in an invocation, so that a slow payment delays no other.
    platform.queues.payments.feed(settle, { batchSize: 1, maxConcurrency: 50 });
  }

  #reconcile(platform: Platform): void {
    const takeOver = declareFunction(this, 'TakeOverRuns', platform, {
      entry: 'payments/handlers/schedule-take-over-runs.ts',
      description: 'Finishes purchase runs that fell silent',
      schema: takeOverEnv,
      environment: { ...tableVariables(platform), ...this.#runs() },
      timeoutSeconds: 60,
      memoryMiB: 256,
    });
    allowTable(takeOver, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem']);
    this.purchase.allowStartSync(takeOver);
    platform.jobs.every(1, takeOver);

    const reconcile = declareFunction(this, 'ReconcilePayments', platform, {
      entry: 'payments/handlers/schedule-reconcile-payments.ts',
      description: "Holds Stripe's ledger against the orders",
      schema: settleEnv,
      environment: { ...tableVariables(platform), ...stripeVariables(platform), ...this.#runs() },
      timeoutSeconds: 300,
      memoryMiB: 512,
    });
    allowTable(reconcile, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'UpdateItem',
      'PutItem',
      'DeleteItem',
      'BatchWriteItem',
    ]);
    this.purchase.allowStartSync(reconcile);
    platform.jobs.every(15, reconcile);
  }

  #runs(): { readonly PURCHASE_STATE_MACHINE_ARN: string } {
    return { PURCHASE_STATE_MACHINE_ARN: this.purchase.stateMachine.stateMachineArn };
  }

  #watch({ alarms }: Platform): void {
    const period = Duration.minutes(5);
    alarms.add('ConfirmSlow', {
      runbook: 'confirm-is-slow',
      says: 'A buyer waited for more than 10 s for the confirmation of a payment.',
      metric: this.confirm.lambda.metricDuration({ period, statistic: 'Maximum' }),
      threshold: CONFIRM_WITHIN_MS,
    });
    const { stateMachine } = this.purchase;
    alarms.add('PurchasesFailing', {
      runbook: 'purchases-fail',
      says: 'Purchase runs ended without an answer: failed or timed out.',
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(late, 0)',
        usingMetrics: { failed: stateMachine.metricFailed(), late: stateMachine.metricTimedOut() },
        label: 'purchase runs without an answer',
        period,
      }),
      threshold: 2,
    });
  }
}
