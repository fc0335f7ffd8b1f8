import { ORDERS_AN_HOUR, type Fact } from '../../fraud/contract.ts';
import { challenge, noteFacts } from '../../fraud/operations.ts';
import { countOrdersSince, scrutinised, type Order } from '../../orders/reads.ts';
import { HOUR } from '../../shared/kernel/clock.ts';
import { shortHash } from '../../shared/kernel/hash.ts';
import { logFault } from '../../shared/runtime/log.ts';
import type { Occasion } from '../../shared/table/aggregate.ts';
import type { Table } from '../../shared/table/client.ts';
import type { PaymentGateway, PaymentIntentState } from '../gateway.ts';

/** What {@link watchPayment} works with. */
interface WatchDeps {
  readonly table: Table;
  readonly gateway: PaymentGateway;
}

/**
 * The fraud check's worker (ADR 60): takes from an order and its payment what speaks against the buyer, each fact once
 * however often its message comes. Where that is enough for a challenge, the bank asks from the next card on, of the same
 * payment too. It decides nothing about the payment at hand, so that a fault of it keeps no payment waiting.
 */
export async function watchPayment(
  deps: WatchDeps,
  order: Order,
  intent: PaymentIntentState,
  occasion: Occasion,
): Promise<void> {
  const subject = scrutinised(order);
  if (subject === undefined) return;
  try {
    const facts = await factsOf(deps, order, intent, occasion);
    if (facts.length === 0) return;
    const standing = await noteFacts(deps.table, subject, facts, occasion.now);
    await challenge(deps.gateway, intent, standing, occasion);
  } catch (error) {
    logFault('WATCH_FAULT', error, { orderId: order.orderId });
  }
}

async function factsOf(
  { table, gateway }: WatchDeps,
  order: Order,
  intent: PaymentIntentState,
  { now }: Occasion,
): Promise<readonly Fact[]> {
  const { orderId, state, customerId, vendor } = order;
  const facts: Fact[] = [];
  if (intent.lastError !== undefined) {
    const refused = await gateway.refusedAttempts(intent.id);
    for (const { id, at, fingerprint } of refused.ok ? refused.value : [])
      facts.push({
        id,
        kind: 'DECLINED',
        at,
        ...(fingerprint === undefined ? {} : { card: shortHash(`card/${fingerprint}`) }),
      });
  }
  if ((state === 'EXPIRED' || state === 'FAILED') && !intent.authorised)
    facts.push({ id: orderId, kind: 'LAPSED', at: now });
  if (intent.authorised && intent.risk !== undefined) facts.push({ id: intent.id, kind: intent.risk, at: now });
  if (intent.authorised && vendor !== true) {
    const ordered = await countOrdersSince(table, customerId, now - HOUR, ORDERS_AN_HOUR + 1);
    if (ordered > ORDERS_AN_HOUR) facts.push({ id: `${orderId}/rapid`, kind: 'RAPID', at: now });
  }
  return facts;
}
