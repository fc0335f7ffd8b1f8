import type { OrderState } from '../contract.ts';

/**
 * The declared graph of an order (design.md, "Order states"; invariant I8). HELD is a reservation, SECURED
 * is an order that a purchase run owns. EXPIRED and FAILED lead back to SECURED when money comes late and
 * the stock can be taken again. HELD → PAID is an order of total zero.
 */
export const ORDER_TRANSITIONS = {
  HELD: ['PENDING', 'PAID', 'EXPIRED', 'FAILED', 'CANCELLED'],
  PENDING: ['SECURED', 'EXPIRED', 'FAILED', 'CANCELLED'],
  SECURED: ['PAID', 'PENDING', 'FAILED'],
  PAID: ['PARTIALLY_REFUNDED', 'REFUNDED', 'CANCELLED'],
  PARTIALLY_REFUNDED: ['REFUNDED', 'CANCELLED'],
  REFUNDED: [],
  EXPIRED: ['SECURED'],
  FAILED: ['SECURED'],
  CANCELLED: [],
} as const satisfies Record<OrderState, readonly OrderState[]>;

/** States in which an order's tickets are out of their blocks (invariant I1). */
export const HOLDS_STOCK: readonly OrderState[] = ['HELD', 'PENDING', 'SECURED', 'PAID', 'PARTIALLY_REFUNDED'];

/** Whether the graph has an edge from one state to another. */
export function hasEdge(from: OrderState, to: OrderState): boolean {
  const next: readonly OrderState[] = ORDER_TRANSITIONS[from];
  return next.includes(to);
}

/** Whether one version may follow another; staying in a state while recording something is always allowed. */
export function mayBecome(from: OrderState, to: OrderState): boolean {
  return from === to || hasEdge(from, to);
}
