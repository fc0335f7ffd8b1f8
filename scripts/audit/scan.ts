import { ScanCommand } from '@aws-sdk/lib-dynamodb';

import type { Table } from '../../functions/shared/table/client.ts';
import type { Row } from './rows.ts';

/** Every row of `table`, read strongly page by page, the rows of a partition one after the other. */
export async function* scanRows(table: Table): AsyncGenerator<Row> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** All that `rows` hands out. */
export async function collect<R extends Row>(rows: AsyncIterable<R>): Promise<readonly R[]> {
  const found: R[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
