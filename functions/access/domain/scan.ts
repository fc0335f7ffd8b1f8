import * as z from 'zod/mini';

import { toTimestamp, type Instant } from '../../shared/kernel/clock.ts';
import { refusalReason, type ScanView } from '../contract.ts';

const scanRow = z.object({
  scanId: z.string(),
  at: z.int(),
  result: z.enum(['ADMIT', 'REFUSE']),
  reason: z.optional(refusalReason),
  ticketId: z.optional(z.string()),
  /** The event at which the scan was made; left out where none is known. */
  eventId: z.optional(z.string()),
  gate: z.optional(z.string()),
  deviceId: z.optional(z.string()),
  staffId: z.string(),
});

/** One scan as its row in the validation log holds it. */
export type ScanRow = z.infer<typeof scanRow>;

/** Reads an item as a row of the validation log. */
export function parseScan(item: unknown): ScanRow {
  return z.parse(scanRow, item);
}

/** A row of the validation log as clients see it. */
export function viewScan({
  scanId,
  at,
  result,
  reason,
  ticketId,
  eventId,
  gate,
  deviceId,
  staffId,
}: ScanRow): ScanView {
  return {
    id: scanId,
    at: toTimestamp(at satisfies Instant),
    result,
    reason: reason ?? null,
    ticketId: ticketId ?? null,
    eventId: eventId ?? null,
    gate: gate ?? null,
    deviceId: deviceId ?? null,
    staffId,
  };
}
