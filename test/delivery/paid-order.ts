import { ulid } from 'ulid';

import { parseOrder, type Order } from '../../functions/orders/domain/order.ts';
import {
  confirmPaid,
  orderReservation,
  putReservation,
  secureHeld,
  type NewReservation,
} from '../../functions/orders/writes.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import { readableNumber } from '../../functions/shared/kernel/ids.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { Write } from '../../functions/shared/table/writes.ts';

/** An order as a test wants it: how many tickets of which types, whose it is. */
export interface Wanted {
  readonly lines: readonly { readonly type: TicketTypeCopy; readonly quantity: number }[];
  readonly customerId?: string;
  readonly orderId?: string;
}

/** Puts an order and moves it to PENDING, along the writes that the purchase itself uses. */
export async function placePendingOrder(
  table: Table,
  now: Instant,
  { lines, customerId = ulid(), orderId = ulid() }: Wanted,
): Promise<Order> {
  const reservation: NewReservation = {
    orderId,
    customerId,
    number: readableNumber('ON', orderId),
    lines: lines.map(({ type, quantity }, index) => ({
      id: String(index + 1),
      eventId: type.eventId,
      ticketTypeId: type.ticketTypeId,
      poolId: type.poolId,
      quantity,
      unitPrice: type.unitPrice,
      takes: [{ block: 0, quantity }],
    })),
    currency: 'EUR',
    total: lines.reduce((sum, { type, quantity }) => sum + type.unitPrice * quantity, 0),
    expiresAt: now + 10 * MINUTE,
    requestHash: 'test',
  };
  const put = putReservation(reservation, { now, correlationId: 'test', by: 'system' }, mustNotFail);
  await write(table, put);
  const held = parseOrder({ ...put.key, ...put.item });
  const pending = orderReservation(held, `pi_${orderId}`, { now, correlationId: 'test', by: 'system' }, mustNotFail);
  await write(table, pending.write);
  return pending.order;
}

/** As {@link placePendingOrder}, paid. */
export async function placePaidOrder(table: Table, now: Instant, wanted: Wanted): Promise<Order> {
  const pending = await placePendingOrder(table, now, wanted);
  const occasion = { now, correlationId: 'test', by: 'system' };
  const secured = secureHeld(pending, 'run', occasion, mustNotFail);
  await write(table, secured.write);
  const paid = confirmPaid(secured.order, 'run', occasion, mustNotFail);
  await write(table, paid.write);
  return paid.order;
}

async function write(table: Table, one: Write<never>): Promise<void> {
  await commit(table, [one]);
}

function mustNotFail(): never {
  throw new Error('A step of the fixture was refused');
}
