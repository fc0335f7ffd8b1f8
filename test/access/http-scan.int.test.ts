import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { scanView, verdict, type Verdict } from '../../functions/access/contract.ts';
import { eventKey } from '../../functions/catalog/keys.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { signQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import { qrSubjectOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import { ticketTypeKey } from '../../functions/inventory/keys.ts';
import { findTicket, findTicketsOf } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { begin } from '../../functions/shared/table/aggregate.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold, type Attributes } from '../../functions/shared/table/writes.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';

const seed = randomKey();
const seeds: TicketSeeds = [Buffer.from(seed, 'hex')];
const now = Date.now();
const scans = z.object({ items: z.array(scanView), nextCursor: z.nullable(z.string()) });

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let type: TicketTypeCopy;
let otherEvent: TicketTypeCopy;
let foreignType: TicketTypeCopy;
let gate: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ '/session-keys': randomKeyRing(), '/seed': seed, '/cursor': randomKey() });
  useTestEnvironment(db, {
    SESSION_KEYS_PARAMETER: '/session-keys',
    TICKET_SEED_PARAMETER: '/seed',
    CURSOR_KEY_PARAMETER: '/cursor',
  });
  ({ handler } = await import('../../functions/access/handlers/http-scan.ts'));
  type = await putEvent();
  otherEvent = await putEvent(type.organizationId);
  foreignType = await putEvent();
  gate = await staff('gate');
});
afterAll(async () => {
  await parameters.close();
  await db.drop();
});

/** An event of `organizationId` with one ticket type on sale. */
async function putEvent(organizationId = ulid()): Promise<TicketTypeCopy> {
  const copy = await putOnSale(db.table, now, { organizationId });
  const event = {
    eventId: copy.eventId,
    organizationId,
    createdBy: ulid(),
    title: 'Harbour Lights',
    description: '',
    category: 'music',
    startsAt: copy.eventStartsAt,
    timeZone: copy.timeZone,
    ticketTypes: [],
    status: 'PUBLISHED',
    createdAt: now,
    requestHash: 'test',
  };
  const cause = { event: 'catalog.EventPublished.v1', now, correlationId: 'test', by: 'system' };
  await commit(db.table, [begin(eventKey(copy.eventId), event, cause, mustHold('fixture'))]);
  return copy;
}

function staff(post: 'gate' | 'organizer' | 'box-office', organizationId = type.organizationId): Promise<TestPerson> {
  return signIn(db.table, '/session-keys', {
    roles: post === 'organizer' ? ['customer', 'organizer'] : ['customer', 'staff'],
    memberships: [{ organizationId, post }],
  });
}

/** A fresh ticket of `of`: its id and the text of its code. */
async function ticket(of: TicketTypeCopy = type): Promise<{ readonly id: string; readonly qr: string }> {
  const order = await placePaidOrder(db.table, now, { lines: [{ type: of, quantity: 1 }] });
  await issueTickets(db.table, order.orderId, { now, correlationId: 'test', by: 'system' });
  const [issued] = await findTicketsOf(db.table, [order], 'strong');
  if (issued === undefined) throw new Error('No ticket was issued');
  return { id: issued.ticketId, qr: signQr(seeds, qrSubjectOf(issued, issued)) };
}

const post = (as: TestPerson, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  call(handler, { route: 'POST /api/tickets/validate', token: as.accessToken, body, headers });
async function scan(body: unknown, as = gate, headers: Record<string, string> = {}): Promise<Verdict> {
  const answer = await post(as, body, headers);
  expect(answer.status).toBe(200);
  return z.parse(verdict, answer.json);
}
async function log(eventId = type.eventId, as = gate): Promise<z.infer<typeof scans>['items']> {
  const answer = await call(handler, {
    route: 'GET /api/events/{eventId}/scans',
    token: as.accessToken,
    params: { eventId },
    query: { limit: '100' },
  });
  return z.parse(scans, answer.json).items;
}
async function set(id: string, changes: Attributes): Promise<void> {
  await commit(db.table, [{ kind: 'update', key: ticketKey(id), set: changes, otherwise: mustHold('fixture') }]);
}

describe('scanning at the gate', () => {
  it('admits a ticket once; the second scan is told when and where the first was (I15)', async () => {
    const { id, qr } = await ticket();
    const first = await scan({ qr, gate: 'North', deviceId: 'scanner-1' });
    expect(first).toMatchObject({ result: 'ADMIT', ticket: { id, status: 'USED', ticketTypeName: 'Standing' } });
    const second = await scan({ qr, gate: 'South' });
    expect(second).toMatchObject({
      result: 'REFUSE',
      reason: 'ALREADY_USED',
      ticket: { id },
      firstUse: { at: first.scannedAt, gate: 'North' },
    });
    expect(await findTicket(db.table, id, 'strong')).toMatchObject({
      status: 'USED',
      ver: 2,
      usedGate: 'North',
      ev: 'access.TicketAdmitted.v1',
    });
    const rows = (await log()).filter(({ ticketId }) => ticketId === id);
    expect(rows).toEqual([
      expect.objectContaining({
        result: 'REFUSE',
        reason: 'ALREADY_USED',
        gate: 'South',
        deviceId: null,
        staffId: gate.userId,
      }),
      expect.objectContaining({
        result: 'ADMIT',
        reason: null,
        gate: 'North',
        deviceId: 'scanner-1',
        at: first.scannedAt,
      }),
    ]);
  });

  it('admits once when twenty scanners see the ticket at the same moment, and logs all twenty', async () => {
    const { id, qr } = await ticket();
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) => scan({ qr, gate: `G${index}`, scanId: `race-${index}` })),
    );
    const admitted = verdicts.filter(({ result }) => result === 'ADMIT');
    expect(admitted).toHaveLength(1);
    const refused = verdicts.filter(({ result }) => result === 'REFUSE');
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['ALREADY_USED']));
    const usedGate = (await findTicket(db.table, id, 'strong'))?.usedGate;
    expect(new Set(refused.map(({ firstUse }) => firstUse?.gate))).toEqual(new Set([usedGate]));
    const rows = (await log()).filter(({ ticketId }) => ticketId === id);
    expect(rows).toHaveLength(20);
    expect(rows.filter(({ result }) => result === 'ADMIT')).toHaveLength(1);
  });

  it('goes by the times that the event has now, also for tickets that were issued before it was moved (failure 41)', async () => {
    const moved = await putEvent(type.organizationId);
    const [{ id, qr }, other] = [await ticket(moved), await ticket(moved)];
    const set = (changes: Attributes): Promise<unknown> =>
      commit(db.table, [
        { kind: 'update', key: ticketTypeKey(moved.ticketTypeId), set: changes, otherwise: mustHold('fixture') },
      ]);
    // Long over by what the ticket was issued with, and moved to now.
    await commit(db.table, [
      {
        kind: 'update',
        key: ticketKey(id),
        set: { validUntil: now - 1, admitFrom: 0 },
        otherwise: mustHold('fixture'),
      },
    ]);
    await set({ eventStartsAt: now + HOUR, admissionOpensAt: now - HOUR });
    expect(await scan({ qr })).toMatchObject({ result: 'ADMIT' });
    // Moved on again, to a day that its tickets knew nothing of.
    await set({ eventStartsAt: now + 100 * HOUR, admissionOpensAt: now + 99 * HOUR });
    expect(await scan({ qr: other.qr })).toMatchObject({ result: 'REFUSE', reason: 'NOT_YET_OPEN' });
    await set({ eventStartsAt: now - 100 * HOUR, admissionOpensAt: now - 101 * HOUR });
    expect(await scan({ qr: other.qr })).toMatchObject({ result: 'REFUSE', reason: 'EVENT_OVER' });
  });

  it('answers a retry of the admitting scan with the same admission, and logs it once', async () => {
    const { id, qr } = await ticket();
    const [first, retry, byHeader] = [
      await scan({ qr, scanId: 'scan-1' }),
      await scan({ qr, scanId: 'scan-1' }),
      await scan({ qr }, gate, { 'idempotency-key': 'scan-1' }),
    ];
    expect(retry).toEqual(first);
    expect(byHeader).toEqual(first);
    expect((await log()).filter(({ ticketId }) => ticketId === id)).toHaveLength(1);
    // The name is the scanner's own: somebody else who uses it is a second scanner.
    expect(await scan({ qr, scanId: 'scan-1' }, await staff('gate'))).toMatchObject({ reason: 'ALREADY_USED' });
  });

  it('answers twenty retries at once as one admission', async () => {
    const { id, qr } = await ticket();
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => scan({ qr, scanId: 'same' })));
    expect(new Set(verdicts.map(({ result }) => result))).toEqual(new Set(['ADMIT']));
    expect((await log()).filter(({ ticketId }) => ticketId === id)).toHaveLength(1);
  });

  it('does not admit a second ticket under the name of the first scan', async () => {
    const [one, two] = [await ticket(), await ticket()];
    await scan({ qr: one.qr, scanId: 'reused' });
    await scan({ qr: two.qr, scanId: 'reused' });
    expect(await scan({ qr: two.qr, scanId: 'later' })).toMatchObject({ reason: 'ALREADY_USED' });
  });

  it('refuses a forged code and logs it where the scan was made (failure 53)', async () => {
    const { id, qr } = await ticket();
    for (const forged of [`tc_${id}`, `${qr.slice(0, -1)}${qr.endsWith('0') ? '1' : '0'}`, 'anything', ' ']) {
      expect(await scan({ qr: forged, eventId: type.eventId })).toEqual({
        result: 'REFUSE',
        reason: 'FORGED',
        scanId: expect.any(String),
        scannedAt: expect.any(String),
      });
    }
    expect((await log()).filter(({ reason }) => reason === 'FORGED')).toHaveLength(4);
    expect(await findTicket(db.table, id, 'strong')).toMatchObject({ status: 'VALID' });
  });

  it('keeps a forged code that names no event, or a stranger’s, in the organisation’s own log', async () => {
    await scan({ qr: 'nothing', gate: 'West' });
    await scan({ qr: 'nothing', gate: 'West', eventId: foreignType.eventId });
    const rows = (await db.items()).filter(({ gate: at }) => at === 'West');
    expect(rows.map(({ pk }) => pk)).toEqual([`SCANS#ORG#${type.organizationId}`, `SCANS#ORG#${type.organizationId}`]);
  });

  it('refuses a ticket of another event of the house, and logs it at the event that was being admitted (failure 51)', async () => {
    const { id, qr } = await ticket(otherEvent);
    expect(await scan({ qr, eventId: type.eventId })).toMatchObject({
      result: 'REFUSE',
      reason: 'WRONG_EVENT',
      ticket: { eventId: otherEvent.eventId },
    });
    expect((await log()).filter(({ ticketId }) => ticketId === id)).toMatchObject([
      { reason: 'WRONG_EVENT', eventId: type.eventId },
    ]);
    expect(await scan({ qr, eventId: otherEvent.eventId })).toMatchObject({ result: 'ADMIT' });
  });

  it('refuses another organisation’s ticket without a word about it, and leaves it alone (I18)', async () => {
    const { id, qr } = await ticket(foreignType);
    const refused = await scan({ qr });
    expect(refused).toEqual({
      result: 'REFUSE',
      reason: 'WRONG_EVENT',
      scanId: refused.scanId,
      scannedAt: refused.scannedAt,
    });
    expect(await findTicket(db.table, id, 'strong')).toMatchObject({ status: 'VALID', ver: 1 });
    expect(
      (await log(foreignType.eventId, await staff('gate', foreignType.organizationId))).filter(
        ({ ticketId }) => ticketId === id,
      ),
    ).toEqual([]);
  });

  it.each([
    ['a refunded ticket', { status: 'ARCHIVED' }, 'CANCELLED'],
    ['a passed-on ticket', { status: 'TRANSFERRED' }, 'SUPERSEDED'],
    ['a superseded code (I16)', { ticketVersion: 2 }, 'SUPERSEDED'],
  ])('refuses %s', async (_what, changes, reason) => {
    const { id, qr } = await ticket();
    await set(id, changes);
    expect(await scan({ qr })).toMatchObject({ result: 'REFUSE', reason });
    expect((await log()).find(({ ticketId }) => ticketId === id)).toMatchObject({ reason });
  });

  it.each([
    ['before the gates open', { admissionOpensAt: now + HOUR }, 'NOT_YET_OPEN'],
    ['after the event', { eventStartsAt: now - 100 * HOUR, eventEndsAt: now - 50 * HOUR }, 'EVENT_OVER'],
  ])('refuses a ticket %s', async (_when, as, reason) => {
    const at = await putEvent(type.organizationId);
    const { id, qr } = await ticket(at);
    const key = ticketTypeKey(at.ticketTypeId);
    await commit(db.table, [{ kind: 'update', key, set: as, otherwise: mustHold('fixture') }]);
    expect(await scan({ qr })).toMatchObject({ result: 'REFUSE', reason });
    expect((await log(at.eventId)).find(({ ticketId }) => ticketId === id)).toMatchObject({ reason });
  });

  it('lets only gate staff scan', async () => {
    const { qr } = await ticket();
    for (const as of [await staff('box-office'), await staff('organizer'), await signIn(db.table, '/session-keys')]) {
      expect((await post(as, { qr })).json).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
    }
    expect((await call(handler, { route: 'POST /api/tickets/validate', body: { qr } })).status).toBe(401);
    expect(await scan({ qr })).toMatchObject({ result: 'ADMIT' });
  });

  it.each([
    ['no code', {}],
    ['an empty code', { qr: '' }],
    ['a code that is no text', { qr: 7 }],
    ['an endless code', { qr: 'x'.repeat(2_001) }],
    ['a line break in the gate', { qr: 'x', gate: 'a\nb' }],
    ['half a surrogate pair in the gate', { qr: 'x', gate: 'A\uD800' }],
    ['a way out', { qr: 'x', direction: 'OUT' }],
    ['an unknown field', { qr: 'x', admit: true }],
  ])('answers 400 to %s', async (_what, body) => {
    expect((await post(gate, body)).json).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
  });
});

describe('the validation log', () => {
  it('is paged newest first, for gate staff and organizers of the event', async () => {
    const event = await putEvent(type.organizationId);
    for (let index = 0; index < 5; index += 1) await scan({ qr: 'forged', eventId: event.eventId, gate: `G${index}` });
    const organizer = await staff('organizer');
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const answer = await call(handler, {
        route: 'GET /api/events/{eventId}/scans',
        token: organizer.accessToken,
        params: { eventId: event.eventId },
        query: { limit: '2', ...(cursor === null ? {} : { cursor }) },
      });
      const page: z.infer<typeof scans> = z.parse(scans, answer.json);
      seen.push(...page.items.map((row) => row.gate));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['G4', 'G3', 'G2', 'G1', 'G0']);
  });

  it('does not exist for anybody else', async () => {
    const ask = (as: TestPerson, eventId: string): Promise<TestAnswer> =>
      call(handler, { route: 'GET /api/events/{eventId}/scans', token: as.accessToken, params: { eventId } });
    expect((await ask(gate, foreignType.eventId)).json).toMatchObject({ status: 404, code: 'EVENT_NOT_FOUND' });
    expect((await ask(await staff('box-office'), type.eventId)).status).toBe(404);
    expect((await ask(gate, ulid())).status).toBe(404);
    expect((await ask(await signIn(db.table, '/session-keys'), type.eventId)).status).toBe(403);
  });
});
