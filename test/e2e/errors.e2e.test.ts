import { beforeAll, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';

import {
  available,
  call,
  order,
  person,
  publishEvent,
  settled,
  type ApiAnswer,
  type OpenSale,
  type Person,
} from '../support/shop.ts';

let sale: OpenSale;
let buyer: Person;
let stranger: Person;

beforeAll(async () => {
  sale = await publishEvent({ quantity: 10 });
  [buyer, stranger] = await Promise.all([person(), person()]);
});

function expectProblem(answer: ApiAnswer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.code }, answer.text).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.json).toMatchObject({
    status,
    type: expect.stringContaining(code),
    title: expect.any(String),
    detail: expect.any(String),
    requestId: expect.any(String),
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('bad input gets a clear problem and changes nothing', () => {
  it.each([
    ['malformed JSON', '{"items":', 400, 'MALFORMED_JSON'],
    ['not an object', '[]', 400, 'INVALID_INPUT'],
    ['unknown field', { items: [], surprise: 1 }, 400, 'INVALID_INPUT'],
    ['no items', { items: [] }, 400, 'INVALID_INPUT'],
    ['wrong types', { items: [{ ticketTypeId: 7, quantity: '2' }] }, 400, 'INVALID_INPUT'],
    ['negative quantity', { items: [{ ticketTypeId: ulid(), quantity: -1 }] }, 400, 'INVALID_INPUT'],
    ['quantity zero', { items: [{ ticketTypeId: ulid(), quantity: 0 }] }, 400, 'INVALID_INPUT'],
    ['half a ticket', { items: [{ ticketTypeId: ulid(), quantity: 0.5 }] }, 400, 'INVALID_INPUT'],
    ['a billion tickets', { items: [{ ticketTypeId: ulid(), quantity: 1e9 }] }, 400, 'INVALID_INPUT'],
    ['a malformed id', { items: [{ ticketTypeId: '../etc/passwd', quantity: 1 }] }, 400, 'INVALID_INPUT'],
    ['an unknown id', { items: [{ ticketTypeId: ulid(), quantity: 1 }] }, 404, 'TICKET_TYPE_NOT_FOUND'],
    ['hostile keys', '{"__proto__":{"a":1},"items":[]}', 400, 'INVALID_INPUT'],
  ])('%s', async (_name, body, status, code) => {
    const before = await available(sale.eventId, sale.ticketTypeId);
    expectProblem(await buyer.call('POST', '/api/reservations', body, JSON_TYPE), status, code);
    expect(await available(sale.eventId, sale.ticketTypeId)).toBe(before);
  });

  it('names every fault with its path', async () => {
    const { json } = await buyer.call('POST', '/api/reservations', { items: [{ ticketTypeId: 'x', quantity: 0 }] });
    expect(json.errors.map(({ path }: { path: string }) => path)).toEqual(['items.0.ticketTypeId', 'items.0.quantity']);
  });

  it('refuses another media type, a body too large and a path too strange', async () => {
    expectProblem(
      await buyer.call('POST', '/api/reservations', 'items=1', { 'content-type': 'text/plain' }),
      415,
      'NOT_JSON',
    );
    expectProblem(
      await buyer.call('POST', '/api/reservations', JSON.stringify({ items: 'x'.repeat(300_000) }), JSON_TYPE),
      413,
      'BODY_TOO_LARGE',
    );
    expectProblem(await buyer.call('GET', '/api/orders/%00'), 400, 'INVALID_INPUT');
  });

  it('asks for a sign-in, and believes no other token', async () => {
    const body = { items: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }] };
    expectProblem(await call('POST', '/api/reservations', body), 401, 'NOT_SIGNED_IN');
    const forged = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"x","sid":"y"}')}.`;
    expectProblem(
      await call('POST', '/api/reservations', body, { authorization: `Bearer ${forged}` }),
      401,
      'NOT_SIGNED_IN',
    );
  });

  it("answers other people's ids as if they did not exist", async () => {
    const placed = await order(buyer, sale.ticketTypeId);
    await settled();
    for (const path of [
      `/api/orders/${placed.orderId}`,
      `/api/orders/${placed.orderId}/timeline`,
      `/api/tickets?orderId=${placed.orderId}`,
    ]) {
      expectProblem(await stranger.call('GET', path), 404, 'ORDER_NOT_FOUND');
    }
    expectProblem(await stranger.call('DELETE', `/api/reservations/${placed.orderId}`), 404, 'RESERVATION_NOT_FOUND');
    expectProblem(await stranger.call('POST', `/api/orders/${placed.orderId}/cancel`), 404, 'ORDER_NOT_FOUND');
    const { orderId, paymentIntentId } = placed;
    expectProblem(
      await stranger.call('POST', '/api/payments/confirm', { orderId, paymentIntentId }),
      404,
      'ORDER_NOT_FOUND',
    );
    const other = await order(buyer, sale.ticketTypeId);
    expectProblem(
      await buyer.call('POST', '/api/payments/confirm', { orderId, paymentIntentId: other.paymentIntentId }),
      409,
      'PAYMENT_INTENT_MISMATCH',
    );
  });

  it('refuses webhooks that Stripe did not sign', async () => {
    const event = JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded', data: { object: { id: 'pi_1' } } });
    for (const signature of ['', 't=1,v1=00', `t=${Math.floor(Date.now() / 1_000)},v1=${'0'.repeat(64)}`]) {
      expectProblem(
        await call('POST', '/api/payments/webhook', event, { ...JSON_TYPE, 'stripe-signature': signature }),
        400,
        'INVALID_SIGNATURE',
      );
    }
  });

  it.each([
    ['GET', '/api/nothing'],
    ['PUT', '/api/reservations'],
    ['GET', '/foo'],
  ])('answers %s %s, which is no route, as every other fault', async (method, path) => {
    expectProblem(await call(method, path), 404, 'ROUTE_NOT_FOUND');
  });

  it('still serves after all of it', async () => {
    const health = await call('GET', '/api/health');
    expect(health.json).toEqual({ status: 'ok' });
  });
});
