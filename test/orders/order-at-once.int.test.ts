import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import type { Attendees } from '../../functions/orders/attendees-contract.ts';
import { holdAndOrder } from '../../functions/orders/serve-checkout.ts';
import type { PaymentGateway } from '../../functions/payments/gateway.ts';
import { HOLD_MS } from '../../functions/reservations/contract.ts';
import { ok } from '../../functions/shared/kernel/result.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { injectFaults } from '../shared/faults.ts';
import { testClient } from '../support/dynamodb.ts';
import { giveKey, plainlyKeyed } from '../users/kept-keys.ts';
import { at, startWorld, type World } from '../workflows/world.ts';
import { asker } from './askers.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

type Made = Awaited<ReturnType<typeof holdAndOrder>>;
const limiter = { count: async () => ok(undefined) };

/** Orders at once, as the route would. */
async function buy(
  items: readonly (readonly [TicketTypeCopy, number])[],
  as: {
    customerId?: string;
    limitKey?: string;
    key?: string;
    now?: number;
    gateway?: PaymentGateway;
    table?: World['table'];
    attendees?: Attendees;
  } = {},
): Promise<Made> {
  const {
    customerId = ulid(),
    limitKey,
    key,
    now = world.start,
    gateway = world.gateway,
    table = world.table,
    attendees,
  } = as;
  const wishes = items.map(([{ ticketTypeId }, quantity]) => ({ ticketTypeId, quantity }));
  const found = await findTicketTypes(
    table,
    wishes.map(({ ticketTypeId }) => ticketTypeId),
  );
  return holdAndOrder(
    { table, gateway, limiter, personalData: plainlyKeyed(table) },
    asker({ customerId, limitKey, key, occasion: at(now) }),
    {
      by: 'purchase',
      wishes,
      found,
    },
    attendees,
  );
}

const codeOf = (made: Made): string => (made.ok ? made.value.order.state : made.error.code);
const intents = (): number => world.stripe.ledger().paymentIntents.length;

describe('tickets held and ordered in one go', () => {
  it('are named by the same request, once for its key, and by no other under it', async () => {
    const [type, customerId, key] = [await world.putOnSale({ capacity: 10 }), ulid(), 'named'];
    const personalData = plainlyKeyed(world.table);
    await giveKey(world.table, personalData, customerId);
    const attendees = [{ name: 'Ada Lovelace' }, { name: 'Grace Hopper' }];
    const [first, again] = [
      await buy([[type, 2]], { customerId, key, attendees }),
      await buy([[type, 2]], { customerId, key, attendees }),
    ];
    expect(first.ok && again.ok && first.value.order.orderId === again.value.order.orderId).toBe(true);
    const other = await buy([[type, 2]], { customerId, key, attendees: [{ name: 'Mallory' }] });
    expect(codeOf(other)).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await world.free(type)).toBe(8);
  });

  it('are not taken for more people than tickets', async () => {
    const type = await world.putOnSale({ capacity: 10 });
    const attendees = [{ name: 'Ada Lovelace' }, { name: 'Grace Hopper' }];
    expect(codeOf(await buy([[type, 1]], { attendees }))).toBe('TOO_MANY_ATTENDEES');
    expect(await world.free(type)).toBe(10);
  });

  it('wait for their payment, the stock taken once', async () => {
    const type = await world.putOnSale({ capacity: 10, unitPrice: 1_250 });
    const made = await buy([[type, 3]]);
    expect(made).toMatchObject({
      ok: true,
      value: { order: { state: 'PENDING', ver: 2, total: 3_750 }, intent: { amount: 3_750, currency: 'EUR' } },
    });
    expect(await world.free(type)).toBe(7);
    expect(await world.audit(world.start, 'in-flight')).toEqual([]);
  });

  it('of several events are one order, or none at all', async () => {
    const [one, other] = [await world.putOnSale({ capacity: 10 }), await world.putOnSale({ capacity: 1 })];
    expect(one.eventId).not.toBe(other.eventId);
    expect(
      codeOf(
        await buy([
          [one, 2],
          [other, 2],
        ]),
      ),
    ).toBe('NOT_ENOUGH_TICKETS');
    expect([await world.free(one), await world.free(other)]).toEqual([10, 1]);
    const made = await buy([
      [one, 2],
      [other, 1],
    ]);
    expect(made.ok && made.value.order.lines.map(({ eventId }) => eventId)).toEqual([one.eventId, other.eventId]);
    expect([await world.free(one), await world.free(other)]).toEqual([8, 0]);
  });

  it('of two currencies are refused before anything is taken', async () => {
    const [euro, yen] = [await world.putOnSale(), await world.putOnSale({ currency: 'JPY' })];
    const before = intents();
    expect(
      codeOf(
        await buy([
          [euro, 1],
          [yen, 1],
        ]),
      ),
    ).toBe('CURRENCIES_DIFFER');
    expect([await world.free(euro), await world.free(yen), intents() - before]).toEqual([10, 10, 0]);
  });

  it('that cost nothing are paid at once, without a payment', async () => {
    const type = await world.putOnSale({ unitPrice: 0 });
    expect(await buy([[type, 2]])).toMatchObject({ ok: true, value: { order: { state: 'PAID' }, intent: undefined } });
  });

  it('count against the limit of a person, whatever they were ordered by, and repeated lines add up', async () => {
    const type = await world.putOnSale({ maxPerPerson: 4 });
    const [customerId, alias, limitKey] = [ulid(), ulid(), ulid()];
    expect(
      codeOf(
        await buy(
          [
            [type, 3],
            [type, 2],
          ],
          { customerId, limitKey },
        ),
      ),
    ).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await buy([[type, 3]], { customerId, limitKey }))).toBe('PENDING');
    const refused = await buy([[type, 2]], { customerId: alias, limitKey });
    expect(refused).toMatchObject({ ok: false, error: { code: 'LIMIT_EXCEEDED', extra: { limit: 4, held: 3 } } });
    const tabs = await Promise.all([1, 2, 3].map(() => buy([[type, 1]], { customerId: alias, limitKey })));
    expect(tabs.map(codeOf).toSorted()).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED', 'PENDING']);
    expect(await world.free(type)).toBe(6);
  });
});

describe('an Idempotency-Key', () => {
  it('is one order however often and however much at once it is sent', async () => {
    const type = await world.putOnSale({ capacity: 10 });
    const as = { customerId: ulid(), key: 'purchase-1' };
    const made = [...(await Promise.all([1, 2, 3, 4].map(() => buy([[type, 2]], as)))), await buy([[type, 2]], as)];
    expect(new Set(made.map((each) => (each.ok ? each.value.intent?.id : each.error.code))).size).toBe(1);
    expect(await world.free(type)).toBe(8);
  });

  it('belongs to one request, and to one caller', async () => {
    const type = await world.putOnSale({ capacity: 10 });
    const as = { customerId: ulid(), key: 'purchase-2' };
    expect(codeOf(await buy([[type, 1]], as))).toBe('PENDING');
    expect(codeOf(await buy([[type, 2]], as))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(codeOf(await buy([[type, 2]], { ...as, customerId: ulid() }))).toBe('PENDING');
    expect(await world.free(type)).toBe(7);
  });

  it('finds the hold again when the process died before it was ordered', async () => {
    const type = await world.putOnSale({ capacity: 10 });
    const as = { customerId: ulid(), key: 'purchase-3' };
    const dying: PaymentGateway = {
      ...world.gateway,
      createIntent: async () => {
        throw new Error('the process died here');
      },
    };
    await expect(buy([[type, 2]], { ...as, gateway: dying })).rejects.toThrow('the process died here');
    expect(await world.free(type)).toBe(8);
    expect(codeOf(await buy([[type, 2]], as))).toBe('PENDING');
    expect(await world.free(type)).toBe(8);
  });

  it('of a hold that has lapsed by then is told so', async () => {
    const type = await world.putOnSale({ capacity: 10, closesAt: world.start + 24 * 3_600_000 });
    const as = { customerId: ulid(), key: 'purchase-4' };
    await buy([[type, 2]], as);
    expect(codeOf(await buy([[type, 2]], { ...as, now: world.start + HOLD_MS }))).toBe('RESERVATION_EXPIRED');
  });
});

describe('when the payment provider', () => {
  it('does not answer, the hold stays and is named, so that it can be ordered without a key', async () => {
    const type = await world.putOnSale({ capacity: 10 });
    const silent: PaymentGateway = {
      ...world.gateway,
      createIntent: async () => ({ ok: false, error: { kind: 'UNKNOWN', cause: 'silence' } }),
    };
    const customerId = ulid();
    const refused = await buy([[type, 2]], { customerId, gateway: silent });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'PAYMENT_PROVIDER_UNAVAILABLE', extra: { reservationId: expect.any(String) }, retryAfter: 2 },
    });
    const orderId = refused.ok ? '' : String(refused.error.extra?.['reservationId']);
    expect(await world.reload({ orderId })).toMatchObject({ state: 'HELD', customerId });
    expect(await world.free(type)).toBe(8);
  });

  it('takes no such amount, the stock goes back at once, and a retry is refused the same', async () => {
    const type = await world.putOnSale({ capacity: 10, unitPrice: 1, maxPerPerson: 4 });
    const as = { customerId: ulid(), key: 'purchase-5' };
    expect(codeOf(await buy([[type, 2]], as))).toBe('AMOUNT_NOT_PAYABLE');
    expect(await world.free(type)).toBe(10);
    expect(codeOf(await buy([[type, 2]], as))).toBe('AMOUNT_NOT_PAYABLE');
    expect(codeOf(await buy([[type, 4]], { customerId: as.customerId }))).toBe('AMOUNT_NOT_PAYABLE');
    expect(await world.audit(world.start, 'in-flight')).toEqual([]);
  });
});

it('races for the last tickets oversell nothing, with conflicts, throttles and lost answers in between', async () => {
  const client = testClient({ maxAttempts: 3 });
  injectFaults(client, { conflicts: 0.2, throttles: 0.1, lostAnswers: 0.03, seed: 7 });
  const table = tableOn(client, world.table.name);
  const type = await world.putOnSale({ capacity: 6, blocks: 2 });
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const as = { customerId: ulid(), key: 'one', table };
      for (;;) {
        try {
          return codeOf(await buy([[type, 1]], as));
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'StoreBusyError') throw error;
        }
      }
    }),
  );
  expect(outcomes.filter((outcome) => outcome === 'PENDING')).toHaveLength(6);
  expect(outcomes.filter((outcome) => outcome === 'SOLD_OUT')).toHaveLength(14);
  expect(await world.audit(world.start, 'in-flight')).toEqual([]);
  client.destroy();
});
