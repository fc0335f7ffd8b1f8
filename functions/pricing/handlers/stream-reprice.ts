import { systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { streamFunction } from '../../shared/runtime/stream.ts';
import { openTable } from '../../shared/table/client.ts';
import { repriceSold } from '../app/reprice-sold.ts';
import { repriceEnv } from '../contract.ts';

const table = openTable(readEnv(repriceEnv).TABLE_NAME);

/** Recomputes prices that follow what is sold, within a moment of each hold, sale and return. */
export const handler = streamFunction((changes) => repriceSold(table, changes, systemClock()));
