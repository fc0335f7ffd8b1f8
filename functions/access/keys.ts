import { toTimestamp, type Instant } from '../shared/kernel/clock.ts';
import type { Key } from '../shared/table/keys.ts';

/**
 * Where a scan is logged: with the event at which it was made, or, where none is known (a forged code, a
 * stranger's ticket), with the organisation whose staff scanned it.
 */
export type ScanPlace = { readonly eventId: string } | { readonly organizationId: string };

/** The partition of a validation log; see {@link ScanPlace}. */
export function scansPartition(place: ScanPlace): string {
  return 'eventId' in place ? `SCANS#${place.eventId}` : `SCANS#ORG#${place.organizationId}`;
}

/** One row of a validation log, in order of time. */
export function scanKey(place: ScanPlace, at: Instant, scanId: string): Key {
  return { pk: scansPartition(place), sk: `${toTimestamp(at)}#${scanId}` };
}
