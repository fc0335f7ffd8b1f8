import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { ticketIssued } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { delivered, orderPaid } from '../../functions/orders/contract.ts';
import { findOrder } from '../../functions/orders/reads.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { envelopeOf } from '../../functions/shared/runtime/events.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { startTestTable, testClient, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { TEST_CONTEXT } from '../support/http.ts';
import { meterWrites } from '../support/write-units.ts';
import { injectFaults } from '../shared/faults.ts';
import { placePaidOrder, placePendingOrder } from './paid-order.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const occasion = { now, correlationId: 'test', by: 'system' };

let db: TestTable;
let standing: TicketTypeCopy;
let seated: TicketTypeCopy;

beforeAll(async () => {
  db = await startTestTable();
  standing = await putOnSale(db.table, now, { accessLevel: 'Main floor' });
  seated = await putOnSale(db.table, now, {
    organizationId: standing.organizationId,
    eventId: standing.eventId,
    name: 'Seated',
    admissionOpensAt: now + 20 * HOUR,
  });
});
afterAll(() => db.drop());

describe('issuing tickets', () => {
  it('makes one ticket for each place, marks the order, and raises one event that tells when it was paid', async () => {
    const order = await placePaidOrder(db.table, now, {
      lines: [
        { type: standing, quantity: 2 },
        { type: seated, quantity: 1 },
      ],
    });
    await issueTickets(db.table, order.orderId, occasion);

    const after = await findOrder(db.table, order.orderId);
    expect(after).toMatchObject({ ticketsIssued: true, state: 'PAID', ver: order.ver + 1, ev: delivered.name });
    if (after === undefined) throw new Error('No order');
    const tickets = await findTicketsOf(db.table, [after], 'strong');
    expect(tickets.map(({ number }) => number)).toEqual([1, 2, 3].map((place) => `${order.number}-${place}`));
    expect(tickets.map(({ ticketId }) => ticketId)).toEqual([
      ticketIdOf(order.orderId, '1', 0),
      ticketIdOf(order.orderId, '1', 1),
      ticketIdOf(order.orderId, '2', 0),
    ]);
    expect(tickets[0]).toMatchObject({
      status: 'VALID',
      ver: 1,
      ev: ticketIssued.name,
      accessLevel: 'Main floor',
      ticketVersion: 1,
    });
    expect(tickets[2]).toMatchObject({ ticketTypeId: seated.ticketTypeId, admitFrom: now + 20 * HOUR });
    // The relay makes the mail's message from the row: it must hold all that the event declares.
    expect(envelopeOf(delivered, { type: 'order', id: order.orderId }, after).data).toMatchObject({
      paidAt: now,
      total: 13_500,
    });
  });

  it('changes nothing when the message is delivered again', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 2 }] });
    await issueTickets(db.table, order.orderId, occasion);
    const before = await rowsOf(order.orderId);
    await issueTickets(db.table, order.orderId, { now: now + HOUR, correlationId: 'again', by: 'system' });
    expect(await rowsOf(order.orderId)).toEqual(before);
    expect(before).toHaveLength(3);
  });

  it('issues and marks once when two workers have the message at once', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 5 }] });
    await Promise.all(
      [1, 2, 3].map((worker) =>
        issueTickets(db.table, order.orderId, { now: now + worker, correlationId: `w${worker}`, by: 'system' }),
      ),
    );
    const rows = await rowsOf(order.orderId);
    expect(rows.filter(({ sk }) => sk === 'TICKET')).toHaveLength(5);
    expect((await findOrder(db.table, order.orderId))?.ver).toBe(order.ver + 1);
  });

  it('finishes what a crashed worker began, without touching the tickets that are there', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 3 }] });
    const broken = testClient({ maxAttempts: 1 });
    let puts = 0;
    broken.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'PutItemCommand' && (puts += 1) > 1) throw new Error('killed');
        return next(args);
      },
      { step: 'initialize', name: 'kill' },
    );
    await expect(issueTickets(tableOn(broken, db.table.name), order.orderId, occasion)).rejects.toThrow('killed');
    const first = (await rowsOf(order.orderId)).filter(({ sk }) => sk === 'TICKET');
    expect(first).toHaveLength(1);
    await issueTickets(db.table, order.orderId, { now: now + HOUR, correlationId: 'again', by: 'system' });
    const all = (await rowsOf(order.orderId)).filter(({ sk }) => sk === 'TICKET');
    expect(all).toHaveLength(3);
    expect(all).toContainEqual(first[0]);
  });

  it('issues an order of 60', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 60 }] });
    await issueTickets(db.table, order.orderId, occasion);
    expect(await findTicketsOf(db.table, [order], 'strong')).toHaveLength(60);
  });

  it('issues each ticket once through throttles and answers that are lost', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 20 }] });
    const client = testClient();
    const struck = injectFaults(client, { throttles: 0.1, lostAnswers: 0.2, seed: 7 });
    await issueTickets(tableOn(client, db.table.name), order.orderId, occasion);
    expect(struck.lostAnswers).toBeGreaterThan(0);
    expect((await rowsOf(order.orderId)).filter(({ sk }) => sk === 'TICKET')).toHaveLength(20);
    expect((await findOrder(db.table, order.orderId))?.ver).toBe(order.ver + 1);
  });

  it('issues nothing for an order that is not paid', async () => {
    const order = await placePendingOrder(db.table, now, { lines: [{ type: standing, quantity: 2 }] });
    await issueTickets(db.table, order.orderId, occasion);
    expect(await findTicketsOf(db.table, [order], 'strong')).toEqual([]);
  });

  it('costs a write unit for each ticket and one for the mark', async () => {
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 2 }] });
    const client = testClient();
    const meter = meterWrites(client);
    await issueTickets(tableOn(client, db.table.name), order.orderId, occasion);
    expect(meter.units).toBe(3);
  });
});

describe('the handler of the queue', () => {
  it('issues what it can and gives a poison message back alone', async () => {
    useTestEnvironment(db);
    const { handler } = await import('../../functions/delivery/handlers/queue-issue-tickets.ts');
    const order = await placePaidOrder(db.table, now, { lines: [{ type: standing, quantity: 1 }] });
    const body = JSON.stringify(envelopeOf(orderPaid, { type: 'order', id: order.orderId }, order));
    const record = (messageId: string, text: string) => ({
      messageId,
      body: text,
      attributes: { ApproximateReceiveCount: '1' },
    });
    const event = { Records: [record('good', body), record('poison', '{"name":'), record('again', body)] };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rest of a record is never looked at
    const answer = await handler(event as unknown as Parameters<typeof handler>[0], TEST_CONTEXT);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] });
    expect(await findTicketsOf(db.table, [order], 'strong')).toHaveLength(1);
  });
});

/** The rows of an order and its tickets. */
async function rowsOf(orderId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items = await db.items();
  return items
    .filter((item) => item['orderId'] === orderId && (item['sk'] === 'TICKET' || item['sk'] === 'ORDER'))
    .toSorted((left, right) => (String(left['pk']) < String(right['pk']) ? -1 : 1));
}
