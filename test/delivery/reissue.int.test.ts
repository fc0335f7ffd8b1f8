import jsqr from 'jsqr';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { verdict } from '../../functions/access/contract.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { ticketView, type TicketView } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { findTicket } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { placePaidOrder } from './paid-order.ts';
import { renderPdf } from './pixels.ts';

const now = Date.now();
let db: TestTable;
let parameters: TestParameters;
let tickets: HttpHandler;
let gates: HttpHandler;
let type: TicketTypeCopy;
let buyer: TestPerson;
let stranger: TestPerson;
let support: TestPerson;
let gate: TestPerson;

const parameterSeed = { value: randomKey() };

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({
    '/session-keys': randomKeyRing(),
    '/seed': parameterSeed.value,
    '/cursor': randomKey(),
    '/rotated': `${randomKey()},${parameterSeed.value}`,
  });
  useTestEnvironment(db, {
    SESSION_KEYS_PARAMETER: '/session-keys',
    TICKET_SEED_PARAMETER: '/seed',
    CURSOR_KEY_PARAMETER: '/cursor',
  });
  ({ handler: tickets } = await import('../../functions/delivery/handlers/http-tickets.ts'));
  // The gate has read the parameter after a rotation; whoever shows tickets still has the seed from before it.
  process.env['TICKET_SEED_PARAMETER'] = '/rotated';
  ({ handler: gates } = await import('../../functions/access/handlers/http-scan.ts'));
  type = await putOnSale(db.table, now, { capacity: 100 });
  const { organizationId } = type;
  [buyer, stranger, support, gate] = await Promise.all([
    signIn(db.table, '/session-keys', { roles: ['customer'] }),
    signIn(db.table, '/session-keys', { roles: ['customer'] }),
    signIn(db.table, '/session-keys', { roles: ['support'] }),
    signIn(db.table, '/session-keys', {
      roles: ['customer', 'staff'],
      memberships: [{ organizationId, post: 'gate' }],
    }),
  ]);
});
afterAll(async () => {
  await parameters.close();
  await db.drop();
});

async function newTicket(): Promise<string> {
  const order = await placePaidOrder(db.table, now, { lines: [{ type, quantity: 1 }], customerId: buyer.userId });
  await issueTickets(db.table, order.orderId, { now, correlationId: 'test', by: 'system' });
  return ticketIdOf(order.orderId, '1', 0);
}
async function show(ticketId: string): Promise<TicketView> {
  const answer = await call(tickets, {
    route: 'GET /api/tickets/{ticketId}',
    token: buyer.accessToken,
    params: { ticketId },
  });
  return z.parse(ticketView, answer.json);
}
const reissue = (ticketId: string, as = buyer, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  call(tickets, {
    route: 'POST /api/tickets/{ticketId}/reissue',
    token: as.accessToken,
    params: { ticketId },
    body: {},
    headers,
  });
async function scan(qr: string | null): Promise<z.infer<typeof verdict>> {
  const answer = await call(gates, { route: 'POST /api/tickets/validate', token: gate.accessToken, body: { qr } });
  return z.parse(verdict, answer.json);
}

it('supersedes the code that was out, at once, and the new one admits (I16, failure 48)', async () => {
  const id = await newTicket();
  const before = await show(id);
  const answer = await reissue(id);
  expect(answer.status, answer.text).toBe(200);
  const after = z.parse(ticketView, answer.json);
  expect(after.id).toBe(id);
  expect(after.qr).not.toBe(before.qr);
  expect(await scan(before.qr)).toMatchObject({ result: 'REFUSE', reason: 'SUPERSEDED' });
  expect(await scan(after.qr)).toMatchObject({ result: 'ADMIT' });
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(2);
});

it('puts the new code into the PDF', async () => {
  const id = await newTicket();
  const { qr } = z.parse(ticketView, (await reissue(id)).json);
  const event = { route: 'GET /api/tickets/{ticketId}/pdf', token: buyer.accessToken, params: { ticketId: id } };
  const file = await tickets(apiEvent(event), TEST_CONTEXT);
  const [page] = await renderPdf(Buffer.from(file.body ?? '', 'base64'));
  expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(qr);
});

it('is done once for one idempotency key, however often it is asked for', async () => {
  const id = await newTicket();
  const key = { 'idempotency-key': 'lost-phone' };
  const answers = await Promise.all(Array.from({ length: 6 }, () => reissue(id, buyer, key)));
  expect(new Set(answers.map(({ json }) => json['qr'])).size).toBe(1);
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(2);
  await reissue(id);
  await reissue(id, buyer, { 'idempotency-key': 'another' });
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(4);
});

it('leaves one code that admits when many ask at once', async () => {
  const id = await newTicket();
  const answers = await Promise.all(Array.from({ length: 5 }, () => reissue(id)));
  const issued = answers.flatMap(({ status, json }) => (status === 200 ? [String(json['qr'])] : []));
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const verdicts = [];
  for (const qr of new Set(issued)) verdicts.push((await scan(qr)).result);
  expect(verdicts.filter((result) => result === 'ADMIT')).toHaveLength(1);
});

it('either admits by the old code or gives a new one, never both, when the gate and the holder meet', async () => {
  for (let round = 0; round < 8; round += 1) {
    const id = await newTicket();
    const { qr } = await show(id);
    const [seen, answer] = await Promise.all([scan(qr), reissue(id)]);
    const anew = answer.status === 200 ? (await scan(String(answer.json['qr']))).result : 'REFUSE';
    expect([seen.result, anew].filter((result) => result === 'ADMIT')).toHaveLength(1);
  }
});

it('is refused for a ticket that has been used, and does not exist for a stranger (failure 59)', async () => {
  const id = await newTicket();
  expect(await reissue(id, stranger)).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
  expect((await reissue(id, gate)).status).toBe(404);
  expect((await reissue(id, support)).status).toBe(200);
  expect((await reissue(ulid(), buyer)).status).toBe(404);
  await scan((await show(id)).qr);
  expect(await reissue(id)).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
});

it('has an end: a ticket is not given new codes for ever', async () => {
  const id = await newTicket();
  let last = await reissue(id);
  for (let count = 0; count < 30 && last.status === 200; count += 1) last = await reissue(id);
  expect(last).toMatchObject({ status: 409, json: { code: 'TOO_MANY_REISSUES' } });
});

it('admits tickets that are out when the seed is rotated (failure 52)', async () => {
  // Signed under the seed from before; the gate reads the new one first.
  const { qr } = await show(await newTicket());
  expect(await scan(qr)).toMatchObject({ result: 'ADMIT' });
});
