import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The table of one deployment: the client that reaches it and its name. */
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/**
 * Opens the table named `name`. Endpoint, region and credentials come from the environment, as the SDK
 * reads them. Made once per execution environment, outside the handler, so that connections are reused.
 *
 * One attempt may take 2 s: a hot handler would rather try again than wait out a stuck connection.
 */
export function openTable(name: string): Table {
  return tableOn(
    new DynamoDBClient({ maxAttempts: 3, requestHandler: { requestTimeout: 2_000, connectionTimeout: 1_000 } }),
    name,
  );
}

/** The table named `name` behind a `client` of the caller's own (tests, scripts, the bench). */
export function tableOn(client: DynamoDBClient, name: string): Table {
  return {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    name,
  };
}
