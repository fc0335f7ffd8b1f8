import type { TestProject } from 'vitest/node';

import { startDynamoDbLocal, type DynamoDbLocal } from '../../local/services/dynamodb.ts';
import { WORKERS } from './workers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run's emulators of DynamoDB answer, one for each worker: streams of one do not bear two. */
    readonly dynamoDbEndpoints: readonly string[];
  }
}

let running: Promise<readonly DynamoDbLocal[]> | undefined;
let users = 0;

/** Starts DynamoDB Local, in memory, for all the projects of a run that ask for it: once for each worker. */
export async function setup(project: TestProject): Promise<void> {
  users += 1;
  running ??= Promise.all(Array.from({ length: WORKERS }, () => startDynamoDbLocal({ memory: true })));
  project.provide(
    'dynamoDbEndpoints',
    (await running).map(({ endpoint }) => endpoint),
  );
}

/** Ends them when the last project is done. */
export async function teardown(): Promise<void> {
  users -= 1;
  if (users > 0 || running === undefined) return;
  await Promise.all((await running).map((emulator) => emulator.close()));
  running = undefined;
}
