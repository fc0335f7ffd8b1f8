import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { expireHolds } from '../app/expire-holds.ts';
import { expireHoldsEnv } from '../contract.ts';

const table = openTable(readEnv(expireHoldsEnv).TABLE_NAME);

export const handler = scheduledFunction('expire-holds', (occasion) => expireHolds(table, occasion));
