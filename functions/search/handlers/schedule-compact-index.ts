import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { compactIndex } from '../app/compact-index.ts';
import { compactIndexEnv } from '../contract.ts';
import { s3Snapshots } from '../s3-snapshots.ts';

const env = readEnv(compactIndexEnv);
const sources = { table: openTable(env.TABLE_NAME), snapshots: s3Snapshots(env.SNAPSHOTS_BUCKET) };

export const handler = scheduledFunction('compact-index', (occasion) => compactIndex(sources, occasion));
