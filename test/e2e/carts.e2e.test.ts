import { inject } from 'vitest';
import { describe, expect, it } from 'vitest';

import {
  audit,
  available,
  call,
  confirm,
  demoBuyer,
  payByCard,
  person,
  publishEvent,
  settled,
  systemRows,
  type ApiAnswer,
} from '../support/shop.ts';

const BUYER = { email: 'buyer@onsale.example', password: 'Onsale-demo-2026!' };
const seen = ({ status, json }: ApiAnswer): readonly unknown[] => [status, json?.code];

interface Visitor {
  readonly token: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
}

/** Somebody with an anonymous session, as a program. */
async function visitor(): Promise<Visitor> {
  const begun = await call('POST', '/api/auth/guest', {});
  expect(begun.status, begun.text).toBe(201);
  const token: string = begun.json.guestToken;
  return {
    token,
    call: (method, path, body, headers) => call(method, path, body, { 'x-guest-token': token, ...headers }),
  };
}

const logIn = (headers: Readonly<Record<string, string>>): Promise<ApiAnswer> =>
  call('POST', '/api/auth/login', BUYER, headers);
const add = (who: Pick<Visitor, 'call'>, ticketTypeId: string, quantity: number): Promise<ApiAnswer> =>
  who.call('PUT', '/api/carts/add', { ticketTypeId, quantity });

describe('a cart', () => {
  it('over two events is filled, changed, ordered in one go and paid', async () => {
    const [one, other, buyer] = [await publishEvent(), await publishEvent({ amount: 1_000 }), await person()];
    expect((await add(buyer, one.ticketTypeId, 1)).status).toBe(200);
    expect((await add(buyer, other.ticketTypeId, 3)).status).toBe(200);
    expect((await add(buyer, one.ticketTypeId, 1)).json.items[0].quantity).toBe(2);
    const changed = await buyer.call('PUT', '/api/carts/change', { ticketTypeId: other.ticketTypeId, quantity: 2 });
    expect(changed.json).toEqual({
      items: [
        {
          ticketTypeId: one.ticketTypeId,
          eventId: one.eventId,
          name: 'Standing',
          quantity: 2,
          price: 4_500,
          currency: 'EUR',
        },
        {
          ticketTypeId: other.ticketTypeId,
          eventId: other.eventId,
          name: 'Standing',
          quantity: 2,
          price: 1_000,
          currency: 'EUR',
        },
      ],
      charges: [],
      total: { amount: 11_000, currency: 'EUR' },
    });
    expect(await available(one.eventId, one.ticketTypeId)).toBe(10);

    const ordered = await buyer.call('POST', '/api/orders', {});
    expect(ordered.status, ordered.text).toBe(201);
    expect(ordered.json.total).toEqual({ amount: 11_000, currency: 'EUR' });
    expect((await buyer.call('GET', '/api/carts')).json).toEqual({ items: [], charges: [], total: null });
    expect(seen(await buyer.call('POST', '/api/orders', {}))).toEqual([422, 'CART_EMPTY']);
    await payByCard(ordered.json);
    expect((await confirm(buyer, ordered.json)).status).toBe(200);
    await settled();
    expect((await buyer.call('GET', `/api/tickets?orderId=${ordered.json.orderId}`)).json.items).toHaveLength(4);
    expect(await available(one.eventId, one.ticketTypeId)).toBe(8);
  });

  it('takes lines out, all of them or one, and is somebody’s own', async () => {
    const [{ ticketTypeId }, buyer, other] = [await publishEvent(), await person(), await person()];
    await add(buyer, ticketTypeId, 2);
    expect((await other.call('GET', '/api/carts')).json.items).toEqual([]);
    expect((await buyer.call('PUT', '/api/carts/remove', { ticketTypeId })).json.items).toEqual([]);
    await add(buyer, ticketTypeId, 2);
    expect((await buyer.call('DELETE', '/api/carts')).status).toBe(204);
    expect((await buyer.call('GET', '/api/carts')).json.items).toEqual([]);
  });

  it('takes no more than there is, and a retry with its key once', async () => {
    const [{ ticketTypeId }, buyer] = [await publishEvent({ quantity: 3 }), await person()];
    const short = await add(buyer, ticketTypeId, 4);
    expect([...seen(short), short.json.available]).toEqual([409, 'NOT_ENOUGH_TICKETS', 3]);
    const key = { 'idempotency-key': 'put-once' };
    const body = { ticketTypeId, quantity: 1 };
    const sent = [1, 2, 3].map(() => buyer.call('PUT', '/api/carts/add', body, key));
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await buyer.call('GET', '/api/carts')).json.items[0].quantity).toBe(1);
    expect(seen(await buyer.call('PUT', '/api/carts/add', { ticketTypeId, quantity: 2 }, key))).toEqual([
      409,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  });

  it.each([0, -1, 0.5, 1e9, '1', null])('refuses %s tickets', async (quantity) => {
    const buyer = await person();
    const body = { ticketTypeId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', quantity };
    for (const path of ['/api/carts/add', '/api/carts/change'])
      expect(seen(await buyer.call('PUT', path, body))).toEqual([400, 'INVALID_INPUT']);
  });
});

describe('somebody who has not signed in', () => {
  it('fills a cart, holds and releases, and orders nothing', async () => {
    const [{ eventId, ticketTypeId }, guest] = [await publishEvent({ maxPerPerson: 4 }), await visitor()];
    expect((await add(guest, ticketTypeId, 1)).status).toBe(200);
    const items = [{ ticketTypeId, quantity: 2 }];
    const held = await guest.call('POST', '/api/reservations', { items });
    expect(held.status, held.text).toBe(201);
    const path = `/api/reservations/${held.json.reservationId}`;
    expect((await guest.call('GET', path)).json.status).toBe('HELD');
    expect(seen(await (await visitor()).call('GET', path))).toEqual([404, 'RESERVATION_NOT_FOUND']);
    expect(seen(await guest.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 3 }] }))).toEqual([
      422,
      'LIMIT_EXCEEDED',
    ]);
    for (const body of [{}, { reservationId: held.json.reservationId }, { ticketTypeId, quantity: 1 }])
      expect(seen(await guest.call('POST', '/api/orders', body))).toEqual([401, 'NOT_SIGNED_IN']);
    expect((await guest.call('DELETE', path)).status).toBe(204);
    expect(await available(eventId, ticketTypeId)).toBe(10);
  });

  it('without a session, or with a made up one, is told how to begin one', async () => {
    for (const headers of [{}, { 'x-guest-token': 'osg_' }, { 'x-guest-token': `osg_${'A'.repeat(43)}` }]) {
      const refused = await call('GET', '/api/carts', undefined, headers);
      expect(seen(refused)).toEqual([401, 'NOT_SIGNED_IN']);
      expect(refused.json.detail).toContain('POST /api/auth/guest');
    }
  });

  it('takes cart and holds along at the log-in, and pays for them; the token is worth nothing then, nor is it kept', async () => {
    const [{ eventId, ticketTypeId }, guest] = [await publishEvent({ maxPerPerson: 6 }), await visitor()];
    await (await demoBuyer()).call('DELETE', '/api/carts');
    await add(guest, ticketTypeId, 1);
    const held = await guest.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 2 }] });
    const { reservationId } = held.json;
    const login = await logIn({ 'x-guest-token': guest.token });
    expect(login.status, login.text).toBe(200);
    expect(login.json.guest).toEqual({ status: 'TAKEN_OVER', reservationIds: [reservationId], cartItems: 1 });
    expect(login.headers.getSetCookie().find((cookie) => cookie.includes('onsale-guest'))).toContain('Max-Age=0');

    expect(seen(await guest.call('GET', '/api/carts'))).toEqual([401, 'NOT_SIGNED_IN']);
    expect(seen(await guest.call('DELETE', `/api/reservations/${reservationId}`))).toEqual([401, 'NOT_SIGNED_IN']);
    const authorization = `Bearer ${login.json.accessToken}`;
    const buyer = {
      userId: login.json.user.id,
      call: (method: string, path: string, body?: unknown) => call(method, path, body, { authorization }),
    };
    expect((await buyer.call('GET', '/api/carts')).json.items).toMatchObject([{ ticketTypeId, quantity: 1 }]);
    expect((await buyer.call('POST', '/api/orders', {})).status).toBe(201);
    const ordered = await buyer.call('POST', '/api/orders', { reservationId });
    expect(ordered.status, ordered.text).toBe(201);
    await payByCard(ordered.json);
    expect((await confirm(buyer, ordered.json)).status).toBe(200);
    await settled();
    expect(await available(eventId, ticketTypeId)).toBe(7);
    expect(JSON.stringify(await systemRows())).not.toContain(guest.token);
  });

  it('is refused over the limit, keeps everything, and takes it along once something is let go', async () => {
    const [{ ticketTypeId }, guest, buyer] = [
      await publishEvent({ maxPerPerson: 3 }),
      await visitor(),
      await demoBuyer(),
    ];
    const items = [{ ticketTypeId, quantity: 2 }];
    const own = await buyer.call('POST', '/api/reservations', { items });
    const held = await guest.call('POST', '/api/reservations', { items });
    const login = await logIn({ 'x-guest-token': guest.token });
    expect(login.status).toBe(200);
    expect(login.json.guest).toMatchObject({
      status: 'REFUSED',
      problem: { code: 'LIMIT_EXCEEDED', limit: 3, held: 2 },
    });
    expect(login.headers.getSetCookie().some((cookie) => cookie.includes('onsale-guest'))).toBe(false);
    const path = `/api/reservations/${held.json.reservationId}`;
    expect((await guest.call('GET', path)).json.status).toBe('HELD');

    const again = (): Promise<ApiAnswer> =>
      buyer.call('POST', '/api/carts/take-over', {}, { 'x-guest-token': guest.token });
    expect(seen(await again())).toEqual([422, 'LIMIT_EXCEEDED']);
    await buyer.call('DELETE', `/api/reservations/${own.json.reservationId}`);
    expect((await again()).json.reservationIds).toEqual([held.json.reservationId]);
    expect((await buyer.call('GET', path)).json.status).toBe('HELD');
    await buyer.call('DELETE', path);
  });

  it('logs in twice at once, and has everything once', async () => {
    const [{ ticketTypeId }, guest] = [await publishEvent(), await visitor()];
    const [one, two] = [await person(), await person()];
    const held = await guest.call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 2 }] });
    const header = { 'x-guest-token': guest.token };
    const taken = await Promise.all([one, two].map((who) => who.call('POST', '/api/carts/take-over', {}, header)));
    expect(taken.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(taken.map(({ json }) => json.status))).toEqual(new Set(['NOTHING', 'TAKEN_OVER']));
    const path = `/api/reservations/${held.json.reservationId}`;
    const found = await Promise.all([one, two].map((who) => who.call('GET', path)));
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set([200, 404]));
  });
});

describe('a browser', () => {
  it('carries its anonymous session in a cookie that scripts and other sites cannot use', async () => {
    const { ticketTypeId } = await publishEvent();
    const begun = await call('POST', '/api/auth/guest', {});
    const [set = ''] = begun.headers.getSetCookie();
    expect(set).toMatch(/^__Host-onsale-guest=osg_[\w-]{43}; .*Secure; HttpOnly; SameSite=Strict$/);
    const cookie = set.split(';')[0] ?? '';
    const body = { ticketTypeId, quantity: 1 };
    const put = (headers: Readonly<Record<string, string>>): Promise<ApiAnswer> =>
      call('PUT', '/api/carts/add', body, { cookie, ...headers });
    expect((await put({ origin: new URL(inject('system').url).origin })).status).toBe(200);
    expect(seen(await put({}))).toEqual([403, 'CROSS_SITE_REQUEST']);
    expect(seen(await put({ 'sec-fetch-site': 'cross-site' }))).toEqual([403, 'CROSS_SITE_REQUEST']);
    expect((await call('GET', '/api/carts', undefined, { cookie })).json.items[0].quantity).toBe(1);
  });
});

it('leaves nothing behind that breaks an invariant', async () => {
  expect(await audit()).toEqual([]);
});
