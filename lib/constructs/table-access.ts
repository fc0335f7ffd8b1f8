import type { Table } from 'aws-cdk-lib/aws-dynamodb';

import type { OnsaleFunction } from './onsale-function.ts';

/** What a function may ask of the table. A transaction needs the actions of its parts, and no more. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'BatchWriteItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

/** Name of the table's sparse index. */
export const GSI1 = 'gsi1';

/** Lets `fn` do `actions` on the items of `table`. */
export function allowTable(fn: OnsaleFunction, table: Table, actions: readonly TableAction[]): void {
  fn.allow(
    actions.map((action) => `dynamodb:${action}`),
    [table.tableArn],
  );
}

/** Lets `fn` query the sparse index; that alone says nothing about the table itself. */
export function allowIndex(fn: OnsaleFunction, table: Table): void {
  fn.allow(['dynamodb:Query'], [`${table.tableArn}/index/${GSI1}`]);
}
