import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

import { startDynamoDbLocal } from '../../local/services/dynamodb.ts';
import { STAGES } from '../../lib/stages.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { TABLE_DEFINITION } from './table-definition.ts';

/** A fresh table on a DynamoDB Local. */
export interface TestTable {
  readonly table: Table;
  readonly endpoint: string;
  /** Every item there is, keys included, in no order: for assertions on rows in a paused world. */
  items(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Drops the table and lets go of connections; for `afterAll`. */
  drop(): Promise<void>;
}

/** How clients of emulators sign; DynamoDB Local wants letters and digits only. */
export const TEST_CREDENTIALS = { accessKeyId: 'onsaletest', secretAccessKey: 'onsaletest' };
export const TEST_REGION = 'eu-central-1';

/** Where this worker's DynamoDB Local answers. */
export function dynamoDbEndpoint(): string {
  const endpoints = inject('dynamoDbEndpoints');
  // Workers are numbered from 1 on.
  const endpoint = endpoints[(Number(process.env['VITEST_POOL_ID'] ?? 1) - 1) % endpoints.length];
  if (endpoint === undefined) throw new Error('No emulator was started for this run');
  return endpoint;
}

/**
 * A client of the DynamoDB Local that the functions under test are pointed at, else of this worker's; `more` for
 * middlewares, attempts and the like.
 */
export function testClient(more: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? dynamoDbEndpoint(),
    region: TEST_REGION,
    credentials: TEST_CREDENTIALS,
    ...more,
  });
}

const { StreamSpecification, ...WITHOUT_STREAM } = TABLE_DEFINITION;

/**
 * Creates a table of its own for one test file, so that files neither see nor wait for each other. It has no stream.
 *
 * @param client made by {@link testClient}; give your own to inject faults or to meter
 */
export async function startTestTable(client: DynamoDBClient = testClient()): Promise<TestTable> {
  const table = await createTable(client, WITHOUT_STREAM);
  return {
    ...testTable(table, dynamoDbEndpoint()),
    drop: async () => {
      await client.send(new DeleteTableCommand({ TableName: table.name }));
      client.destroy();
    },
  };
}

/**
 * Creates a table with a stream, on a DynamoDB Local of its own: with many streams in one, also of tables that were
 * dropped long ago, each write takes the longer, the more had been written before.
 */
export async function startStreamedTable(): Promise<TestTable> {
  const emulator = await startDynamoDbLocal({ memory: true });
  const client = testClient({ endpoint: emulator.endpoint });
  const table = await createTable(client, { ...WITHOUT_STREAM, StreamSpecification });
  return {
    ...testTable(table, emulator.endpoint),
    drop: async () => {
      client.destroy();
      await emulator.close();
    },
  };
}

async function createTable(
  client: DynamoDBClient,
  definition: Omit<CreateTableCommandInput, 'TableName'>,
): Promise<Table> {
  const name = `onsale-${randomUUID()}`;
  await client.send(new CreateTableCommand({ TableName: name, ...definition }));
  return tableOn(client, name);
}

function testTable(table: Table, endpoint: string): Omit<TestTable, 'drop'> {
  return {
    table,
    endpoint,
    items: async () => {
      const found: Record<string, unknown>[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await table.client.send(
          new ScanCommand({
            TableName: table.name,
            ConsistentRead: true,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        found.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return found;
    },
  };
}

/**
 * Points the environment of this test file at `table` as Lambda would point a handler's, `more` included;
 * call it before the handler's module is imported.
 */
export function useTestEnvironment({ table, endpoint }: TestTable, more: Readonly<Record<string, string>> = {}): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: TEST_REGION,
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    TABLE_NAME: table.name,
    // Everybody in a test has one address.
    LIMITS: JSON.stringify(STAGES.local.limits),
    ...more,
  });
}
