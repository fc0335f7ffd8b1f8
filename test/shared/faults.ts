import { ThrottlingException, TransactionCanceledException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What DynamoDB Local never does by itself and real DynamoDB does (see `inject`). */
export interface InjectedFaults {
  /** Share of writes that are cancelled by a conflict, 0 to 1. */
  readonly conflicts?: number;
  /** Share of requests that are throttled. */
  readonly throttles?: number;
  /** Share of writes that take effect but whose answer is lost. */
  readonly lostAnswers?: number;
  readonly seed?: number;
}

/** How often each fault struck. */
export interface Struck {
  conflicts: number;
  throttles: number;
  lostAnswers: number;
}

/** A small deterministic generator of numbers in [0, 1), so that a failing run can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const WRITES = new Set(['TransactWriteItemsCommand', 'UpdateItemCommand', 'PutItemCommand', 'DeleteItemCommand']);

/**
 * Makes `client` meet conflicts, throttles and lost answers, beneath the SDK's own retries, as the service
 * would: DynamoDB Local raises neither `TransactionConflict` nor throttles.
 */
export function injectFaults(client: DynamoDBClient, faults: InjectedFaults): Struck {
  const random = randomFrom(faults.seed ?? 1);
  const struck: Struck = { conflicts: 0, throttles: 0, lostAnswers: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context['commandName']);
      const writes = WRITES.has(command);
      const $metadata = { httpStatusCode: 400 };
      if (random() < (faults.throttles ?? 0)) {
        struck.throttles += 1;
        throw new ThrottlingException({ message: 'injected', $metadata });
      }
      if (command === 'TransactWriteItemsCommand' && random() < (faults.conflicts ?? 0)) {
        struck.conflicts += 1;
        throw new TransactionCanceledException({
          message:
            'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]',
          $metadata,
          CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
        });
      }
      const answer = await next(args);
      if (writes && random() < (faults.lostAnswers ?? 0)) {
        struck.lostAnswers += 1;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      }
      return answer;
    },
    { step: 'deserialize', name: 'injectFaults', priority: 'low' },
  );
  return struck;
}
