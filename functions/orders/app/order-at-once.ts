import type { PaymentGateway } from '../../payments/gateway.ts';
import type { Asker, HoldDeps } from '../../reservations/operations.ts';
import type { Problem } from '../../shared/kernel/problems.ts';
import { err, type Result } from '../../shared/kernel/result.ts';
import type { Table } from '../../shared/table/client.ts';
import { commit } from '../../shared/table/commit.ts';
import type { Write } from '../../shared/table/writes.ts';
import type { PersonalData } from '../../users/recipients.ts';
import type { Attendees } from '../attendees-contract.ts';
import { AMOUNT_REFUSED, type Order } from '../domain/order.ts';
import { findOrder } from '../reads.ts';
import { cancelUnpaid, type Occasion } from '../writes.ts';
import { createOrder, type CreatedOrder } from './create-order.ts';
import type { Naming } from './name-attendees.ts';

/** What holds become orders with. */
export interface CheckoutDeps extends HoldDeps {
  readonly gateway: PaymentGateway;
  /** Keeps who is to come. */
  readonly personalData: PersonalData;
}

/** Names of who is to come that a request brought; none where it brought none. */
export function namingOf(
  { personalData }: Pick<CheckoutDeps, 'personalData'>,
  { session, headers }: Pick<Asker, 'session' | 'headers'>,
  attendees: Attendees = [],
): Naming | undefined {
  if (attendees.length === 0) return undefined;
  return {
    personalData,
    attendees,
    vendor: session.key !== undefined,
    keyed: headers['idempotency-key'] !== undefined,
  };
}

/** What is given back with the stock, when an order cannot be made of it: the cart that it came from. */
export type Undo = (order: Order) => Promise<readonly Write<'MOVED_ON'>[]>;

const NOTHING_ELSE: Undo = async () => [];

/**
 * Orders what was held a moment before on the same request. Where the provider takes no such amount, nobody will ever
 * pay for the hold, so its stock goes back at once; where the provider does not answer the hold stays, and is named,
 * so that whoever sent no Idempotency-Key can order it as well.
 *
 * @param naming see {@link createOrder}
 * @param undo further writes that go with giving it back
 */
export async function orderAtOnce(
  table: Table,
  gateway: PaymentGateway,
  { orderId, customerId }: Pick<Order, 'orderId' | 'customerId'>,
  occasion: Occasion,
  naming: Naming | undefined,
  undo: Undo = NOTHING_ELSE,
): Promise<Result<CreatedOrder, Problem>> {
  const created = await createOrder(table, gateway, orderId, customerId, occasion, naming);
  if (created.ok) return created;
  const refused = created.error;
  if (refused.code === 'PAYMENT_PROVIDER_UNAVAILABLE')
    return err({ ...refused, extra: { ...refused.extra, reservationId: orderId } });
  if (refused.code === 'AMOUNT_NOT_PAYABLE') await giveUp(table, orderId, occasion, undo);
  return created;
}

const ROUNDS = 3;

async function giveUp(table: Table, orderId: string, occasion: Occasion, undo: Undo): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = await findOrder(table, orderId);
    if (order?.state !== 'HELD') return;
    const released = cancelUnpaid(order, occasion, () => 'MOVED_ON' as const, AMOUNT_REFUSED);
    const done = await commit(table, [...released.writes, ...(await undo(order))]);
    if (done.ok) return;
  }
  // Left as it is: the sweep gives the stock back when the hold lapses.
}
