import type { TestProject } from 'vitest/node';

import { startDynamoDbLocal, type DynamoDbLocal } from '../../local/services/dynamodb.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run's DynamoDB Local answers. */
    readonly dynamoDbEndpoint: string;
  }
}

let running: Promise<DynamoDbLocal> | undefined;
let users = 0;

/** Starts one DynamoDB Local, in memory, for all the projects of a run that ask for it. */
export async function setup(project: TestProject): Promise<void> {
  users += 1;
  running ??= startDynamoDbLocal({ memory: true });
  project.provide('dynamoDbEndpoint', (await running).endpoint);
}

/** Ends it when the last project is done. */
export async function teardown(): Promise<void> {
  users -= 1;
  if (users > 0 || running === undefined) return;
  await (await running).close();
  running = undefined;
}
