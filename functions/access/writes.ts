import type { Put } from '../shared/table/writes.ts';
import { scanKey, type ScanPlace } from './keys.ts';
import type { ScanRow } from './domain/scan.ts';

/** Appends a scan to a validation log. The same scan at the same time is the same row. */
export function logScan(place: ScanPlace, scan: ScanRow): Put<never> {
  return {
    kind: 'put',
    key: scanKey(place, scan.at, scan.scanId),
    item: { ...scan },
    otherwise: () => {
      throw new Error('A put without a condition cannot fail one');
    },
  };
}
