import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createOrder } from '../../functions/orders/app/create-order.ts';
import type { Naming } from '../../functions/orders/app/name-attendees.ts';
import type { Attendees } from '../../functions/orders/attendees-contract.ts';
import { findAttendees, openAttendees } from '../../functions/orders/attendees.ts';
import { attendeesKey } from '../../functions/orders/keys.ts';
import type { Order } from '../../functions/orders/domain/order.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { adoptPaymentIntent } from '../../functions/orders/writes.ts';
import type { PaymentGateway } from '../../functions/payments/gateway.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { SecretUnavailableError } from '../../functions/shared/runtime/secrets.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import type { PersonalData } from '../../functions/users/personal-data.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { destroyKey, giveKey, plainlyKeyed } from '../users/kept-keys.ts';
import { at, startWorld, type World } from '../workflows/world.ts';

let world: World;
let personalData: PersonalData;

beforeAll(async () => {
  world = await startWorld();
  personalData = plainlyKeyed(world.table);
});
afterAll(() => world.close());

const ADA: Attendees = [{ name: 'Ada Lovelace' }, { name: 'Grace Hopper' }];

async function held(quantity = 2, unitPrice = 1_000): Promise<Order> {
  const order = await world.hold(await world.putOnSale({ unitPrice }), quantity);
  await giveKey(world.table, personalData, order.customerId);
  return order;
}

type As = Partial<Naming> & { readonly gateway?: PaymentGateway; readonly table?: World['table'] };

function name(
  { orderId, customerId }: Pick<Order, 'orderId' | 'customerId'>,
  attendees: Attendees | undefined,
  { gateway = world.gateway, table = world.table, ...as }: As = {},
): ReturnType<typeof createOrder> {
  const naming = attendees === undefined ? undefined : { personalData, attendees, vendor: false, keyed: false, ...as };
  return createOrder(table, gateway, orderId, customerId, at(world.start), naming);
}

const codeOf = (made: Awaited<ReturnType<typeof name>>): string => (made.ok ? made.value.order.state : made.error.code);

async function namesOf({ orderId }: Pick<Order, 'orderId'>): Promise<readonly (readonly [number, string])[]> {
  const opened = await openAttendees(personalData, await findAttendees(world.table, [orderId]));
  return [...(opened.get(orderId) ?? [])];
}

const BOTH = [
  [1, 'Ada Lovelace'],
  [2, 'Grace Hopper'],
] as const;

describe('names that come with an order', () => {
  it('are kept by the transaction that makes it, sealed, and dropped a month after a hold that is never paid', async () => {
    const order = await held();
    expect(codeOf(await name(order, ADA))).toBe('PENDING');
    expect(await namesOf(order)).toEqual(BOTH);
    const row = await getItem(world.table, attendeesKey(order.orderId), 'strong');
    expect(JSON.stringify(row)).not.toMatch(/Ada|Lovelace|Grace|Hopper/);
    expect(row?.['ttl']).toBe(Math.ceil((order.expiresAt + 30 * DAY) / 1_000));
    expect(Object.keys(row ?? {})).not.toContain('ver');
  });

  it('leave no row where none are given', async () => {
    const order = await held();
    expect(codeOf(await name(order, undefined))).toBe('PENDING');
    expect(await getItem(world.table, attendeesKey(order.orderId), 'strong')).toBeUndefined();
  });

  it('are kept for an order that costs nothing and is paid at once', async () => {
    const order = await held(2, 0);
    expect(codeOf(await name(order, ADA))).toBe('PAID');
    expect(await namesOf(order)).toEqual(BOTH);
  });

  it('are answered the same when sent again, with or without them', async () => {
    const order = await held();
    const [first, again, without] = [await name(order, ADA), await name(order, ADA), await name(order, undefined)];
    expect(new Set([first, again, without].map((made) => made.ok && made.value.intent?.id)).size).toBe(1);
    expect((await world.reload(order)).ver).toBe(2);
  });

  it('are not silently replaced by others, which are refused as another body of the key where there is one', async () => {
    const order = await held();
    await name(order, ADA);
    const other = [{ name: 'Alan Turing' }];
    expect(codeOf(await name(order, other))).toBe('ATTENDEES_DIFFER');
    expect(codeOf(await name(order, other, { keyed: true }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await namesOf(order)).toEqual(BOTH);
  });

  it('are those of one of several requests at once, whose sender alone is told that they are kept', async () => {
    const order = await held(1);
    const asked = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara'].map((first) => [{ name: first }]);
    const made = await Promise.all(asked.map((attendees) => name(order, attendees)));
    const kept = await namesOf(order);
    const told = made.flatMap((each, index) => (each.ok ? (asked[index]?.map((one) => [1, one.name]) ?? []) : []));
    expect(told).toEqual(kept);
    expect(kept).toHaveLength(1);
    expect(made.filter((each) => !each.ok).map(codeOf)).toEqual(Array.from({ length: 4 }, () => 'ATTENDEES_DIFFER'));
  });

  it('are all there or none, whatever answers are lost', async () => {
    const client = testClient();
    injectFaults(client, { conflicts: 0.3, lostAnswers: 0.4, seed: 11 });
    const table = tableOn(client, world.table.name);
    for (let count = 0; count < 8; count += 1) {
      const order = await held();
      let done = false;
      for (let attempt = 0; attempt < 10 && !done; attempt += 1)
        done = await name(order, ADA, { table }).then(
          ({ ok }) => ok,
          () => false,
        );
      expect(done).toBe(true);
      expect([(await world.reload(order)).state, await namesOf(order)]).toEqual(['PENDING', BOTH]);
    }
  });

  it('are kept by the retry of a request that died before it kept them, although the payment was found meanwhile', async () => {
    const order = await held();
    const dying: PaymentGateway = {
      ...world.gateway,
      createIntent: async (...asked) => {
        await world.gateway.createIntent(...asked);
        throw new Error('the process died here');
      },
    };
    await expect(name(order, ADA, { gateway: dying })).rejects.toThrow('the process died here');
    expect(await namesOf(order)).toEqual([]);
    const found = await findOrder(world.table, order.orderId);
    if (found === undefined) throw new Error('No order');
    const adopted = adoptPaymentIntent(found, 'pi_found', at(world.start), mustHold('nobody else is there'));
    await commit(world.table, [adopted.write]);
    const gateway = {
      ...world.gateway,
      retrieveIntent: async () => world.gateway.createIntent(order.orderId, { amount: 2_000, currency: 'EUR' }),
    };
    expect(codeOf(await name(order, ADA, { gateway }))).toBe('PENDING');
    expect(await namesOf(order)).toEqual(BOTH);
  });

  it.each([
    ['more than tickets', [...ADA, { name: 'Alan Turing' }], 'attendees.2'],
    ['a type that is not ordered', [{ name: 'Ada', ticketTypeId: ulid() }], 'attendees.0'],
  ])('are refused before there is a payment: %s', async (_what, attendees, path) => {
    const order = await held();
    const before = world.stripe.ledger().paymentIntents.length;
    expect(await name(order, attendees)).toMatchObject({
      ok: false,
      error: { code: 'TOO_MANY_ATTENDEES', errors: [{ path }] },
    });
    expect(world.stripe.ledger().paymentIntents).toHaveLength(before);
    expect((await world.reload(order)).state).toBe('HELD');
  });

  it('are not taken while their key cannot be had, and nothing else is done then', async () => {
    const order = await held();
    const silent: PersonalData = {
      ...personalData,
      person: async () => {
        throw new SecretUnavailableError('KMS did not give a data key');
      },
    };
    const before = world.stripe.ledger().paymentIntents.length;
    await expect(name(order, ADA, { personalData: silent })).rejects.toBeInstanceOf(SecretUnavailableError);
    expect(world.stripe.ledger().paymentIntents).toHaveLength(before);
  });

  it('of a vendor lie under a key that it gets with the first of them, also of five orders at once', async () => {
    const type = await world.putOnSale({ unitPrice: 1_000 });
    const customerId = ulid();
    const orders = await Promise.all(Array.from({ length: 5 }, () => world.hold(type, 2, { customerId })));
    const made = await Promise.all(orders.map((order) => name(order, ADA, { vendor: true })));
    expect(made.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'PENDING'));
    for (const order of orders) expect(await namesOf(order)).toEqual(BOTH);
  });

  it('are not taken from somebody who is erased, and never give them a key again', async () => {
    const order = await held();
    await destroyKey(world.table, order.customerId);
    await expect(name(order, ADA)).rejects.toMatchObject({ problem: { code: 'NOT_SIGNED_IN' } });
    expect((await personalData.person(order.customerId)).hasKey).toBe(false);
  });

  it('open no more once their buyer is erased', async () => {
    const order = await held();
    await name(order, ADA);
    await destroyKey(world.table, order.customerId);
    expect(await namesOf(order)).toEqual([]);
  });
});
