import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { changeCopies } from '../../functions/inventory/sale-writes.ts';
import type { Attendees } from '../../functions/orders/attendees-contract.ts';
import { findAttendees, openAttendees } from '../../functions/orders/attendees.ts';
import { orderCart } from '../../functions/orders/app/order-cart.ts';
import type { PaymentGateway } from '../../functions/payments/gateway.ts';
import { emptyCart, takeOutOfCart } from '../../functions/reservations/app/change-cart.ts';
import { showCart } from '../../functions/reservations/app/show-cart.ts';
import { HOLD_MS } from '../../functions/reservations/contract.ts';
import { findCart } from '../../functions/reservations/reads.ts';
import { CART_MS } from '../../functions/reservations/writes.ts';
import { cartKey } from '../../functions/reservations/keys.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { asker } from '../orders/askers.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { giveKey, plainlyKeyed } from '../users/kept-keys.ts';
import { at, startWorld, type World } from '../workflows/world.ts';
import { codeOf, limiter, put } from './cart-world.ts';

let world: World;
let now: number;

beforeAll(async () => {
  world = await startWorld();
  now = world.start;
});
afterAll(() => world.close());

const person = () => ({ id: ulid() });
const quantities = async (owner: { id: string }, when = now): Promise<readonly number[]> =>
  (await findCart(world.table, owner, when)).lines.map(({ quantity }) => quantity);

function order(
  { id: customerId }: { id: string },
  as: {
    key?: string;
    now?: number;
    gateway?: PaymentGateway;
    table?: World['table'];
    attendees?: Attendees;
  } = {},
): ReturnType<typeof orderCart> {
  const { key, gateway = world.gateway, table = world.table } = as;
  return orderCart(
    { table, gateway, limiter, personalData: plainlyKeyed(table) },
    asker({ customerId, key, occasion: at(as.now ?? now) }),
    as.attendees,
  );
}
const stateOf = (made: Awaited<ReturnType<typeof order>>): string =>
  made.ok ? made.value.order.state : made.error.code;

describe('a cart', () => {
  it('is ordered with who is to come, the types that are named for them told apart, and not for more than its tickets', async () => {
    const [one, other, owner] = [await world.putOnSale(), await world.putOnSale(), person()];
    const personalData = plainlyKeyed(world.table);
    await giveKey(world.table, personalData, owner.id);
    await put(world.table, owner, one, 2, now);
    await put(world.table, owner, other, 1, now);
    const attendees = [{ name: 'Ada', ticketTypeId: other.ticketTypeId }, { name: 'Grace' }, { name: 'Alan' }];
    const tooMany = await order(owner, { attendees: [...attendees, { name: 'Mallory' }] });
    expect([stateOf(tooMany), await quantities(owner)]).toEqual(['TOO_MANY_ATTENDEES', [2, 1]]);
    const made = await order(owner, { attendees });
    if (!made.ok) throw new Error(made.error.code);
    const { orderId } = made.value.order;
    const names = (await openAttendees(personalData, await findAttendees(world.table, [orderId]))).get(orderId);
    expect([...(names ?? [])]).toEqual([
      [1, 'Grace'],
      [2, 'Alan'],
      [3, 'Ada'],
    ]);
  });

  it('takes tickets of several events, adds up, is changed and emptied, and reserves nothing', async () => {
    const [one, other, owner] = [await world.putOnSale(), await world.putOnSale({ unitPrice: 1_000 }), person()];
    expect(codeOf(await put(world.table, owner, one, 2, now))).toBe('OK');
    expect(codeOf(await put(world.table, owner, other, 1, now))).toBe('OK');
    expect(codeOf(await put(world.table, owner, one, 3, now))).toBe('OK');
    expect(await showCart(world.table, await findCart(world.table, owner, now), now)).toMatchObject({
      items: [
        { ticketTypeId: one.ticketTypeId, name: 'Standing', quantity: 5, price: 4_500, currency: 'EUR' },
        { ticketTypeId: other.ticketTypeId, quantity: 1, price: 1_000, currency: 'EUR' },
      ],
      total: { amount: 23_500, currency: 'EUR' },
    });
    await put(world.table, owner, one, 1, now, { how: 'SET' });
    expect(await quantities(owner)).toEqual([1, 1]);
    await takeOutOfCart(world.table, owner, one.ticketTypeId, now);
    await takeOutOfCart(world.table, owner, one.ticketTypeId, now);
    expect(await quantities(owner)).toEqual([1]);
    await emptyCart(world.table, owner, now);
    expect(await quantities(owner)).toEqual([]);
    expect(await showCart(world.table, await findCart(world.table, owner, now), now)).toEqual({
      items: [],
      charges: [],
      total: null,
    });
    expect([await world.free(one), await world.free(other)]).toEqual([10, 10]);
  });

  it('takes no more than there is, and says how much that is', async () => {
    const [type, owner] = [await world.putOnSale({ capacity: 3 }), person()];
    expect(codeOf(await put(world.table, owner, type, 2, now))).toBe('OK');
    expect(await put(world.table, owner, type, 2, now)).toMatchObject({
      error: { code: 'NOT_ENOUGH_TICKETS', extra: { available: 3 } },
    });
    expect(await quantities(owner)).toEqual([2]);
    await world.hold(type, 3);
    expect(codeOf(await put(world.table, person(), type, 1, now))).toBe('SOLD_OUT');
    // Who has more in the cart than there is may still want fewer.
    expect(codeOf(await put(world.table, owner, type, 1, now, { how: 'SET' }))).toBe('OK');
  });

  it('takes no more than one person may have, what is held and ordered elsewhere counted, in any tab', async () => {
    const [type, owner] = [await world.putOnSale({ maxPerPerson: 4 }), person()];
    await world.hold(type, 2, { customerId: owner.id });
    const tabs = await Promise.all([1, 2, 3].map(() => put(world.table, owner, type, 1, now)));
    expect(tabs.map(codeOf).toSorted()).toEqual(['LIMIT_EXCEEDED', 'OK', 'OK']);
    expect(await quantities(owner)).toEqual([2]);
    const alias = person();
    expect(await put(world.table, alias, type, 3, now, { personId: owner.id })).toMatchObject({
      error: { code: 'LIMIT_EXCEEDED', extra: { limit: 4, held: 2 } },
    });
  });

  it('takes one currency, ten types and sixty tickets, of what is on sale now', async () => {
    const owner = person();
    const euro = await world.putOnSale({ capacity: 100 });
    await put(world.table, owner, euro, 51, now);
    expect(codeOf(await put(world.table, owner, await world.putOnSale({ currency: 'JPY' }), 1, now))).toBe(
      'CURRENCIES_DIFFER',
    );
    const types = await Promise.all(Array.from({ length: 10 }, () => world.putOnSale()));
    for (const type of types.slice(0, 9)) expect(codeOf(await put(world.table, owner, type, 1, now))).toBe('OK');
    const [, , , , , , , , , tenth = euro] = types;
    expect(codeOf(await put(world.table, owner, tenth, 1, now))).toBe('CART_FULL');
    expect(codeOf(await put(world.table, owner, euro, 1, now))).toBe('CART_FULL');
    const later = await world.putOnSale({ opensAt: now + 1 });
    expect(codeOf(await put(world.table, person(), later, 1, now))).toBe('SALE_NOT_OPEN');
  });

  it('counts a request that is sent again once, also when the answer was lost or tabs are in each other’s way', async () => {
    const client = testClient({ maxAttempts: 3 });
    injectFaults(client, { conflicts: 0.2, throttles: 0.1, lostAnswers: 0.2, seed: 11 });
    const table = tableOn(client, world.table.name);
    const [type, owner] = [await world.putOnSale({ capacity: 60 }), person()];
    for (let sent = 0; sent < 6; sent += 1)
      expect(codeOf(await put(table, owner, type, 1, now, { requestId: `sent-${sent}` }))).toBe('OK');
    expect(await quantities(owner)).toEqual([6]);
    expect(codeOf(await put(world.table, owner, type, 1, now, { requestId: 'sent-0' }))).toBe('OK');
    expect(await quantities(owner)).toEqual([6]);
    expect(codeOf(await put(world.table, owner, type, 2, now, { requestId: 'sent-0' }))).toBe('IDEMPOTENCY_KEY_REUSED');
    await Promise.all([1, 2, 3].map(() => put(world.table, owner, type, 1, now)));
    expect(await quantities(owner)).toEqual([9]);
    client.destroy();
  });

  it('is empty once its time has come, whether the table has dropped it or not, and can be filled again', async () => {
    const [type, owner] = [await world.putOnSale({ closesAt: now + 2 * CART_MS }), person()];
    await put(world.table, owner, type, 2, now);
    const lapsed = now + CART_MS;
    expect(await quantities(owner, lapsed - 1)).toEqual([2]);
    expect(await quantities(owner, lapsed)).toEqual([]);
    expect(stateOf(await order(owner, { now: lapsed }))).toBe('CART_EMPTY');
    expect(await getItem(world.table, cartKey(owner), 'strong')).toMatchObject({ ttl: Math.ceil(lapsed / 1_000) });
    await put(world.table, owner, type, 1, lapsed);
    expect(await quantities(owner, lapsed)).toEqual([1]);
  });

  it('shows what can no longer be bought with the reason, and leaves it out of the total', async () => {
    const [type, other, owner] = [await world.putOnSale(), await world.putOnSale({ unitPrice: 1_000 }), person()];
    await put(world.table, owner, type, 1, now);
    await put(world.table, owner, other, 1, now);
    await commit(world.table, changeCopies([type.ticketTypeId], { closesAt: now }));
    expect(await showCart(world.table, await findCart(world.table, owner, now), now)).toMatchObject({
      items: [{ refusal: { code: 'SALE_NOT_OPEN' } }, { price: 1_000 }],
      total: { amount: 1_000 },
    });
    expect(stateOf(await order(owner))).toBe('SALE_NOT_OPEN');
    expect(await world.free(other)).toBe(10);
    expect(await quantities(owner)).toEqual([1, 1]);
  });
});

describe('ordering a cart', () => {
  it('holds and orders all of it in one go, and empties it', async () => {
    const [one, other, owner] = [await world.putOnSale(), await world.putOnSale({ unitPrice: 1_000 }), person()];
    await put(world.table, owner, one, 2, now);
    await put(world.table, owner, other, 1, now);
    const made = await order(owner);
    expect(made).toMatchObject({ ok: true, value: { order: { state: 'PENDING', total: 10_000 } } });
    expect([await world.free(one), await world.free(other), await quantities(owner)]).toEqual([8, 9, []]);
    expect(stateOf(await order(owner))).toBe('CART_EMPTY');
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('takes all or nothing: the cart stays when one of its events is sold out', async () => {
    const [one, other, owner] = [await world.putOnSale(), await world.putOnSale({ capacity: 1 }), person()];
    await put(world.table, owner, one, 2, now);
    await put(world.table, owner, other, 1, now);
    await world.hold(other, 1);
    expect(stateOf(await order(owner))).toBe('SOLD_OUT');
    expect([await world.free(one), await quantities(owner)]).toEqual([10, [2, 1]]);
  });

  it('takes no more than was shown: a price that has risen is told, and accepted by changing the cart', async () => {
    const [type, owner] = [await world.putOnSale(), person()];
    await put(world.table, owner, type, 2, now);
    await commit(world.table, changeCopies([type.ticketTypeId], { unitPrice: 5_000 }));
    expect((await showCart(world.table, await findCart(world.table, owner, now), now)).items).toMatchObject([
      { price: 5_000, formerPrice: 4_500 },
    ]);
    expect(await order(owner)).toMatchObject({
      error: { code: 'PRICE_CHANGED', extra: { ticketTypeId: type.ticketTypeId, price: { amount: 5_000 } } },
    });
    expect([await world.free(type), await quantities(owner)]).toEqual([10, [2]]);
    await put(world.table, owner, { ...type, unitPrice: 5_000 }, 2, now, { how: 'SET' });
    expect(await order(owner)).toMatchObject({ ok: true, value: { order: { total: 10_000 } } });
  });

  it('a price that has fallen is taken', async () => {
    const [type, owner] = [await world.putOnSale(), person()];
    await put(world.table, owner, type, 1, now);
    await commit(world.table, changeCopies([type.ticketTypeId], { unitPrice: 4_000 }));
    expect(await order(owner)).toMatchObject({ ok: true, value: { order: { total: 4_000 } } });
  });

  it('counts against the limit, which may be used up elsewhere meanwhile', async () => {
    const [type, owner] = [await world.putOnSale({ maxPerPerson: 3 }), person()];
    await put(world.table, owner, type, 2, now);
    await world.hold(type, 2, { customerId: owner.id });
    expect(stateOf(await order(owner))).toBe('LIMIT_EXCEEDED');
    expect([await world.free(type), await quantities(owner)]).toEqual([8, [2]]);
  });

  it('twice at once, or from four tabs, orders it once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [type, owner] = [await world.putOnSale(), person()];
      await put(world.table, owner, type, 2, now);
      const made = await Promise.all([1, 2, 3, 4].map(() => order(owner)));
      expect(made.filter(({ ok }) => ok).length).toBeGreaterThan(0);
      expect(new Set(made.flatMap((each) => (each.ok ? [each.value.order.orderId] : []))).size).toBe(1);
      expect(made.filter(({ ok }) => !ok).map(stateOf)).not.toContain('SOLD_OUT');
      expect([await world.free(type), await quantities(owner)]).toEqual([8, []]);
    }
  });

  it('under a key is answered the same, when the cart is empty by then or filled anew', async () => {
    const [type, owner] = [await world.putOnSale(), person()];
    await put(world.table, owner, type, 2, now);
    const made = await order(owner, { key: 'cart-1' });
    expect(await order(owner, { key: 'cart-1' })).toEqual(made);
    await put(world.table, owner, type, 1, now);
    const again = await order(owner, { key: 'cart-1' });
    expect(again.ok && again.value.order.orderId).toBe(made.ok && made.value.order.orderId);
    expect(await quantities(owner)).toEqual([1]);
    expect(stateOf(await order(owner, { key: 'cart-2' }))).toBe('PENDING');
    expect(await world.free(type)).toBe(7);
  });

  it.each([undefined, 'cart-3'])('goes on after a crash before the payment was made (key %s)', async (key) => {
    const [type, owner] = [await world.putOnSale(), person()];
    await put(world.table, owner, type, 2, now);
    const dying: PaymentGateway = {
      ...world.gateway,
      createIntent: async () => {
        throw new Error('the process died here');
      },
    };
    const as = key === undefined ? {} : { key };
    await expect(order(owner, { ...as, gateway: dying })).rejects.toThrow('the process died here');
    expect(await world.free(type)).toBe(8);
    expect(stateOf(await order(owner, as))).toBe('PENDING');
    expect(await world.free(type)).toBe(8);
  });

  it('that nobody takes payment for gives stock and cart back', async () => {
    const [type, owner] = [await world.putOnSale({ unitPrice: 1 }), person()];
    await put(world.table, owner, type, 2, now);
    expect(stateOf(await order(owner))).toBe('AMOUNT_NOT_PAYABLE');
    expect([await world.free(type), await quantities(owner)]).toEqual([10, [2]]);
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('does not go on with a hold that has lapsed', async () => {
    const [type, owner] = [await world.putOnSale({ closesAt: now + CART_MS }), person()];
    await put(world.table, owner, type, 1, now);
    const silent: PaymentGateway = {
      ...world.gateway,
      createIntent: async () => ({ ok: false, error: { kind: 'UNKNOWN', cause: 'silence' } }),
    };
    expect(stateOf(await order(owner, { gateway: silent }))).toBe('PAYMENT_PROVIDER_UNAVAILABLE');
    expect(stateOf(await order(owner, { now: now + HOLD_MS }))).toBe('CART_EMPTY');
  });

  it('of many who have the last tickets in their carts sells each once', async () => {
    const client = testClient({ maxAttempts: 3 });
    injectFaults(client, { conflicts: 0.15, throttles: 0.1, lostAnswers: 0.03, seed: 5 });
    const table = tableOn(client, world.table.name);
    const type = await world.putOnSale({ capacity: 5 });
    const owners = Array.from({ length: 12 }, person);
    for (const owner of owners) await put(world.table, owner, type, 1, now);
    const patiently = async (owner: { id: string }): Promise<string> => {
      for (;;) {
        try {
          return stateOf(await order(owner, { table, key: 'one' }));
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'StoreBusyError') throw error;
        }
      }
    };
    const states = await Promise.all(owners.map(patiently));
    expect(states.toSorted()).toEqual([...Array(5).fill('PENDING'), ...Array(7).fill('SOLD_OUT')]);
    expect(await world.audit(now, 'in-flight')).toEqual([]);
    client.destroy();
  });
});
