import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { testClient } from '../support/dynamodb.ts';

/** Commands that change rows. */
const WRITES = new Set(['TransactWriteItemsCommand', 'UpdateItemCommand', 'PutItemCommand', 'DeleteItemCommand']);

/** When a process dies: before its write number `at` is taken, or right after it, before the answer is read. */
export interface Death {
  readonly at: number;
  readonly when: 'BEFORE' | 'AFTER';
}

/**
 * The table as a process sees it that dies at one of its writes: everything that it does from then on fails, too.
 * `writes` counts those that it began.
 */
export function dyingTable({ name }: Table, death?: Death): { readonly table: Table; readonly writes: () => number } {
  const client = testClient({ maxAttempts: 1 });
  let [writes, dead] = [0, false];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const writing = WRITES.has(String(context['commandName']));
      if (writing) writes += 1;
      const now = writing && writes === death?.at;
      if (dead || (now && death.when === 'BEFORE')) {
        dead = true;
        throw new Error('killed');
      }
      const answer = await next(args);
      if (now) {
        dead = true;
        throw new Error('killed');
      }
      return answer;
    },
    { step: 'initialize' },
  );
  return { table: tableOn(client, name), writes: () => writes };
}
