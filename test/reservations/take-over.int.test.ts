import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findLimitCounts } from '../../functions/inventory/contents.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { changeCopies } from '../../functions/inventory/sale-writes.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { orderCart } from '../../functions/orders/app/order-cart.ts';
import { readTimeline } from '../../functions/orders/reads.ts';
import { takeOverHold } from '../../functions/orders/writes.ts';
import { releaseHold } from '../../functions/reservations/app/release-hold.ts';
import { HOLD_MS } from '../../functions/reservations/contract.ts';
import { findCart } from '../../functions/reservations/reads.ts';
import { takeOver } from '../../functions/reservations/take-over.ts';
import { GUEST_MS, loadGuest, type Guest } from '../../functions/shared/runtime/guest.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { asker } from '../orders/askers.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { interrupted } from '../support/interrupted.ts';
import { USERS_ENV } from '../users/accounts.ts';
import { at, startWorld, type World } from '../workflows/world.ts';
import { codeOf, guestAsker, holdAs, limiter, newGuest, put, reloadGuest } from './cart-world.ts';

let world: World;
let now: number;

beforeAll(async () => {
  world = await startWorld();
  now = world.start;
});
afterAll(() => world.close());

interface Taker {
  readonly userId: string;
  readonly limitKey?: string;
}
const person = (): Taker => ({ userId: ulid() });

/** Holds as the session is now, and answers the reservation's id. */
async function hold({ guestId }: Guest, type: TicketTypeCopy, quantity = 1, when = now): Promise<string> {
  const held = await holdAs(world.table, guestAsker(await reloadGuest(world.table, guestId), when), [[type, quantity]]);
  if (!held.ok) throw new Error(`Holding: ${held.error.code}`);
  return held.value.reservation.orderId;
}
const cartOf = ({ guestId, expiresAt }: Guest) => ({ id: guestId, endsAt: expiresAt });
const logIn = (guest: Guest, taker: Taker, when = now, table = world.table): ReturnType<typeof takeOver> =>
  takeOver(table, guest.guestId, taker, { ...at(when), by: taker.userId });
const counted = async ({ ticketTypeId }: TicketTypeCopy, personId: string): Promise<number> =>
  (await findLimitCounts(world.table, [{ ticketTypeId, personId }])).get(`${ticketTypeId}#${personId}`) ?? 0;
const ownerOf = async (orderId: string): Promise<string> => (await world.reload({ orderId })).customerId;
const inCart = async (owner: { id: string; endsAt?: number }): Promise<readonly number[]> =>
  (await findCart(world.table, owner, now)).lines.map(({ quantity }) => quantity);

describe('a log-in', () => {
  it('takes over cart and holds of its anonymous session, with their price, their end and their counts', async () => {
    const [type, free] = [await world.putOnSale({ maxPerPerson: 4 }), await world.putOnSale({ unitPrice: 1_000 })];
    const [guest, me] = [await newGuest(world.table, now), { userId: ulid(), limitKey: ulid() }];
    const [one, two] = [await hold(guest, type, 2), await hold(guest, free, 1)];
    const before = await world.reload({ orderId: one });
    await put(world.table, cartOf(guest), free, 3, now);
    await commit(world.table, changeCopies([type.ticketTypeId], { unitPrice: 9_900 }));

    expect(await logIn(guest, me)).toEqual({
      ok: true,
      value: { status: 'TAKEN_OVER', reservationIds: [one, two], cartItems: 1 },
    });
    const after = await world.reload({ orderId: one });
    expect(after).toMatchObject({ state: 'HELD', customerId: me.userId, limitKey: me.limitKey, ver: 2 });
    expect([after.total, after.expiresAt, after.lines]).toEqual([before.total, before.expiresAt, before.lines]);
    expect([await counted(type, guest.guestId), await counted(type, me.limitKey)]).toEqual([0, 2]);
    expect([await inCart(cartOf(guest)), await inCart({ id: me.userId })]).toEqual([[], [3]]);
    expect([await world.free(type), await world.free(free)]).toEqual([8, 9]);

    expect(await createOrder(world.table, world.gateway, one, me.userId, at(now))).toMatchObject({
      ok: true,
      value: { order: { state: 'PENDING', total: 9_000 } },
    });
    await world.relay();
    expect((await readTimeline(world.table, one)).map(({ ev }) => ev)).toEqual([
      'reservations.TicketsHeld.v1',
      'reservations.HoldTakenOver.v1',
      'orders.OrderCreated.v1',
    ]);
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('ends the anonymous session: its token holds, fills and releases nothing more', async () => {
    const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
    const stale = guestAsker(guest, now);
    const orderId = await hold(guest, type);
    const held = await world.reload({ orderId });
    await logIn(guest, me);
    await expect(loadGuest(world.table, guest.guestId, now)).rejects.toThrow('NOT_SIGNED_IN');
    // Requests that were let in before and are written after.
    expect(codeOf(await holdAs(world.table, stale, [[type, 1]]))).toBe('NOT_SIGNED_IN');
    expect(codeOf(await put(world.table, cartOf(guest), type, 1, now))).toBe('NOT_SIGNED_IN');
    expect(codeOf(await releaseHold(world.table, held, at(now)))).toBe('RESERVATION_NOT_FOUND');
    expect([await ownerOf(orderId), await world.free(type)]).toEqual([me.userId, 9]);
  });

  it('adds the cart to what lay in the person’s, which stays orderable', async () => {
    const [type, other] = [await world.putOnSale(), await world.putOnSale()];
    const [guest, me] = [await newGuest(world.table, now), person()];
    await put(world.table, { id: me.userId }, type, 1, now);
    await put(world.table, cartOf(guest), type, 2, now);
    await put(world.table, cartOf(guest), other, 1, now);
    expect(await logIn(guest, me)).toMatchObject({ value: { cartItems: 2 } });
    expect(await inCart({ id: me.userId })).toEqual([3, 1]);
    const buyer = asker({ customerId: me.userId, occasion: at(now) });
    expect(
      codeOf(
        await orderCart(
          { table: world.table, gateway: world.gateway, limiter, personalData: personalDataIn(world.table, USERS_ENV) },
          buyer,
        ),
      ),
    ).toBe('OK');
    expect([await world.free(type), await world.free(other)]).toEqual([7, 9]);
  });

  it('is told of nothing for a session that never was, has passed its end, or has nothing', async () => {
    const me = person();
    expect(await takeOver(world.table, undefined, me, at(now))).toMatchObject({ value: { status: 'NOTHING' } });
    expect(await takeOver(world.table, ulid(), me, at(now))).toMatchObject({ value: { status: 'NOTHING' } });
    const guest = await newGuest(world.table, now);
    expect(await logIn(guest, me, now + GUEST_MS)).toMatchObject({ value: { status: 'NOTHING' } });
    expect(await logIn(guest, me)).toMatchObject({ value: { status: 'TAKEN_OVER', reservationIds: [], cartItems: 0 } });
    expect(await logIn(guest, me)).toMatchObject({ value: { status: 'TAKEN_OVER' } });
    expect(await logIn(guest, person())).toMatchObject({ value: { status: 'NOTHING' } });
  });
});

describe('a take-over over the limit', () => {
  it.each([
    ['holds of two sessions', async (guest: Guest, type: TicketTypeCopy) => void (await hold(guest, type, 3))],
    [
      'a cart',
      async (guest: Guest, type: TicketTypeCopy) => void (await put(world.table, cartOf(guest), type, 3, now)),
    ],
  ])('by %s is refused, changes nothing, and goes well once the person has let something go', async (_what, fill) => {
    const type = await world.putOnSale({ maxPerPerson: 4 });
    const [guest, me] = [await newGuest(world.table, now), { userId: ulid(), limitKey: ulid() }];
    const own = await world.hold(type, 1, { customerId: me.limitKey });
    await world.hold(type, 1, { customerId: me.limitKey });
    await fill(guest, type);
    const rows = await world.db.items();
    expect(await logIn(guest, me)).toMatchObject({
      ok: false,
      error: { code: 'LIMIT_EXCEEDED', extra: { limit: 4, held: 2 } },
    });
    expect(await world.db.items()).toEqual(rows);
    expect((await loadGuest(world.table, guest.guestId, now)).userId).toBe(guest.guestId);
    await releaseHold(world.table, own, at(now));
    expect(codeOf(await logIn(guest, me))).toBe('OK');
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('that was lowered since is refused, also where the person has nothing yet', async () => {
    const [type, guest] = [await world.putOnSale({ maxPerPerson: 4 }), await newGuest(world.table, now)];
    const orderId = await hold(guest, type, 3);
    await commit(world.table, changeCopies([type.ticketTypeId], { maxPerPerson: 2 }));
    expect(codeOf(await logIn(guest, person()))).toBe('LIMIT_EXCEEDED');
    await releaseHold(world.table, await world.reload({ orderId }), at(now));
  });

  it('that came or went since is counted as it is now', async () => {
    const [came, went] = [await world.putOnSale(), await world.putOnSale({ maxPerPerson: 4 })];
    const [guest, me] = [await newGuest(world.table, now), person()];
    const ids = [await hold(guest, came, 2), await hold(guest, went, 2)];
    await commit(world.table, [
      ...changeCopies([came.ticketTypeId], { maxPerPerson: 2 }),
      ...changeCopies([went.ticketTypeId], { maxPerPerson: undefined }),
    ]);
    expect(codeOf(await logIn(guest, me))).toBe('OK');
    expect([await counted(came, me.userId), await counted(went, me.userId)]).toEqual([2, 0]);
    expect(await counted(went, guest.guestId)).toBe(0);
    for (const orderId of ids) await releaseHold(world.table, await world.reload({ orderId }), at(now));
    expect([await counted(came, me.userId), await world.free(came), await world.free(went)]).toEqual([0, 10, 10]);
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('by two currencies in one cart is refused as well', async () => {
    const [euro, yen] = [await world.putOnSale(), await world.putOnSale({ currency: 'JPY' })];
    const [guest, me] = [await newGuest(world.table, now), person()];
    await put(world.table, { id: me.userId }, euro, 1, now);
    await put(world.table, cartOf(guest), yen, 1, now);
    expect(codeOf(await logIn(guest, me))).toBe('CURRENCIES_DIFFER');
    expect([await inCart(cartOf(guest)), await inCart({ id: me.userId })]).toEqual([[1], [1]]);
  });
});

describe('an anonymous session', () => {
  it('is limited as a person is, over all of its holds', async () => {
    const [type, guest] = [await world.putOnSale({ maxPerPerson: 3 }), await newGuest(world.table, now)];
    await hold(guest, type, 2);
    const again = guestAsker(await reloadGuest(world.table, guest.guestId), now);
    expect(codeOf(await holdAs(world.table, again, [[type, 2]]))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await put(world.table, cartOf(guest), type, 2, now))).toBe('LIMIT_EXCEEDED');
  });

  it('has four reservations at a time: a released or lapsed one makes room', async () => {
    const [type, guest] = [await world.putOnSale({ closesAt: now + GUEST_MS }), await newGuest(world.table, now)];
    const first = await hold(guest, type);
    for (let held = 1; held < 4; held += 1) await hold(guest, type);
    const asks = async (when = now): Promise<string> =>
      codeOf(await holdAs(world.table, guestAsker(await reloadGuest(world.table, guest.guestId), when), [[type, 1]]));
    expect(await asks()).toBe('LIMIT_EXCEEDED');
    await releaseHold(world.table, await world.reload({ orderId: first }), at(now));
    expect([await asks(), await asks(), await asks(now + HOLD_MS)]).toEqual(['OK', 'LIMIT_EXCEEDED', 'OK']);
  });

  it('that holds in several tabs at once loses none of them at the log-in', async () => {
    const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
    const held = await Promise.all([1, 2, 3].map(() => holdAs(world.table, guestAsker(guest, now), [[type, 1]])));
    expect(held.map(codeOf)).toEqual(['OK', 'OK', 'OK']);
    const taken = await logIn(guest, me);
    expect(taken.ok && taken.value.reservationIds).toHaveLength(3);
    const owners = await Promise.all(held.map((each) => ownerOf(each.ok ? each.value.reservation.orderId : '')));
    expect(owners).toEqual([me.userId, me.userId, me.userId]);
  });

  it('that sends the same key again has one hold', async () => {
    const [type, guest] = [await world.putOnSale(), await newGuest(world.table, now)];
    const once = () => holdAs(world.table, guestAsker(guest, now, 'key-1'), [[type, 2]]);
    const held = [...(await Promise.all([once(), once(), once()])), await once()];
    expect(new Set(held.map((each) => (each.ok ? each.value.reservation.orderId : each.error.code))).size).toBe(1);
    expect(await world.free(type)).toBe(8);
    await logIn(guest, person());
    expect(codeOf(await once())).toBe('NOT_SIGNED_IN');
  });
});

describe('at the same time', () => {
  it('two log-ins: one gets all of it, the other nothing', async () => {
    for (let round = 0; round < 8; round += 1) {
      const type = await world.putOnSale({ maxPerPerson: 4 });
      const [guest, one, two] = [await newGuest(world.table, now), person(), person()];
      const ids = [await hold(guest, type, 2), await hold(guest, type, 1)];
      await put(world.table, cartOf(guest), type, 1, now);
      const taken = await Promise.all([logIn(guest, one), logIn(guest, two), logIn(guest, one)]);
      const statuses = taken.map((each) => (each.ok ? each.value.status : each.error.code));
      const winner = await ownerOf(ids[0] ?? '');
      expect([one.userId, two.userId]).toContain(winner);
      expect(await ownerOf(ids[1] ?? '')).toBe(winner);
      const loser = winner === one.userId ? two.userId : one.userId;
      expect(statuses).toEqual(
        winner === one.userId ? ['TAKEN_OVER', 'NOTHING', 'TAKEN_OVER'] : ['NOTHING', 'TAKEN_OVER', 'NOTHING'],
      );
      expect([await counted(type, winner), await counted(type, loser), await counted(type, guest.guestId)]).toEqual([
        3, 0, 0,
      ]);
      expect([await inCart({ id: winner }), await inCart({ id: loser })]).toEqual([[1], []]);
      expect(await world.free(type)).toBe(7);
    }
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('the hold lapses: it is the person’s or swept, never both, and stock and counts add up', async () => {
    for (let round = 0; round < 8; round += 1) {
      const type = await world.putOnSale({ maxPerPerson: 4 });
      const [guest, me] = [await newGuest(world.table, now), person()];
      const orderId = await hold(guest, type, 2);
      await world.relay();
      const end = now + HOLD_MS;
      // Clocks that differ by a millisecond: one still sees it stand, the other sees it lapsed.
      const [taken] = await Promise.all([logIn(guest, me, end - 1), world.sweep(end + 60_000)]);
      expect(codeOf(taken)).toBe('OK');
      await world.sweep(end + 120_000);
      const order = await world.reload({ orderId });
      expect(order.state).toBe('EXPIRED');
      expect(order.customerId).toBe(taken.ok && taken.value.reservationIds.length === 1 ? me.userId : guest.guestId);
      expect([await counted(type, me.userId), await counted(type, guest.guestId), await world.free(type)]).toEqual([
        0, 0, 10,
      ]);
    }
    expect(await world.audit(now + HOLD_MS + 120_000, 'in-flight')).toEqual([]);
  });

  it('the person orders in another tab what was just taken over, or releases it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const type = await world.putOnSale({ maxPerPerson: 4 });
      const [guest, me] = [await newGuest(world.table, now), person()];
      const orderId = await hold(guest, type, 2);
      const held = await world.reload({ orderId });
      const [taken, ordered, released] = await Promise.all([
        logIn(guest, me),
        createOrder(world.table, world.gateway, orderId, me.userId, at(now)),
        releaseHold(world.table, held, at(now)),
      ]);
      expect(codeOf(taken)).toBe('OK');
      const order = await world.reload({ orderId });
      const isMine = taken.ok && taken.value.reservationIds.length === 1;
      expect(order.customerId).toBe(isMine ? me.userId : guest.guestId);
      expect(codeOf(released)).toBe(isMine ? 'RESERVATION_NOT_FOUND' : 'OK');
      expect([isMine, codeOf(ordered)]).not.toEqual([false, 'OK']);
      expect(await counted(type, guest.guestId)).toBe(0);
      expect(await counted(type, me.userId)).toBe(isMine ? 2 : 0);
    }
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });

  it('more is held and put into the cart: it is taken over too, or refused, never left behind', async () => {
    for (let round = 0; round < 8; round += 1) {
      const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
      await hold(guest, type);
      const stale = guestAsker(await reloadGuest(world.table, guest.guestId), now);
      const [taken, more, added] = await Promise.all([
        logIn(guest, me),
        holdAs(world.table, stale, [[type, 1]]),
        put(world.table, cartOf(guest), type, 2, now),
      ]);
      expect(codeOf(taken)).toBe('OK');
      const owner = more.ok ? await ownerOf(more.value.reservation.orderId) : more.error.code;
      expect([me.userId, 'NOT_SIGNED_IN']).toContain(owner);
      expect(await inCart({ id: me.userId })).toEqual(added.ok ? [2] : []);
      expect(await world.free(type)).toBe(more.ok ? 8 : 9);
    }
  });

  it('a hold by the person uses up the limit: one of the two is refused', async () => {
    for (let round = 0; round < 8; round += 1) {
      const type = await world.putOnSale({ maxPerPerson: 3 });
      const [guest, me] = [await newGuest(world.table, now), person()];
      await hold(guest, type, 2);
      const own = asker({ customerId: me.userId, occasion: at(now) });
      const [taken, held] = await Promise.all([logIn(guest, me), holdAs(world.table, own, [[type, 2]])]);
      expect([codeOf(taken), codeOf(held)].toSorted()).toEqual(['LIMIT_EXCEEDED', 'OK']);
      expect(await counted(type, me.userId)).toBe(2);
    }
    expect(await world.audit(now, 'in-flight')).toEqual([]);
  });
});

describe('between a take-over’s look and its write', () => {
  const during = async (guest: Guest, taker: Taker, meanwhile: () => Promise<unknown>): ReturnType<typeof takeOver> => {
    const slow = interrupted(world.db, meanwhile);
    const taken = await logIn(guest, taker, now, slow);
    slow.client.destroy();
    return taken;
  };

  it('something is put into the empty cart: it comes along', async () => {
    const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
    const taken = await during(guest, me, () => put(world.table, cartOf(guest), type, 2, now));
    expect(taken).toMatchObject({ value: { status: 'TAKEN_OVER', cartItems: 1 } });
    expect(await inCart({ id: me.userId })).toEqual([2]);
  });

  it('the person’s own cart changes: both are in it', async () => {
    const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
    await put(world.table, cartOf(guest), type, 1, now);
    await during(guest, me, () => put(world.table, { id: me.userId }, type, 2, now));
    expect(await inCart({ id: me.userId })).toEqual([3]);
  });

  it('the person uses up the limit: it is refused, and the hold stays where it is', async () => {
    const [type, guest, me] = [await world.putOnSale({ maxPerPerson: 3 }), await newGuest(world.table, now), person()];
    const orderId = await hold(guest, type, 2);
    const taken = await during(guest, me, () => world.hold(type, 2, { customerId: me.userId }));
    expect(taken).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', extra: { limit: 3, held: 2 } } });
    expect([await ownerOf(orderId), await counted(type, guest.guestId)]).toEqual([guest.guestId, 2]);
  });

  it('one of two holds is released: the other comes along', async () => {
    const [type, guest, me] = [await world.putOnSale({ maxPerPerson: 3 }), await newGuest(world.table, now), person()];
    const [one, two] = [await hold(guest, type, 1), await hold(guest, type, 2)];
    const held = await world.reload({ orderId: one });
    const taken = await during(guest, me, () => releaseHold(world.table, held, at(now)));
    expect(taken).toMatchObject({ value: { reservationIds: [two] } });
    expect([await counted(type, me.userId), await counted(type, guest.guestId), await world.free(type)]).toEqual([
      2, 0, 8,
    ]);
  });

  it('another person logs in: it is theirs', async () => {
    const [type, guest, me, other] = [await world.putOnSale(), await newGuest(world.table, now), person(), person()];
    const orderId = await hold(guest, type);
    expect(await during(guest, me, () => logIn(guest, other))).toMatchObject({ value: { status: 'NOTHING' } });
    expect(await ownerOf(orderId)).toBe(other.userId);
  });
});

it('a hold is not written over once its time has come, whoever decided so', async () => {
  const [type, guest, me] = [await world.putOnSale(), await newGuest(world.table, now), person()];
  const held = await world.reload({ orderId: await hold(guest, type) });
  const write = (when: number) =>
    takeOverHold(held, { customerId: me.userId }, held.lines, at(when), () => 'LAPSED').write;
  expect(await commit(world.table, [write(held.expiresAt)])).toEqual({ ok: false, error: 'LAPSED' });
  expect(await commit(world.table, [write(held.expiresAt - 1)])).toMatchObject({ ok: true });
});

it('the most that an anonymous session can have fits one transaction', async () => {
  const types = await Promise.all(Array.from({ length: 50 }, () => world.putOnSale({ maxPerPerson: 2 })));
  const [guest, me] = [await newGuest(world.table, now), { userId: ulid(), limitKey: ulid() }];
  for (let part = 0; part < 4; part += 1) {
    const items = types.slice(part * 10, part * 10 + 10).map((type) => [type, 1] as const);
    const who = guestAsker(await reloadGuest(world.table, guest.guestId), now);
    expect(codeOf(await holdAs(world.table, who, items))).toBe('OK');
  }
  for (const type of types.slice(40, 45)) await put(world.table, cartOf(guest), type, 1, now);
  for (const type of types.slice(45)) await put(world.table, { id: me.userId }, type, 1, now);
  const taken = await logIn(guest, me);
  expect(taken.ok && [taken.value.reservationIds.length, taken.value.cartItems]).toEqual([4, 5]);
  expect(await inCart({ id: me.userId })).toHaveLength(10);
});

it('conflicts, throttles and lost answers take nothing over twice, or by halves', async () => {
  const client = testClient({ maxAttempts: 3 });
  injectFaults(client, { conflicts: 0.2, throttles: 0.1, lostAnswers: 0.1, seed: 3 });
  const table = tableOn(client, world.table.name);
  const type = await world.putOnSale({ capacity: 60, maxPerPerson: 6 });
  for (let round = 0; round < 12; round += 1) {
    const [guest, me] = [await newGuest(world.table, now), person()];
    const ids = [await hold(guest, type, 2), await hold(guest, type, 2)];
    await put(world.table, cartOf(guest), type, 1, now);
    for (;;) {
      try {
        expect(codeOf(await logIn(guest, me, now, table))).toBe('OK');
        break;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'StoreBusyError') throw error;
      }
    }
    expect(await Promise.all(ids.map(ownerOf))).toEqual([me.userId, me.userId]);
    expect([await counted(type, me.userId), await inCart({ id: me.userId })]).toEqual([4, [1]]);
  }
  expect(await world.audit(now, 'in-flight')).toEqual([]);
  client.destroy();
});
