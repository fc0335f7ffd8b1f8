import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { testClient, type TestTable } from './dynamodb.ts';

const WRITES = new Set(['TransactWriteItemsCommand', 'UpdateItemCommand', 'PutItemCommand', 'DeleteItemCommand']);

/**
 * The same table, as somebody slow uses it: whatever they have read and decided, `meanwhile` happens before the first of
 * their writes goes out. Destroy its client when done.
 */
export function interrupted({ table }: TestTable, meanwhile: () => Promise<unknown>): Table {
  const client = testClient();
  let happened = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!happened && WRITES.has(String(context['commandName']))) {
        happened = true;
        await meanwhile();
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return tableOn(client, table.name);
}
