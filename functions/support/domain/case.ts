import * as z from 'zod/mini';

import { toTimestamp } from '../../shared/kernel/clock.ts';
import { derivedId } from '../../shared/kernel/ids.ts';
import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import { caseRow, type CaseDetails, type CaseKind, type CaseView } from '../contract.ts';

/** A case as its row holds it. */
export type Case = CaseDetails & Marked & Item;

/** Reads a row as a case. */
export function parseCase(item: Item): Case {
  return { ...marked(item), ...z.parse(caseRow, item) };
}

/** The id of the case of `kind` about the thing `thing`: a refund, a dispute, a payment. */
export function caseIdOf(kind: CaseKind, thing: string): string {
  return derivedId('case', kind, thing);
}

/** A case as the support desk sees it. */
export function viewCase(found: Case): CaseView {
  const { amount, currency, closedAt, decideBy } = found;
  return {
    id: found.caseId,
    kind: found.kind,
    status: found.status,
    orderId: found.orderId ?? null,
    refundId: found.refundId ?? null,
    disputeId: found.disputeId ?? null,
    paymentIntentId: found.paymentIntentId ?? null,
    amount: amount === undefined || currency === undefined ? null : { amount, currency },
    detail: found.detail ?? null,
    openedAt: toTimestamp(found.openedAt),
    decideBy: decideBy === undefined ? null : toTimestamp(decideBy),
    reopened: found.reopened ?? 0,
    closedAt: closedAt === undefined ? null : toTimestamp(closedAt),
    closedBy: found.closedBy ?? null,
    resolution: found.resolution ?? null,
  };
}
