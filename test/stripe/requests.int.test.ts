import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { control, errorOf, held, paid, sdk, SECRET_KEY, standIn } from './harness.ts';

describe('validation', () => {
  const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/v1/payment_intents`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${SECRET_KEY}`,
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    });

  test.each([
    ['amount=100&currency=eur&colour=red', { code: 'parameter_unknown', param: 'colour' }],
    ['amount=100&currency=eur&payment_method_types[]=card', { code: 'parameter_unknown' }],
    [
      'amount=100&currency=eur&payment_method_options[card][nope]=1',
      { code: 'parameter_unknown', param: 'payment_method_options[card][nope]' },
    ],
    ['amount=100&currency=eur&customer=cus_1', { param: 'customer' }],
    ['currency=eur', { code: 'parameter_missing', param: 'amount' }],
    ['amount=1.5&currency=eur', { code: 'parameter_invalid_integer' }],
    ['amount=-1&currency=eur', { code: 'parameter_invalid_integer' }],
    ['amount=49&currency=eur', { code: 'amount_too_small' }],
    ['amount=100000000&currency=eur', { code: 'amount_too_large' }],
    ['amount=49&currency=jpy', { code: 'amount_too_small' }],
    ['amount=5124&currency=kwd', { code: 'invalid_charge_amount' }],
    ['amount=100&currency=xxx', { param: 'currency' }],
    ['amount=100&currency=', { code: 'parameter_invalid_empty' }],
    ['amount=100&currency=eur&confirm=yes', { param: 'confirm' }],
    ['amount[a]=1&amount=2', { type: 'invalid_request_error' }],
    ['amount[[=1', { type: 'invalid_request_error' }],
    ['__proto__[a]=1&amount=100&currency=eur', { code: 'parameter_unknown', param: '__proto__' }],
    [`amount=100&currency=eur&metadata[${'k'.repeat(41)}]=1`, { type: 'invalid_request_error' }],
    [`amount=100&currency=eur&metadata[k]=${'v'.repeat(501)}`, { type: 'invalid_request_error' }],
  ])('%s is refused', async (body, error) => {
    const server = await standIn();
    const answer = await post(server.url, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error });
    expect(server.ledger().paymentIntents).toEqual([]);
  });

  test.each([
    ['jpy', 500],
    ['kwd', 5_120],
    ['usd', 50],
    ['gbp', 30],
  ])('%s %i is accepted as an integer', async (currency, amount) => {
    expect(await sdk(await standIn()).paymentIntents.create({ amount, currency })).toMatchObject({
      amount,
      currency,
    });
  });

  test('keys, routes, ids and bodies that are wrong are told so, and the server lives on', async () => {
    const server = await standIn();
    expect(await errorOf(sdk(server, 'sk_test_wrong_key_0000').balance.retrieve())).toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
      message: 'Invalid API Key provided: sk_test_**********0000',
    });
    expect((await fetch(`${server.url}/v1/balance`)).status).toBe(401);
    const missing = await errorOf(sdk(server).paymentIntents.retrieve('pi_none'));
    expect(missing).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'intent' });
    expect(missing.requestId).toMatch(/^req_/);
    expect((await post(server.url, '{"amount":1}', { 'content-type': 'application/json' })).status).toBe(400);
    expect((await post(server.url, 'x'.repeat(300_000)).catch(() => ({ status: 413 }))).status).toBe(413);
    expect(
      (
        await fetch(`${server.url}/v1/customers`, {
          headers: { authorization: `Bearer ${SECRET_KEY}` },
        })
      ).status,
    ).toBe(404);
    expect((await fetch(`${server.url}/_stand-in/faults`, { method: 'POST', body: '{' })).status).toBe(400);
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end('NONSENSE\r\n\r\n'));
      socket
        .on('close', () => resolve())
        .on('error', () => resolve())
        .resume();
    });
    await new Promise<void>((resolve) => {
      const half = request({
        port: server.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/payment_intents',
        headers: { 'content-length': 100 },
      });
      half.on('error', () => resolve()).on('close', () => resolve());
      half.write('amount', () => half.destroy());
    });
    expect((await sdk(server).balance.retrieve()).object).toBe('balance');
  });
});

describe('idempotency', () => {
  const create = { amount: 4_500, currency: 'eur' } as const;

  test('the same key and parameters replay the answer', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const first = await stripe.paymentIntents.create(create, { idempotencyKey: 'k1' });
    const second = await stripe.paymentIntents.create({ currency: 'eur', amount: 4_500 }, { idempotencyKey: 'k1' });
    expect(second).toEqual(first);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(server.ledger().paymentIntents).toHaveLength(1);
  });

  test('a kept decline is replayed; a failed validation is not kept', async () => {
    const stripe = sdk(await standIn());
    const { id } = await stripe.paymentIntents.create(create);
    const decline = { payment_method: 'pm_card_chargeDeclined' };
    const first = await errorOf(stripe.paymentIntents.confirm(id, decline, { idempotencyKey: 'c1' }));
    const second = await errorOf(stripe.paymentIntents.confirm(id, decline, { idempotencyKey: 'c1' }));
    expect([first.charge, second.headers?.['idempotent-replayed']]).toEqual([second.charge, 'true']);
    await errorOf(stripe.paymentIntents.create({ amount: 1, currency: 'eur' }, { idempotencyKey: 'v1' }));
    expect((await stripe.paymentIntents.create(create, { idempotencyKey: 'v1' })).amount).toBe(4_500);
  });

  test('the same key with other parameters, or for another route, is refused', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe);
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4_000 }, { idempotencyKey: 'k' });
    expect(await errorOf(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k' }))).toMatchObject({
      type: 'StripeIdempotencyError',
      statusCode: 400,
    });
    expect((await errorOf(stripe.paymentIntents.create(create, { idempotencyKey: 'k' }))).message).toContain(
      'same endpoint',
    );
  });

  test('the same key while the first is running is a conflict', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    await control(server, 'POST', 'faults', {
      on: 'request',
      route: 'POST /v1/payment_intents',
      effect: 'delay_before',
      delayMs: 150,
    });
    const both = await Promise.allSettled([
      stripe.paymentIntents.create(create, { idempotencyKey: 'k' }),
      stripe.paymentIntents.create(create, { idempotencyKey: 'k' }),
    ]);
    const failed = both.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(failed).toMatchObject([{ statusCode: 409, code: 'idempotency_key_in_use' }]);
    expect(server.ledger().paymentIntents).toHaveLength(1);
  });

  test('a key is forgotten after 24 hours: the request is executed again', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const first = await stripe.paymentIntents.create(create, { idempotencyKey: 'k' });
    await control(server, 'POST', 'clock/advance', { ms: 24 * 3_600_000 });
    expect((await stripe.paymentIntents.create(create, { idempotencyKey: 'k' })).id).not.toBe(first.id);
  });
});

describe('request faults', () => {
  const on = (effect: string, more: object = {}): object => ({
    on: 'request',
    route: 'POST /v1/payment_intents/:id/capture',
    effect,
    ...more,
  });

  test('429 and 500 before the effect change nothing, and the same key then works', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'faults', on('rate_limit'));
    await control(server, 'POST', 'faults', on('error_before'));
    expect(await errorOf(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k' }))).toMatchObject({
      type: 'StripeRateLimitError',
      statusCode: 429,
    });
    await control(server, 'DELETE', 'faults');
    await control(server, 'POST', 'faults', on('error_before'));
    expect(await errorOf(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k' }))).toMatchObject({
      type: 'StripeAPIError',
      statusCode: 500,
    });
    expect((await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k' })).status).toBe('succeeded');
  });

  test('a stored 500 is replayed by its key for ever, another key works', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'faults', on('error_stored'));
    for (const replayed of [undefined, 'true']) {
      const error = await errorOf(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k' }));
      expect([error.statusCode, error.headers?.['idempotent-replayed']]).toEqual([500, replayed]);
    }
    expect((await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'k2' })).status).toBe('succeeded');
  });

  test('a 500 after the effect: the money moved', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'faults', on('error_after'));
    expect(await errorOf(stripe.paymentIntents.capture(intent.id))).toMatchObject({
      statusCode: 500,
    });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  test('a lost answer: the SDK’s one automatic retry gets the replay; lost twice, the caller cannot know', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'faults', on('lost_answer'));
    const answer = await stripe.paymentIntents.capture(intent.id);
    expect([answer.status, answer.lastResponse.headers['idempotent-replayed']]).toEqual(['succeeded', 'true']);
    const second = await held(stripe);
    await control(server, 'POST', 'faults', on('lost_answer', { times: 2 }));
    expect(await errorOf(stripe.paymentIntents.capture(second.id))).toMatchObject({
      type: 'StripeConnectionError',
    });
    expect((await stripe.paymentIntents.retrieve(second.id)).status).toBe('succeeded');
  });

  test.each([
    ['timeout_before', 'requires_capture'],
    ['timeout_after', 'succeeded'],
  ])('%s leaves the PaymentIntent %s', async (effect, status) => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'faults', on(effect));
    expect(await errorOf(stripe.paymentIntents.capture(intent.id, {}, { timeout: 100 }))).toMatchObject({
      type: 'StripeConnectionError',
    });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status);
  });

  test('faults strike only what their filters name, after what they skip, as often as they say', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const [mine, other] = await Promise.all([
      held(stripe, { metadata: { orderId: 'mine' } }),
      held(stripe, { metadata: { orderId: 'other' } }),
    ]);
    await control(server, 'POST', 'faults', on('error_before', { metadata: { orderId: 'mine' }, skip: 1, times: 1 }));
    expect((await stripe.paymentIntents.capture(other.id)).status).toBe('succeeded');
    expect(await errorOf(stripe.paymentIntents.capture(mine.id, { amount_to_capture: 9_999 }))).toMatchObject({
      statusCode: 400,
    });
    expect(await errorOf(stripe.paymentIntents.capture(mine.id))).toMatchObject({
      statusCode: 500,
    });
    expect((await stripe.paymentIntents.capture(mine.id)).status).toBe('succeeded');
    expect(await control(server, 'GET', 'faults')).toMatchObject({
      faults: [{ seen: 2, struck: 1 }],
    });
  });

  test('an insufficient balance refuses a refund', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await paid(stripe);
    await control(server, 'POST', 'faults', {
      on: 'request',
      route: 'POST /v1/refunds',
      effect: 'balance_insufficient',
      paymentIntent: intent.id,
    });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'balance_insufficient',
    });
    expect((await stripe.refunds.create({ payment_intent: intent.id })).status).toBe('succeeded');
  });
});
