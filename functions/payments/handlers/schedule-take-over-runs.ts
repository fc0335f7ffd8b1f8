import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { takeOverRuns } from '../app/take-over-runs.ts';
import { takeOverEnv } from '../contract.ts';
import { purchaseRuns } from '../purchase-runs.ts';

const env = readEnv(takeOverEnv);
const table = openTable(env.TABLE_NAME);
const runs = purchaseRuns(env.PURCHASE_STATE_MACHINE_ARN);

export const handler = scheduledFunction('take-over-runs', ({ now }) => takeOverRuns(table, runs, now));
