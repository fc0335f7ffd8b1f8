import { expect, it } from 'vitest';

import { sheetsOf } from '../../functions/delivery/documents.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import type { Ticket } from '../../functions/delivery/contract.ts';
import { randomKey } from '../support/parameters.ts';
import { ticketType } from '../inventory/on-sale.ts';

const NOW = Date.parse('2027-03-01T12:00:00Z');
const type = ticketType(NOW);
const { eventId, ticketTypeId, poolId, organizationId } = type;

/** The hours that a printed ticket names until which it may be given back. */
function printed(promised: number | undefined, now: number | undefined): number | undefined {
  const base = {
    id: '1',
    eventId,
    ticketTypeId,
    poolId,
    quantity: 1,
    unitPrice: 1,
    takes: [{ block: 0, quantity: 1 }],
  };
  const line = promised === undefined ? base : { ...base, policy: { windowHours: promised } };
  const order = { orderId: 'O', customerId: 'C', number: 'ON-1', lines: [line] };
  const marks = { ver: 1, ev: 'e', at: NOW, cid: 'c', by: 'b', ch: 'h' };
  const ticket: Ticket = {
    ...marks,
    pk: 'TICKET#T',
    sk: 'TICKET',
    ticketId: ticketIdOf('O', '1', 0),
    orderId: 'O',
    lineId: '1',
    customerId: 'C',
    eventId,
    organizationId,
    ticketTypeId,
    number: 'ON-1-1',
    status: 'VALID',
    ticketVersion: 1,
    validUntil: NOW,
    issuedAt: NOW,
  };
  const event = now === undefined ? {} : { cancellationPolicy: { windowHours: now } };
  const types = new Map([[ticketTypeId, type]]);
  const seeds = [Buffer.from(randomKey(), 'hex')] as const;
  const [sheet] = sheetsOf(order, [ticket], types, seeds, new Map([[eventId, event]]));
  return sheet?.event.terms?.cancelHours;
}

it('a ticket names the hours that it was held on, or those of now where they leave more time', () => {
  expect(printed(24, undefined)).toBe(24);
  expect(printed(24, 400)).toBe(24);
  expect(printed(400, 24)).toBe(24);
  expect(printed(undefined, 24)).toBe(24);
  expect(printed(undefined, undefined)).toBeUndefined();
});
