import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideAdmission, type ScanAttempt } from '../../functions/access/domain/admission.ts';
import type { QrPayload, Ticket } from '../../functions/delivery/contract.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';

const now = Date.parse('2026-12-05T19:00:00Z');
const qr: QrPayload = {
  keyId: 1,
  eventId: 'E1',
  ticketId: 'T1',
  ticketVersion: 1,
  validUntil: now + HOUR,
  accessLevel: '',
};
const attempt: ScanAttempt = { scanId: 'S1', gates: [{ organizationId: 'O1' }] };
const valid: Ticket = {
  pk: 'TICKET#T1',
  sk: 'TICKET',
  ver: 1,
  ev: 'delivery.TicketIssued.v1',
  at: now - HOUR,
  cid: 'test',
  by: 'system',
  ch: 'test',
  ticketId: 'T1',
  orderId: 'R1',
  lineId: '1',
  customerId: 'C1',
  eventId: 'E1',
  organizationId: 'O1',
  ticketTypeId: 'Y1',
  number: 'ON-1',
  status: 'VALID',
  ticketVersion: 1,
  validUntil: now + HOUR,
  issuedAt: now - HOUR,
};

describe('admission', () => {
  it('lets a valid ticket in', () => {
    expect(decideAdmission(qr, valid, attempt, now)).toEqual({ kind: 'ADMIT', ticket: valid });
  });

  it.each([
    ['is of another event than the scanner admits', valid, { ...attempt, eventId: 'E2' }, qr, 'WRONG_EVENT'],
    ['was reissued since', { ...valid, ticketVersion: 2 }, attempt, qr, 'SUPERSEDED'],
    ['was passed on', { ...valid, status: 'TRANSFERRED' as const }, attempt, qr, 'SUPERSEDED'],
    ['was refunded', { ...valid, status: 'ARCHIVED' as const }, attempt, qr, 'CANCELLED'],
    ['comes before the gates open', { ...valid, admitFrom: now + 1 }, attempt, qr, 'NOT_YET_OPEN'],
    ['comes after the event', { ...valid, validUntil: now - 1 }, attempt, qr, 'EVENT_OVER'],
    ['names a version that never was', valid, attempt, { ...qr, ticketVersion: 2 }, 'FORGED'],
    ['names another event than its row', { ...valid, eventId: 'E2' }, attempt, qr, 'FORGED'],
    ['has no row', undefined, attempt, qr, 'FORGED'],
  ])('refuses a ticket that %s', (_what, ticket, asked, code, reason) => {
    expect(decideAdmission(code, ticket, asked, now)).toMatchObject({ kind: 'REFUSE', reason });
  });

  const closed = { validUntil: now + HOUR, closedGates: ['north'] };

  it('refuses at a gate that leads to other zones, by whatever spelling, and nowhere else', () => {
    for (const gate of ['north', ' North', 'ｎＯＲＴＨ'])
      expect(decideAdmission(qr, valid, { ...attempt, gate }, now, closed)).toEqual({
        kind: 'REFUSE',
        reason: 'WRONG_ZONE',
        ticket: valid,
      });
    for (const gate of ['South', 'North 2', undefined])
      expect(decideAdmission(qr, valid, { ...attempt, gate }, now, closed).kind).toBe('ADMIT');
  });

  it('says what no other gate would mend before it says that the gate is the wrong one', () => {
    const at = { ...attempt, gate: 'North' };
    const reasonOf = (ticket: Ticket, terms = closed) => decideAdmission(qr, ticket, at, now, terms);
    expect(reasonOf({ ...valid, status: 'ARCHIVED' })).toMatchObject({ reason: 'CANCELLED' });
    expect(reasonOf({ ...valid, frozen: true })).toMatchObject({ reason: 'FROZEN' });
    expect(reasonOf(valid, { ...closed, validUntil: now - 1 })).toMatchObject({ reason: 'EVENT_OVER' });
    const admitted = { ...valid, status: 'USED' as const, usedAt: now, usedScan: attempt.scanId };
    expect(reasonOf(admitted).kind, 'the retry of an admission, though its gate has closed since').toBe('ADMITTED');
  });

  it('opens the gates at the very moment, and closes them after it', () => {
    expect(decideAdmission(qr, { ...valid, admitFrom: now }, attempt, now).kind).toBe('ADMIT');
    expect(decideAdmission(qr, { ...valid, validUntil: now }, attempt, now).kind).toBe('ADMIT');
  });

  it('tells nothing of another organisation’s ticket, in whatever state it is', () => {
    for (const status of ['VALID', 'USED', 'ARCHIVED', 'TRANSFERRED'] as const) {
      const foreign = { ...valid, status, organizationId: 'O2', usedAt: now, usedGate: 'North' };
      expect(decideAdmission(qr, foreign, attempt, now)).toEqual({ kind: 'REFUSE', reason: 'WRONG_EVENT' });
    }
  });

  const used: Ticket = { ...valid, status: 'USED', usedAt: now - 60_000, usedGate: 'North', usedScan: 'S1' };

  it('tells the second when and where the first went in (failure 49)', () => {
    expect(decideAdmission(qr, used, { ...attempt, scanId: 'S2' }, now)).toEqual({
      kind: 'REFUSE',
      reason: 'ALREADY_USED',
      ticket: used,
      firstUse: { at: now - 60_000, gate: 'North' },
    });
  });

  it('answers the retry of the scan that admitted as it did', () => {
    expect(decideAdmission(qr, used, attempt, now)).toEqual({ kind: 'ADMITTED', ticket: used, at: now - 60_000 });
  });

  it('admits nothing but a valid ticket of the current version, of ours, in its time', () => {
    const tickets = fc.record({
      status: fc.constantFrom('VALID', 'USED', 'ARCHIVED', 'TRANSFERRED'),
      ticketVersion: fc.integer({ min: 1, max: 3 }),
      organizationId: fc.constantFrom('O1', 'O2'),
      eventId: fc.constantFrom('E1', 'E2'),
      admitFrom: fc.option(fc.integer({ min: now - HOUR, max: now + HOUR }), { nil: undefined }),
      validUntil: fc.integer({ min: now - HOUR, max: now + HOUR }),
    });
    fc.assert(
      fc.property(tickets, fc.integer({ min: 1, max: 3 }), (changes, ticketVersion) => {
        const ticket: Ticket = { ...valid, ...changes, admitFrom: changes.admitFrom ?? now - HOUR };
        const good =
          ticket.status === 'VALID' &&
          ticket.ticketVersion === ticketVersion &&
          ticket.organizationId === 'O1' &&
          ticket.eventId === 'E1' &&
          (ticket.admitFrom ?? 0) <= now &&
          ticket.validUntil >= now;
        expect(decideAdmission({ ...qr, ticketVersion }, ticket, attempt, now).kind === 'ADMIT').toBe(good);
      }),
    );
  });
});
