import * as z from 'zod/mini';

import { marked, type Marked } from '../../shared/table/aggregate.ts';
import type { Item } from '../../shared/table/keys.ts';
import type { RefundState } from '../../orders/contract.ts';
import { refundRow, type RefundDetails } from '../contract.ts';

/** A refund as its row holds it. */
export type Refund = RefundDetails & Marked & Item;

/** Reads a row as a refund. */
export function parseRefund(item: Item): Refund {
  return { ...marked(item), ...z.parse(refundRow, item) };
}

/**
 * The declared graph of a refund (invariant I8). A bank may send back what had arrived, so SUCCEEDED leads to FAILED;
 * FAILED leads back to DUE when somebody lets it be tried anew.
 */
export const REFUND_TRANSITIONS = {
  DUE: ['PENDING', 'SUCCEEDED', 'FAILED'],
  PENDING: ['SUCCEEDED', 'FAILED'],
  SUCCEEDED: ['FAILED'],
  FAILED: ['DUE'],
} as const satisfies Record<RefundState, readonly RefundState[]>;

/** Whether the graph has an edge from one state to another. */
export function hasRefundEdge(from: RefundState, to: RefundState): boolean {
  const next: readonly RefundState[] = REFUND_TRANSITIONS[from];
  return next.includes(to);
}

/** What the provider calls a refund in metadata: another one for each attempt, the same for each try of it. */
export function providerCause({ refundId, attempt = 0 }: Pick<RefundDetails, 'refundId' | 'attempt'>): string {
  return `${refundId}/${attempt}`;
}
