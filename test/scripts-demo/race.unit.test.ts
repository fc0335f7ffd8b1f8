import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { race } from '../../scripts/demo/race.ts';

/** The answers of an API and its Stripe stand-in up to the confirmation, which is what the tests are about. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/reservations': { reservationId: 'r1', expiresAt: '', total: { amount: 1, currency: 'eur' } },
  '/api/orders': {
    orderId: 'o1',
    orderNumber: 'n1',
    status: 'PENDING',
    total: { amount: 1, currency: 'eur' },
    paymentIntentId: 'pi_1',
    paymentClientSecret: 's',
  },
  '/v1/payment_intents/pi_1/confirm': { status: 'requires_capture' },
};

/** What the confirmation is answered with; `undefined` breaks the connection off. */
let confirmation: { readonly status: number; readonly body: unknown } | undefined;
let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    const known = ANSWERS[request.url ?? ''];
    const answer = known === undefined ? confirmation : { status: 200, body: known };
    if (answer === undefined) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  url = `http://127.0.0.1:${address.port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function buy() {
  const [result] = await race({ url, stripeUrl: url, ticketTypeId: 't1', tokens: ['token'] }, () => undefined);
  return result?.outcome;
}

it('a buyer whose confirmation is lost on the way is neither refused nor the end of the race', async () => {
  confirmation = undefined;
  expect(await buy()).toEqual({ kind: 'UNKNOWN', orderId: 'o1', answer: 'no answer' });
});

it('a buyer whose confirmation is accepted, or fails in the system, is left open', async () => {
  const order = { id: 'o1', orderNumber: 'n1', status: 'PENDING', ticketsIssued: false };
  confirmation = { status: 202, body: order };
  expect(await buy()).toEqual({ kind: 'UNKNOWN', orderId: 'o1', answer: '202' });
  confirmation = { status: 500, body: { code: 'INTERNAL', title: '', detail: '' } };
  expect(await buy()).toEqual({ kind: 'UNKNOWN', orderId: 'o1', answer: '500 INTERNAL' });
});

it('a buyer is sold a ticket by 200 and PAID only', async () => {
  const order = { id: 'o1', orderNumber: 'n1', status: 'PAID', ticketsIssued: false };
  confirmation = { status: 200, body: order };
  expect(await buy()).toEqual({ kind: 'SOLD', orderId: 'o1' });
  confirmation = { status: 200, body: { ...order, status: 'FAILED' } };
  expect(await buy()).toEqual({ kind: 'REFUSED', code: 'FAILED' });
});
