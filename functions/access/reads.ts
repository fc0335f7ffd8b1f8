import type { Table } from '../shared/table/client.ts';
import { getItems } from '../shared/table/read.ts';
import { parseScan, type ScanRow } from './domain/scan.ts';
import { scanKey } from './keys.ts';

/** Where a ticket was used, as its own row tells. */
export interface UsedTicket {
  readonly eventId: string;
  readonly usedAt?: number | undefined;
  readonly usedScan?: string | undefined;
}

/** The scans that admitted tickets, in no order; those not used yet have none. */
export async function findAdmissions(table: Table, tickets: readonly UsedTicket[]): Promise<readonly ScanRow[]> {
  const keys = tickets.flatMap(({ eventId, usedAt, usedScan }) =>
    usedAt === undefined || usedScan === undefined ? [] : [scanKey({ eventId }, usedAt, usedScan)],
  );
  return (await getItems(table, keys, 'eventual')).map(parseScan);
}

export { viewScan } from './domain/scan.ts';
