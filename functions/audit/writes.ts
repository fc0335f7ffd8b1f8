import type { Instant } from '../shared/kernel/clock.ts';
import { canonicalJson, shortHash } from '../shared/kernel/hash.ts';
import { mustHold, type Put } from '../shared/table/writes.ts';
import { marksOf, type Step } from './domain/touched.ts';
import type { StockAudit } from './contract.ts';
import { LISTED_KEY, stockAuditKey, touchedPartition, touchedPosition } from './keys.ts';

/**
 * Marks what a batch of changes has touched, so that it is found by time: one item for each span of ten minutes
 * that the batch has to do with (ADR 26). The same batch writes the same items.
 */
export function markTouched(steps: readonly Step[]): readonly Put<never>[] {
  return marksOf(steps).map(({ at, things }) => {
    const plain = things.map(([pk, version]) => [pk, version]);
    return {
      kind: 'put',
      key: { pk: touchedPartition(at), sk: touchedPosition(at, shortHash(canonicalJson(plain))) },
      item: { things: plain },
      otherwise: mustHold('a mark is put without a condition'),
    };
  });
}

/** Remembers until when orders have been listed with their events. */
export function rememberListed(until: Instant): Put<never> {
  return { kind: 'put', key: LISTED_KEY, item: { until }, otherwise: mustHold('a put without a condition') };
}

/** Keeps what a look at an event's stock has found, in place of the one before. */
export function keepStockAudit(eventId: string, audit: StockAudit): Put<never> {
  return {
    kind: 'put',
    key: stockAuditKey(eventId),
    item: { ...audit },
    otherwise: mustHold('a put without a condition'),
  };
}
