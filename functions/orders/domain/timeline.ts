import * as z from 'zod/mini';

import { toTimestamp } from '../../shared/kernel/clock.ts';
import {
  latePaymentReturned,
  orderPaid,
  orderRefund,
  orderState,
  type OrderRefund,
  type OrderState,
} from '../contract.ts';
import type { Movement, TimelineItem } from '../timeline-contract.ts';
import { shownState } from './view.ts';

/** A step of an order as its timeline keeps it: the members that the change set. */
export interface Step {
  readonly ver: number;
  readonly ev: string;
  readonly at: number;
  readonly set: Readonly<Record<string, unknown>>;
}

/** An item with its place in the timeline, as text that sorts. */
export interface Placed {
  readonly position: string;
  readonly item: TimelineItem;
}

const told = z.object({
  state: z.optional(orderState),
  currency: z.optional(z.string()),
  total: z.optional(z.int()),
  refunds: z.optional(z.array(orderRefund)),
  lastError: z.optional(z.string()),
});

/**
 * The steps of an order, oldest first, each with the money that it moved. They stay in the order of their versions
 * also where the clocks of two functions did not agree.
 */
export function placeSteps(steps: readonly Step[]): readonly Placed[] {
  let state: OrderState = 'HELD';
  let [currency, total, latest] = ['', 0, 0];
  let refunds: readonly OrderRefund[] = [];
  return steps.map(({ ver: version, ev: event, at, set }): Placed => {
    const change = z.parse(told, set);
    const before = refunds;
    ({ state = state, currency = currency, total = total, refunds = refunds } = change);
    latest = Math.max(latest, at);
    const movements = [
      ...(event === orderPaid.name && total > 0 ? [{ kind: 'PAYMENT' as const, amount: total, currency }] : []),
      ...(event === latePaymentReturned.name ? [{ kind: 'RETURN' as const, amount: total, currency }] : []),
      ...refundsIn(before, refunds, currency),
    ];
    return {
      position: `${toTimestamp(latest)}#0#${String(version).padStart(6, '0')}`,
      item: {
        kind: 'STEP',
        at: toTimestamp(at),
        version,
        event,
        status: shownState(state),
        ...(change.lastError === undefined ? {} : { reason: change.lastError }),
        movements,
      },
    };
  });
}

/** Refunds that are new, or further than they were. */
function refundsIn(before: readonly OrderRefund[], after: readonly OrderRefund[], currency: string): Movement[] {
  const states = new Map(before.map(({ refundId, state }) => [refundId, state]));
  return after
    .filter(({ refundId, state, amount }) => amount > 0 && states.get(refundId) !== state)
    .map(({ refundId, state: status, amount }) => ({ kind: 'REFUND', amount, currency, refundId, status }));
}

type MailItem = Extract<TimelineItem, { readonly kind: 'MAIL' }>;
type ScanItem = Extract<TimelineItem, { readonly kind: 'SCAN' }>;

/** A mail, where it was first tried: what becomes of it later does not move it to another page. */
export function placeMail(mail: MailItem['mail']): Placed {
  const { createdAt: at, id } = mail;
  return { position: `${at}#1#${id}`, item: { kind: 'MAIL', at, mail } };
}

/** A scan, without who made it. */
export function placeScan(at: string, scan: ScanItem['scan']): Placed {
  return { position: `${at}#2#${scan.id}`, item: { kind: 'SCAN', at, scan } };
}

/** The page of at most `limit` items after `position`, and where the next one begins. */
export function pageOf(
  placed: readonly Placed[],
  limit: number,
  position: string | undefined,
): { readonly items: TimelineItem[]; readonly next: string | undefined } {
  const rest = placed
    .filter((each) => position === undefined || each.position > position)
    .toSorted((one, other) => (one.position < other.position ? -1 : 1));
  const page = rest.slice(0, limit);
  return { items: page.map(({ item }) => item), next: rest.length > limit ? page.at(-1)?.position : undefined };
}
