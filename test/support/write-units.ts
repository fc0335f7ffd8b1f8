import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Write units that a client has spent, by AWS's rule. */
export interface WriteMeter {
  units: number;
}

const SINGLE_WRITES = new Set(['PutItemCommand', 'UpdateItemCommand', 'DeleteItemCommand']);

/**
 * Meters the writes of `client`. Single writes are what DynamoDB Local says they cost. It says 2 for any
 * transaction, so those count 2 for each item; every item of ours that a transaction touches is under 1 KB.
 */
export function meterWrites(client: DynamoDBClient): WriteMeter {
  const meter: WriteMeter = { units: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context['commandName']);
      const single = SINGLE_WRITES.has(command);
      const input = single ? { ...args.input, ReturnConsumedCapacity: 'TOTAL' } : args.input;
      const answer = await next({ ...args, input });
      const output: object = answer.output;
      if (single && 'ConsumedCapacity' in output) {
        const { ConsumedCapacity: capacity } = output;
        if (typeof capacity === 'object' && capacity !== null && 'CapacityUnits' in capacity)
          meter.units += Number(capacity.CapacityUnits);
      }
      if (command === 'TransactWriteItemsCommand' && 'TransactItems' in args.input)
        meter.units += 2 * (args.input.TransactItems?.length ?? 0);
      return answer;
    },
    { step: 'initialize', name: 'meterWrites', priority: 'low' },
  );
  return meter;
}
