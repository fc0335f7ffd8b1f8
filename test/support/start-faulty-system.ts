import type { TestProject } from 'vitest/node';

import startSystem from './start-system.ts';

/** As {@link startSystem}, with a DynamoDB that can be made to conflict and throttle. */
export default function startFaultySystem(project: TestProject): Promise<() => Promise<void>> {
  return startSystem(project, ['--dynamodb-faults']);
}
