import jsqr from 'jsqr';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { verifyQr } from '../../functions/delivery/codes.ts';
import { ticketView } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import type { Order } from '../../functions/orders/domain/order.ts';
import { listForCustomer } from '../../functions/orders/writes.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import type { Post, Role } from '../../functions/shared/runtime/route.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { TestBucket } from '../support/bucket.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { HOLDERS_ENV } from './holders-world.ts';
import { placePaidOrder } from './paid-order.ts';
import { readPng, renderPdf } from './pixels.ts';

const seed = randomKey();
const now = Date.now();
const list = z.object({ items: z.array(ticketView), nextCursor: z.nullable(z.string()) });

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let holders: HttpHandler;
let bucket: TestBucket;
let type: TicketTypeCopy;
let buyer: TestPerson;
let stranger: TestPerson;
let gate: TestPerson;
let organizer: TestPerson;
let foreignOrganizer: TestPerson;
let support: TestPerson;
let order: Order;

beforeAll(async () => {
  db = await startTestTable();
  bucket = new TestBucket();
  parameters = await serveParameters({ '/session-keys': randomKeyRing(), '/seed': seed, '/cursor': randomKey() });
  useTestEnvironment(db, {
    SESSION_KEYS_PARAMETER: '/session-keys',
    TICKET_SEED_PARAMETER: '/seed',
    CURSOR_KEY_PARAMETER: '/cursor',
    DOCUMENTS_BUCKET: 'documents',
    ...HOLDERS_ENV,
  });
  ({ handler } = await import('../../functions/delivery/handlers/http-tickets.ts'));
  ({ handler: holders } = await import('../../functions/delivery/handlers/http-holders.ts'));
  type = await putOnSale(db.table, now);
  const person = (roles: readonly Role[] = ['customer'], post?: Post, organizationId = type.organizationId) =>
    signIn(db.table, '/session-keys', {
      roles: [...roles],
      memberships: post === undefined ? [] : [{ organizationId, post }],
    });
  [buyer, stranger, gate, organizer, foreignOrganizer, support] = await Promise.all([
    person(),
    person(),
    person(['customer', 'staff'], 'gate'),
    person(['customer', 'organizer'], 'organizer'),
    person(['customer', 'organizer'], 'organizer', ulid()),
    person(['support']),
  ]);
  order = await issuedOrder(2);
});
afterAll(async () => {
  bucket.close();
  await parameters.close();
  await db.drop();
});

/** An order of the buyer with its tickets, in the buyer's list as the relay would put it. */
async function issuedOrder(quantity: number, at = now): Promise<Order> {
  const paid = await placePaidOrder(db.table, at, { lines: [{ type, quantity }], customerId: buyer.userId });
  await issueTickets(db.table, paid.orderId, { now: at, correlationId: 'test', by: 'system' });
  await commit(db.table, [listForCustomer(paid)]);
  return paid;
}

const get = (
  as: TestPerson,
  route: string,
  more: { params?: Record<string, string>; query?: Record<string, string> } = {},
): Promise<TestAnswer> => call(serving(route), { route: `GET ${route}`, token: as.accessToken, ...more });
const serving = (route: string): HttpHandler => (route.endsWith('/pdf') ? holders : handler);
const ticketId = (index = 0): string => ticketIdOf(order.orderId, '1', index);

/** The bytes of an answer that is a file. */
async function download(as: TestPerson, route: string, id: string): Promise<Uint8Array> {
  const result = await serving(route)(
    apiEvent({ route: `GET ${route}`, token: as.accessToken, params: { ticketId: id } }),
    TEST_CONTEXT,
  );
  return Buffer.from(result.body ?? '', 'base64');
}

describe('reading tickets', () => {
  it('shows the holder a ticket with a code that verifies, as text and as a picture', async () => {
    const answer = await get(buyer, '/api/tickets/{ticketId}', { params: { ticketId: ticketId() } });
    expect(answer.status).toBe(200);
    const ticket = z.parse(z.strictObject(ticketView.shape), answer.json);
    expect(ticket).toMatchObject({
      code: `tc_${ticketId()}`,
      ticketNumber: `${order.number}-1`,
      status: 'VALID',
      orderId: order.orderId,
    });
    expect(verifyQr([Buffer.from(seed, 'hex')], ticket.qr ?? '')).toMatchObject({
      ok: true,
      value: { ticketId: ticketId(), eventId: type.eventId },
    });
    const { data, width, height } = readPng(Buffer.from(ticket.qrImage ?? '', 'base64'));
    expect(jsqr.default(data, width, height)?.data).toBe(ticket.qr);
  });

  it('finds a ticket by its code, and an order’s tickets by either route', async () => {
    const byCode = await get(buyer, '/api/tickets/code/{code}', { params: { code: `tc_${ticketId(1)}` } });
    expect(byCode.json['id']).toBe(ticketId(1));
    const [one, other] = await Promise.all([
      get(buyer, '/api/tickets', { query: { orderId: order.orderId } }),
      get(buyer, '/api/tickets/order/{orderId}', { params: { orderId: order.orderId } }),
    ]);
    expect(z.parse(list, one.json).items.map(({ id }) => id)).toEqual([ticketId(0), ticketId(1)]);
    expect(other.json).toEqual(one.json);
  });

  it.each([
    ['a gate', () => gate],
    ['an organizer of the event', () => organizer],
    ['support', () => support],
  ])('lets %s see it', async (_who, who) => {
    expect((await get(who(), '/api/tickets/{ticketId}', { params: { ticketId: ticketId() } })).status).toBe(200);
    expect((await get(who(), '/api/tickets', { query: { orderId: order.orderId } })).status).toBe(200);
  });

  it.each([
    ['a stranger', () => stranger],
    ['an organizer of something else', () => foreignOrganizer],
  ])('tells %s no more than of a ticket that does not exist (failure 59)', async (_who, who) => {
    for (const route of ['/api/tickets/{ticketId}', '/api/tickets/{ticketId}/pdf', '/api/tickets/{ticketId}/qr.png']) {
      const [theirs, none] = await Promise.all([
        get(who(), route, { params: { ticketId: ticketId() } }),
        get(who(), route, { params: { ticketId: ulid() } }),
      ]);
      expect([theirs.status, theirs.json['code'], theirs.json['detail']]).toEqual([
        404,
        'TICKET_NOT_FOUND',
        none.json['detail'],
      ]);
    }
    expect((await get(who(), '/api/tickets/code/{code}', { params: { code: `tc_${ticketId()}` } })).status).toBe(404);
    expect((await get(who(), '/api/tickets', { query: { orderId: order.orderId } })).json['code']).toBe(
      'ORDER_NOT_FOUND',
    );
    expect((await get(who(), '/api/tickets')).json).toEqual({ items: [], nextCursor: null });
  });

  it('prints a ticket whose code is the ticket’s', async () => {
    const pages = await renderPdf(await download(buyer, '/api/tickets/{ticketId}/pdf', ticketId()));
    expect(pages).toHaveLength(1);
    const [page] = pages;
    const text = page && jsqr.default(page.data, page.width, page.height)?.data;
    expect(verifyQr([Buffer.from(seed, 'hex')], text ?? '')).toMatchObject({
      ok: true,
      value: { ticketId: ticketId() },
    });
  });

  it.each(['ARCHIVED', 'TRANSFERRED'])('shows but never prints a ticket that is %s', async (status) => {
    const gone = await issuedOrder(1, now - 60_000);
    const id = ticketIdOf(gone.orderId, '1', 0);
    await commit(db.table, [{ kind: 'update', key: ticketKey(id), set: { status }, otherwise: mustHold('fixture') }]);
    expect((await get(buyer, '/api/tickets/{ticketId}', { params: { ticketId: id } })).json).toMatchObject({
      status,
      qr: null,
      qrImage: null,
    });
    for (const route of ['/api/tickets/{ticketId}/pdf', '/api/tickets/{ticketId}/qr.png']) {
      expect((await get(buyer, route, { params: { ticketId: id } })).json).toMatchObject({
        status: 409,
        code: 'TICKET_NOT_VALID',
      });
    }
  });

  it('pages through the caller’s own tickets, newest order first, without a gap or a repeat', async () => {
    const collector = buyer;
    const whole = z.parse(list, (await get(collector, '/api/tickets', { query: { limit: '100' } })).json);
    await issuedOrder(3, now - 120_000);
    await issuedOrder(7, now - 180_000);
    const all = z.parse(list, (await get(collector, '/api/tickets', { query: { limit: '100' } })).json);
    expect(all.items).toHaveLength(whole.items.length + 10);
    expect(all.nextCursor).toBeNull();
    for (const limit of [1, 2, 4, 5]) {
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page: z.infer<typeof list> = z.parse(
          list,
          (
            await get(collector, '/api/tickets', {
              query: { limit: String(limit), ...(cursor === null ? {} : { cursor }) },
            })
          ).json,
        );
        expect(page.items.length).toBeLessThanOrEqual(limit);
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(all.items.map(({ id }) => id));
    }
  });

  it.each([
    ['no ULID', '/api/tickets/{ticketId}', { params: { ticketId: 'abc' } }],
    ['a code without its prefix', '/api/tickets/code/{code}', { params: { code: '01JD0000000000000000000001' } }],
    ['a limit of 0', '/api/tickets', { query: { limit: '0' } }],
    ['an unknown filter', '/api/tickets', { query: { kind: 'support' } }],
    ['a made-up cursor', '/api/tickets', { query: { cursor: 'AAAA' } }],
  ])('answers 400 to %s', async (_what, route, more) => {
    expect((await get(buyer, route, more)).json).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
  });

  it('asks the nameless to sign in', async () => {
    expect((await call(handler, { route: 'GET /api/tickets' })).status).toBe(401);
  });
});
