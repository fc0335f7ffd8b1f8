import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { QUEUES } from '../../functions/outbox/contract.ts';
import {
  ALL_EVENTS,
  foldTimeline,
  relayOf,
  SUBSCRIPTIONS,
  timelineEntries,
  timelineStep,
  type Change,
} from '../../functions/outbox/domain/relay.ts';
import { advance, begin, chainHash, marked, type Marked } from '../../functions/shared/table/aggregate.ts';
import type { Item } from '../../functions/shared/table/keys.ts';

const key = { pk: 'ORDER#01ARZ3NDEKTSV4RRFFQ69G5FAV', sk: 'ORDER' };
const otherwise = (): string => 'FAILED';
const PAYABLE = {
  orderId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  customerId: 'c',
  number: 'ON-1',
  currency: 'EUR',
  total: 1,
  lines: [],
  expiresAt: 1,
};

function change(ev: string, more: Readonly<Record<string, string | number>> = {}): Change {
  const { item } = begin(
    key,
    { ...PAYABLE, ...more },
    { event: ev, now: 1_000, correlationId: 'cause', by: 'system' },
    otherwise,
  );
  return { before: undefined, after: marked({ ...item, ...key }) };
}

describe('what is relayed', () => {
  it('every subscription is to an event that exists, and to a queue that exists', () => {
    for (const [name, queue] of SUBSCRIPTIONS) {
      expect(ALL_EVENTS.has(name)).toBe(true);
      expect(QUEUES).toContain(queue);
    }
  });

  it('a change is relayed as the same message however often', () => {
    const paid = change('orders.OrderPaid.v1');
    expect(relayOf(paid)).toEqual(relayOf(paid));
    expect(relayOf(paid)).toMatchObject({
      queue: 'tickets',
      envelope: {
        id: 'order/01ARZ3NDEKTSV4RRFFQ69G5FAV/1',
        name: 'orders.OrderPaid.v1',
        occurredAt: '1970-01-01T00:00:01.000Z',
        correlationId: 'cause',
        version: 1,
      },
    });
  });

  it('a message holds what its event declares and nothing else of the row', () => {
    const envelope = relayOf(
      change('orders.OrderCancelled.v1', { paymentIntentId: 'pi_1', email: 'buyer@example.com' }),
    )?.envelope;
    expect(envelope?.data).toEqual({ orderId: PAYABLE.orderId, customerId: 'c', paymentIntentId: 'pi_1' });
  });

  it.each(['orders.OrderExpired.v1', 'orders.OrderFailed.v1', 'orders.OrderCancelled.v1'])(
    '%s goes to payments only where there is a payment to settle',
    (ev) => {
      expect(relayOf(change(ev))).toBeUndefined();
      expect(relayOf(change(ev, { paymentIntentId: 'pi_1' }))?.queue).toBe('payments');
    },
  );

  it('a hold is kept in its timeline alone', () => {
    expect(relayOf(change('reservations.TicketsHeld.v1'))).toBeUndefined();
  });

  it('an event that nobody declared stops the relay instead of vanishing', () => {
    expect(() => relayOf(change('orders.Nonsense.v1'))).toThrow('No event is declared');
  });

  it('a row that lacks what its event declares stops the relay', () => {
    const { after } = change('orders.OrderPaid.v1');
    const { total: _total, ...broken } = after;
    expect(() => relayOf({ before: undefined, after: marked({ ...broken, ...key }) })).toThrow('total');
  });
});

const attributes = fc.dictionary(
  fc.constantFrom('state', 'lines', 'note', 'run'),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(undefined),
    fc.array(fc.record({ quantity: fc.integer() }), { maxLength: 2 }),
  ),
);

describe('the timeline', () => {
  it('folds to the row, and every hash of the chain can be recomputed from it', () => {
    fc.assert(
      fc.property(attributes, fc.array(attributes, { maxLength: 6 }), (first, changes) => {
        const cause = { event: 'orders.OrderPaid.v1', now: 1, correlationId: 'c', by: 'system' };
        const begun = begin(key, first, cause, otherwise);
        let row: Marked & Item = marked({ ...JSON.parse(JSON.stringify(begun.item)), ...key });
        const entries = [timelineStep({ before: undefined, after: row })];
        for (const next of changes) {
          const moved = advance(row, next, cause, otherwise).row;
          entries.push(timelineStep({ before: row, after: moved }));
          row = moved;
        }
        const kept = entries.map((step) => JSON.parse(JSON.stringify(step)));
        expect(foldTimeline(key, kept)).toEqual(JSON.parse(JSON.stringify(row)));
        let previous = '';
        for (let length = 1; length <= kept.length; length += 1) {
          const folded = foldTimeline(key, kept.slice(0, length));
          expect(folded['ch']).toBe(chainHash(previous, folded));
          previous = String(folded['ch']);
        }
      }),
    );
  });

  it('a changed, a missing or a swapped entry shows', () => {
    const cause = { event: 'orders.OrderPaid.v1', now: 1, correlationId: 'c', by: 'system' };
    const row = marked({ ...begin(key, { state: 'HELD' }, cause, otherwise).item, ...key });
    const paid = advance(row, { state: 'PAID' }, cause, otherwise).row;
    const step = timelineStep({ before: row, after: paid });
    const forged = { ...paid, state: 'HELD' };
    expect(chainHash(row.ch, forged)).not.toBe(paid.ch);
    expect(step).toMatchObject({ ver: 2, set: { state: 'PAID' }, removed: [], ch: paid.ch });
  });
});

describe('steps of an order that come together', () => {
  const cause = { event: 'orders.OrderPaid.v1', now: 1, correlationId: 'c', by: 'system' };
  const keysOf = (changes: readonly Change[]): readonly string[] =>
    timelineEntries(changes).map(({ key: { sk } }) => sk);
  /** So many changes of a row, each after the other. */
  function changesOf(rowKey: Item, count: number): readonly Change[] {
    let row: Marked & Item = marked({ ...begin(rowKey, { state: 'HELD' }, cause, otherwise).item, ...rowKey });
    const changes: Change[] = [{ before: undefined, after: row }];
    while (changes.length < count) {
      const after = advance(row, { note: String(changes.length) }, cause, otherwise).row;
      changes.push({ before: row, after });
      row = after;
    }
    return changes;
  }

  it('are one item for two, also among those of others', () => {
    const own = changesOf(key, 5);
    const others = changesOf({ pk: 'ORDER#2', sk: 'ORDER' }, 1);
    expect(keysOf(own.slice(0, 1))).toEqual(['TL#000001']);
    expect(keysOf([...own.slice(2, 3), ...others, ...own.slice(3, 4)])).toEqual(['TL#000003+', 'TL#000001']);
    expect(keysOf(own)).toEqual(['TL#000001+', 'TL#000003+', 'TL#000005']);
    const [pair] = timelineEntries(own.slice(2, 4));
    expect(pair?.item).toEqual({ steps: own.slice(2, 4).map((each) => timelineStep(each)) });
  });

  it('are two items where they do not follow each other, and where they are not of an order', () => {
    const own = changesOf(key, 4);
    expect(keysOf([...own.slice(0, 1), ...own.slice(2, 3)])).toEqual(['TL#000001', 'TL#000003']);
    expect(keysOf(changesOf({ pk: 'PRICING#1', sk: 'PRICING' }, 2))).toEqual(['TL#000001', 'TL#000002']);
  });
});

describe('the first entry of a ticket', () => {
  const ticketKey = { pk: 'TICKET#1', sk: 'TICKET' };
  const cause = { event: 'delivery.TicketIssued.v1', now: 1, correlationId: 'c', by: 'system' };
  const issued = marked({ ...begin(ticketKey, { status: 'VALID' }, cause, otherwise).item, ...ticketKey });
  const used = advance(issued, { status: 'USED' }, { ...cause, event: 'access.TicketAdmitted.v1' }, otherwise).row;

  it('waits in the row, and is written with the second; then the timeline folds to the row', () => {
    expect(timelineEntries([{ before: undefined, after: issued }])).toEqual([]);
    const entries = timelineEntries([{ before: issued, after: used }]).map(({ item }) =>
      JSON.parse(JSON.stringify(item)),
    );
    expect(entries.map(({ ver }) => ver)).toEqual([1, 2]);
    expect(foldTimeline(ticketKey, entries)).toEqual(used);
    expect(foldTimeline(ticketKey, entries.slice(0, 1))).toEqual(issued);
  });

  it('of anything else is written at once', () => {
    const held = { ...issued, ev: 'reservations.TicketsHeld.v1' };
    expect(timelineEntries([{ before: undefined, after: held }])).toHaveLength(1);
  });
});
