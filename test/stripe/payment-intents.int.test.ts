import { describe, expect, test } from 'vitest';
import { control, errorOf, held, paid, sdk, standIn } from './harness.ts';

describe('the PaymentIntent state machine', () => {
  test('automatic capture: create, confirm, succeeded with a charge and its fee', async () => {
    const stripe = sdk(await standIn());
    const created = await stripe.paymentIntents.create({
      amount: 4_500,
      currency: 'EUR',
      metadata: { orderId: 'o1' },
    });
    expect(created).toMatchObject({
      status: 'requires_payment_method',
      currency: 'eur',
      amount_received: 0,
    });
    const done = await stripe.paymentIntents.confirm(created.id, {
      payment_method: 'pm_card_visa',
      expand: ['latest_charge.balance_transaction'],
    });
    expect(done).toMatchObject({
      status: 'succeeded',
      amount_received: 4_500,
      metadata: { orderId: 'o1' },
    });
    expect(done.latest_charge).toMatchObject({
      captured: true,
      paid: true,
      balance_transaction: { amount: 4_500, fee: 93, net: 4_407 },
    });
  });

  test.each([
    { capture_method: 'manual' },
    { payment_method_options: { card: { capture_method: 'manual' } } },
  ] as const)('manual capture by %j holds the money and captures it once', async (how) => {
    const stripe = sdk(await standIn());
    const intent = await paid(stripe, how);
    expect(intent).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 4_500,
      amount_received: 0,
    });
    const captured = await stripe.paymentIntents.capture(intent.id);
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: 4_500,
    });
    const again = await errorOf(stripe.paymentIntents.capture(intent.id));
    expect(again).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
      payment_intent: { id: intent.id, status: 'succeeded' },
    });
  });

  test('a partial capture releases the rest, and more than was authorised is refused', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe);
    expect(await errorOf(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4_501 }))).toMatchObject({
      code: 'amount_too_large',
    });
    const captured = await stripe.paymentIntents.capture(intent.id, {
      amount_to_capture: 1_000,
      expand: ['latest_charge'],
    });
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_received: 1_000,
      latest_charge: { amount_captured: 1_000, amount_refunded: 3_500 },
    });
    expect(await errorOf(stripe.refunds.create({ payment_intent: intent.id, amount: 1_001 }))).toMatchObject({
      param: 'amount',
    });
  });

  test('a method given at creation waits for confirmation; an update changes the amount', async () => {
    const stripe = sdk(await standIn());
    const intent = await stripe.paymentIntents.create({
      amount: 4_500,
      currency: 'eur',
      payment_method: 'pm_card_mastercard',
    });
    expect(intent.status).toBe('requires_confirmation');
    const updated = await stripe.paymentIntents.update(intent.id, {
      amount: 5_000,
      metadata: { a: '1' },
    });
    expect(updated).toMatchObject({ amount: 5_000, metadata: { a: '1' } });
    expect((await stripe.paymentIntents.update(intent.id, { metadata: { a: '' } })).metadata).toEqual({});
    expect(await stripe.paymentIntents.confirm(intent.id)).toMatchObject({
      status: 'succeeded',
      amount_received: 5_000,
    });
    expect(await errorOf(stripe.paymentIntents.update(intent.id, { amount: 1_000 }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await errorOf(stripe.paymentIntents.confirm(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
  });

  test('cancel releases an authorisation; a paid or canceled PaymentIntent cannot be canceled', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    const canceled = await stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: 'abandoned',
    });
    expect(canceled).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'abandoned',
      amount_capturable: 0,
    });
    expect(server.ledger().charges).toMatchObject([{ captured: false, amount_captured: 0, refunded: true }]);
    expect(server.ledger().refunds).toEqual([]);
    for (const id of [intent.id, (await paid(stripe)).id]) {
      expect(await errorOf(stripe.paymentIntents.cancel(id))).toMatchObject({
        statusCode: 400,
        code: 'payment_intent_unexpected_state',
      });
    }
  });

  test('an authorisation lapses after seven days', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await held(stripe);
    await control(server, 'POST', 'clock/advance', { ms: 7 * 86_400_000 - 60_000 });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture');
    await control(server, 'POST', 'clock/advance', { ms: 60_000 });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    });
    expect(server.ledger().events.map(({ type }) => type)).toContain('charge.expired');
  });

  test('a card whose capture fails keeps its authorisation', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe, { payment_method: 'pm_card_captureFails' });
    expect(await errorOf(stripe.paymentIntents.capture(intent.id))).toMatchObject({
      statusCode: 402,
      code: 'card_declined',
    });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture');
  });
});

describe('declines', () => {
  test.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', ''],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', ''],
  ])('%s is refused as %s, and another card may follow', async (method, code, declineCode) => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await stripe.paymentIntents.create({
      amount: 4_500,
      currency: 'eur',
      capture_method: 'manual',
    });
    const error = await errorOf(stripe.paymentIntents.confirm(intent.id, { payment_method: method }));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { id: intent.id, status: 'requires_payment_method' },
    });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { code, payment_method: { object: 'payment_method' } },
    });
    const second = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
    });
    expect(second).toMatchObject({ status: 'requires_capture', last_payment_error: null });
    expect(server.ledger().charges.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  });

  test('confirming without a method, or with an unknown one, is refused', async () => {
    const stripe = sdk(await standIn());
    const { id } = await stripe.paymentIntents.create({ amount: 4_500, currency: 'eur' });
    expect(await errorOf(stripe.paymentIntents.confirm(id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_nonsense' }))).toMatchObject({
      code: 'resource_missing',
      param: 'payment_method',
    });
    expect(
      await errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_usBankAccount_success' })),
    ).toMatchObject({ code: 'payment_intent_incompatible_payment_method' });
  });
});

describe('3-D Secure', () => {
  test.each([
    ['pm_card_authenticationRequired', 'complete', 'requires_capture'],
    ['pm_card_threeDSecure2Required', 'fail', 'requires_payment_method'],
    ['pm_card_threeDSecureRequiredChargeDeclined', 'complete', 'requires_payment_method'],
  ])('%s, then %s, ends as %s', async (method, answer, status) => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe, {
      payment_method: method,
      return_url: 'http://shop.example/done',
    });
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'redirect_to_url' },
    });
    const page = new URL(intent.next_action?.redirect_to_url?.url ?? '');
    expect(await (await fetch(page)).text()).toContain('Complete authentication');
    page.pathname += `/${answer}`;
    const back = await fetch(page, { method: 'POST', redirect: 'manual' });
    expect(back.status).toBe(303);
    expect(back.headers.get('location')).toContain(`payment_intent=${intent.id}`);
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status);
  });

  test('the page answers nobody without the client secret', async () => {
    const stripe = sdk(await standIn());
    const intent = await held(stripe, { payment_method: 'pm_card_authenticationRequired' });
    const page = new URL(intent.next_action?.redirect_to_url?.url ?? '');
    page.searchParams.set('client_secret', 'guess');
    expect((await fetch(page)).status).toBe(404);
  });

  test('off session a needed authentication is a decline', async () => {
    const stripe = sdk(await standIn());
    expect(
      await errorOf(paid(stripe, { payment_method: 'pm_card_authenticationRequired', off_session: true })),
    ).toMatchObject({ code: 'authentication_required' });
  });
});

describe('asynchronous methods', () => {
  test.each([
    ['pm_usBankAccount_success', 'succeeded'],
    ['pm_usBankAccount_insufficientFunds', 'requires_payment_method'],
  ])('%s is processing, later %s', async (method, status) => {
    const server = await standIn({ asyncDelayMs: 86_400_000 });
    const stripe = sdk(server);
    const intent = await paid(stripe, { currency: 'usd', payment_method: method });
    expect(intent.status).toBe('processing');
    expect(await errorOf(stripe.paymentIntents.cancel(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    await control(server, 'POST', 'clock/advance', { ms: 86_400_000 });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status);
  });

  test('an outcome can be chosen', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const intent = await paid(stripe, { currency: 'usd', payment_method: 'pm_usBankAccount' });
    await control(server, 'POST', `settle/${intent.id}`, { outcome: 'failed' });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_method_provider_decline' },
    });
  });
});

describe('the buyer confirms with the client secret, as Stripe.js would', () => {
  const confirm = (
    url: string,
    id: string,
    body: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${url}/v1/payment_intents/${id}/confirm`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(body),
    });

  test.each([{}, { authorization: 'Bearer pk_test_123' }])(
    'with headers %j: the answer hides what is the account’s',
    async (headers) => {
      const server = await standIn();
      const stripe = sdk(server);
      const intent = await stripe.paymentIntents.create({
        amount: 4_500,
        currency: 'eur',
        metadata: { secret: 'x' },
      });
      const answer = await confirm(
        server.url,
        intent.id,
        { payment_method: 'pm_card_visa', client_secret: intent.client_secret ?? '' },
        headers,
      );
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      const seen: unknown = await answer.json();
      expect(seen).toMatchObject({ id: intent.id, status: 'succeeded' });
      expect(seen).not.toHaveProperty('metadata');
      expect(seen).not.toHaveProperty('latest_charge');
    },
  );

  test('a wrong secret, no secret, another route or a setting of the account is refused', async () => {
    const server = await standIn();
    const intent = await sdk(server).paymentIntents.create({ amount: 4_500, currency: 'eur' });
    const secret = intent.client_secret ?? '';
    expect(
      (
        await confirm(server.url, intent.id, {
          client_secret: 'wrong',
          payment_method: 'pm_card_visa',
        })
      ).status,
    ).toBe(400);
    expect((await confirm(server.url, intent.id, { payment_method: 'pm_card_visa' })).status).toBe(401);
    expect(
      (
        await confirm(server.url, intent.id, {
          client_secret: secret,
          payment_method: 'pm_card_visa',
          capture_method: 'automatic',
        })
      ).status,
    ).toBe(400);
    expect((await fetch(`${server.url}/v1/payment_intents/${intent.id}/cancel`, { method: 'POST' })).status).toBe(401);
    expect(await errorOf(sdk(server, 'pk_test_1').balance.retrieve())).toMatchObject({
      code: 'secret_key_required',
    });
  });
});
