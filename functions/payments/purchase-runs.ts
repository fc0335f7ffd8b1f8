import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { purchaseEnding, type PurchaseEnding } from '../orders/contract.ts';
import { SECOND, type Instant } from '../shared/kernel/clock.ts';
import { err, ok, type Result } from '../shared/kernel/result.ts';
import { logFault } from '../shared/runtime/log.ts';

/** What a run is started for; the optional members must match the order, see the ValidateOrder step. */
export interface PurchaseRequest {
  readonly orderId: string;
  readonly customerId?: string;
  readonly paymentIntentId?: string;
}

/** Why a run came to no answer about the order. */
export type PurchaseRefusal = 'ORDER_NOT_FOUND' | 'PAYMENT_INTENT_MISMATCH';

/** Starts purchase runs and waits for how they end. */
export interface PurchaseRuns {
  /**
   * Runs the purchase saga for an order. Undefined means that the run ended without an answer (timed out
   * or broke): the order is being processed and the reconciler will finish it.
   *
   * @param startedAt the starter's clock; no step of the run acts at an earlier time
   */
  run(request: PurchaseRequest, startedAt: Instant): Promise<Result<PurchaseEnding | undefined, PurchaseRefusal>>;
}

/** A run lives 10 s at most; waiting a little longer only covers the way there and back. */
const ANSWER_WITHIN_MS = 11 * SECOND;

/** Purchase runs as synchronous executions of the Express state machine `stateMachineArn`. */
export function purchaseRuns(stateMachineArn: string): PurchaseRuns {
  // A custom endpoint has no `sync-` host; the real service does.
  const disableHostPrefix = process.env['AWS_ENDPOINT_URL_SFN'] !== undefined;
  const client = new SFNClient({
    disableHostPrefix,
    maxAttempts: 1,
    requestHandler: { requestTimeout: ANSWER_WITHIN_MS },
  });
  return {
    run: async (request, startedAt) => {
      const run = ulid();
      const input = JSON.stringify({ ...request, run, startedAt });
      const execution = await client
        .send(new StartSyncExecutionCommand({ stateMachineArn, name: run, input }))
        .catch((error: unknown) => logFault('RUN_FAULT', error, { run, orderId: request.orderId }));
      // Throttled, timed out or broken on the way: nobody knows, so nobody is told that it failed.
      if (execution === undefined) return ok(undefined);
      if (execution.status === 'SUCCEEDED') return ok(z.parse(purchaseEnding, JSON.parse(execution.output ?? '')));
      const refusal = REFUSALS.find((code) => code === execution.error);
      return refusal === undefined ? ok(undefined) : err(refusal);
    },
  };
}

const REFUSALS: readonly PurchaseRefusal[] = ['ORDER_NOT_FOUND', 'PAYMENT_INTENT_MISMATCH'];
