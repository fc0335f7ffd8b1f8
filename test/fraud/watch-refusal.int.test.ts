import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { watchRefusal } from '../../functions/access/app/watch-refusal.ts';
import type { Admission } from '../../functions/access/domain/admission.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import type { Ticket } from '../../functions/delivery/contract.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import { findFacts, findStanding } from '../../functions/fraud/reads.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, type TestTable } from '../support/dynamodb.ts';

const now = Date.now();
let db: TestTable;
let table: Table;

beforeAll(async () => {
  db = await startTestTable();
  table = db.table;
});
afterAll(() => db.drop());

async function bought(): Promise<Ticket> {
  const type = await putOnSale(table, now);
  const order = await placePaidOrder(table, now, { lines: [{ type, quantity: 1 }] });
  await issueTickets(table, order.orderId, { now, correlationId: 'test', by: 'system' });
  const [ticket] = await findTicketsOf(table, [order], 'strong');
  if (ticket === undefined) throw new Error('No ticket was issued');
  return ticket;
}

function usedBefore(ticket: Ticket, ago: number): Admission {
  return { kind: 'REFUSE', reason: 'ALREADY_USED', ticket, firstUse: { at: now - ago, gate: 'A' } };
}

async function known(subject: string): Promise<number> {
  return (await findFacts(table, subject, 'strong'))?.facts.length ?? 0;
}

describe('a code that a gate turns away', () => {
  it('speaks against the buyer when somebody else has shown it before, once for each scan', async () => {
    const ticket = await bought();
    const scanId = ulid();
    await Promise.all([0, 1].map(() => watchRefusal(table, usedBefore(ticket, 2 * MINUTE), scanId, now)));
    await watchRefusal(table, usedBefore(ticket, 2 * MINUTE), scanId, now);
    expect(await known(ticket.customerId)).toBe(1);

    for (let scans = 1; scans < 4; scans += 1)
      await watchRefusal(table, { kind: 'REFUSE', reason: 'SUPERSEDED', ticket }, ulid(), now);
    expect(await findStanding(table, ticket.customerId, now + 1)).toEqual({
      scrutiny: 'CHALLENGE',
      reasons: ['SHARED_CODES'],
    });
  });

  it('speaks against nobody when it is scanned twice at once, is forged, or is refused for the event’s sake', async () => {
    const ticket = await bought();
    await watchRefusal(table, usedBefore(ticket, 2 * MINUTE - 1), ulid(), now);
    await watchRefusal(table, { kind: 'REFUSE', reason: 'FORGED' }, ulid(), now);
    await watchRefusal(table, { kind: 'REFUSE', reason: 'WRONG_ZONE', ticket }, ulid(), now);
    await watchRefusal(table, { kind: 'ADMIT', ticket }, ulid(), now);
    expect(await known(ticket.customerId)).toBe(0);
  });

  it('of a ticket that was passed on speaks against who has it, and not against who bought it', async () => {
    const ticket = await bought();
    const holder = ulid();
    await watchRefusal(table, usedBefore({ ...ticket, customerId: holder }, 5 * MINUTE), ulid(), now);
    expect([await known(ticket.customerId), await known(holder)]).toEqual([0, 1]);
  });

  it('keeps no gate waiting for a fault of the check', async () => {
    const ticket = await bought();
    const client = { send: () => Promise.reject(new Error('the store is away')) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a client that only ever fails
    const away = { name: 'away', client } as unknown as Table;
    await expect(watchRefusal(away, usedBefore(ticket, 5 * MINUTE), ulid(), now)).resolves.toBeUndefined();
  });
});
