import * as z from 'zod';
import type { Declared, Model } from '../cloudformation/model.ts';
import { GlobalTable, Table } from '../cloudformation/schemas.ts';
import { type DynamoDbApi, DynamoDbError } from './dynamodb-api.ts';

type TableProperties = z.output<typeof Table> | z.output<typeof GlobalTable>;

const Described = z.object({
  Table: z.object({
    LatestStreamArn: z.string().optional(),
    GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string() })).optional(),
  }),
});

/** A table as the templates declare it. */
export type DeclaredTable = Declared<TableProperties>;

/** All tables of the templates. */
export function tablesOf(model: Model): DeclaredTable[] {
  return [...model.of('AWS::DynamoDB::Table', Table), ...model.of('AWS::DynamoDB::GlobalTable', GlobalTable)];
}

/**
 * Creates the tables that are missing, with their indexes, stream and TTL, and adds what a table of an
 * earlier run lacks. Returns the ARN of each table's stream in DynamoDB Local by the table's own ARN.
 */
export async function createTables(api: DynamoDbApi, tables: readonly DeclaredTable[]): Promise<Map<string, string>> {
  const streams = new Map<string, string>();
  for (const table of tables) {
    const stream = await createTable(api, table);
    if (stream !== undefined) streams.set(table.arn, stream);
  }
  return streams;
}

async function createTable(api: DynamoDbApi, { name, properties }: DeclaredTable): Promise<string | undefined> {
  const stream = {
    StreamEnabled: true,
    StreamViewType: properties.StreamSpecification?.StreamViewType ?? 'NEW_AND_OLD_IMAGES',
  };
  // A GlobalTable always has a stream on AWS once it has replicas; here only when it is asked for.
  const wanted = properties.StreamSpecification === undefined ? {} : { StreamSpecification: stream };
  let { Table: existing } = (await describe(api, name)) ?? {};
  if (existing === undefined) {
    await api.call('DynamoDB_20120810.CreateTable', {
      TableName: name,
      KeySchema: properties.KeySchema,
      AttributeDefinitions: properties.AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...indexes('GlobalSecondaryIndexes', properties.GlobalSecondaryIndexes),
      ...indexes('LocalSecondaryIndexes', properties.LocalSecondaryIndexes),
      ...wanted,
    });
  } else {
    await addMissing(api, name, properties, existing, wanted);
  }
  const ttl = properties.TimeToLiveSpecification;
  if (ttl?.Enabled === true) {
    await unlessAlready(
      api.call('DynamoDB_20120810.UpdateTimeToLive', { TableName: name, TimeToLiveSpecification: ttl }),
    );
  }
  ({ Table: existing } = (await describe(api, name)) ?? {});
  return properties.StreamSpecification === undefined ? undefined : existing?.LatestStreamArn;
}

async function addMissing(
  api: DynamoDbApi,
  name: string,
  properties: TableProperties,
  existing: z.output<typeof Described>['Table'],
  stream: object,
): Promise<void> {
  const present = new Set(existing.GlobalSecondaryIndexes?.map((index) => index.IndexName));
  for (const index of properties.GlobalSecondaryIndexes ?? []) {
    if (present.has(index.IndexName)) continue;
    await api.call('DynamoDB_20120810.UpdateTable', {
      TableName: name,
      AttributeDefinitions: properties.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: indexOf(index) }],
    });
  }
  if (existing.LatestStreamArn === undefined && Object.keys(stream).length > 0) {
    await api.call('DynamoDB_20120810.UpdateTable', { TableName: name, ...stream });
  }
}

async function describe(api: DynamoDbApi, name: string): Promise<z.output<typeof Described> | undefined> {
  try {
    return Described.parse(await api.call('DynamoDB_20120810.DescribeTable', { TableName: name }));
  } catch (error) {
    if (error instanceof DynamoDbError && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function unlessAlready(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DynamoDbError && error.message.includes('already enabled'))) throw error;
  }
}

type Index = NonNullable<TableProperties['GlobalSecondaryIndexes']>[number];

function indexOf({ IndexName, KeySchema, Projection }: Index): object {
  return { IndexName, KeySchema, Projection };
}

function indexes(property: string, list: readonly Index[] | undefined): object {
  return list === undefined || list.length === 0 ? {} : { [property]: list.map(indexOf) };
}
