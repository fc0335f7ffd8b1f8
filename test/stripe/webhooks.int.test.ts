import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startStripeStandIn } from '../../local/stripe/server.ts';
import { control, held, paid, receiver, sdk, SECRET_KEY, standIn, WEBHOOK_SECRET } from './harness.ts';

const types = (events: readonly Stripe.Event[]): string[] => events.map(({ type }) => type);
const has =
  (type: string) =>
  (events: readonly Stripe.Event[]): boolean =>
    types(events).includes(type);

describe('webhooks', () => {
  test('signed, in order, with the object as it was and the request that caused it', async () => {
    const hook = await receiver();
    const stripe = sdk(await standIn({ webhookUrl: () => hook.url }));
    const intent = await held(stripe);
    await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'cap-1' });
    await stripe.refunds.create({ payment_intent: intent.id });
    await hook.until(has('charge.refunded'));
    expect(types(hook.events)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
      'refund.created',
      'charge.refunded',
    ]);
    const succeeded = hook.events.find(({ type }) => type === 'payment_intent.succeeded');
    expect(succeeded).toMatchObject({
      object: 'event',
      livemode: false,
      request: { idempotency_key: 'cap-1' },
      data: { object: { id: intent.id, status: 'succeeded' } },
    });
    expect(await stripe.events.retrieve(succeeded?.id ?? '')).toMatchObject({
      id: succeeded?.id,
      pending_webhooks: 0,
    });
  });

  test('declines, authentication, cancellation and processing are told', async () => {
    const hook = await receiver();
    const stripe = sdk(await standIn({ webhookUrl: hook.url }));
    await paid(stripe, { payment_method: 'pm_card_chargeDeclined' }).catch(() => undefined);
    const waiting = await paid(stripe, { payment_method: 'pm_card_threeDSecure2Required' });
    await stripe.paymentIntents.cancel(waiting.id);
    await paid(stripe, { currency: 'usd', payment_method: 'pm_usBankAccount' });
    for (const type of [
      'charge.failed',
      'payment_intent.payment_failed',
      'payment_intent.requires_action',
      'payment_intent.canceled',
      'payment_intent.processing',
    ]) {
      await hook.until(has(type));
    }
    expect(new Set(hook.events.map(({ id }) => id)).size).toBe(hook.events.length);
  });

  test('refused deliveries are retried, boundedly, and can be asked for again', async () => {
    const hook = await receiver();
    const server = await standIn({ webhookUrl: hook.url });
    hook.answerNext(500, 302, 500);
    const intent = await sdk(server).paymentIntents.create({ amount: 100, currency: 'eur' });
    await hook.until(has('payment_intent.created'));
    expect(hook.requests).toBe(4);
    hook.answerNext(500, 500, 500, 500);
    await sdk(server).paymentIntents.cancel(intent.id);
    await expect
      .poll(() => server.ledger().deliveries.map(({ state, attempts }) => [state, attempts.length]))
      .toEqual([
        ['delivered', 4],
        ['failed', 4],
      ]);
    const lost = server.ledger().events.find(({ type }) => type === 'payment_intent.canceled');
    await control(server, 'POST', `webhooks/redeliver/${lost?.id ?? ''}`);
    await hook.until(has('payment_intent.canceled'));
  });

  test('endpoints made over the API get only their events, signed with the secret that only their creation shows', async () => {
    const server = await standIn();
    const stripe = sdk(server);
    const secret = { current: '' };
    const hook = await receiver(() => secret.current);
    const made = await stripe.webhookEndpoints.create({
      url: hook.url,
      enabled_events: ['charge.succeeded'],
    });
    secret.current = made.secret ?? '';
    expect((await stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined();
    await paid(stripe);
    await hook.until(has('charge.succeeded'));
    expect(types(hook.events)).toEqual(['charge.succeeded']);
    expect(await stripe.webhookEndpoints.del(made.id)).toMatchObject({ deleted: true });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
    await paid(stripe);
    expect(server.ledger().deliveries).toHaveLength(1);
  });
});

describe('webhook faults', () => {
  const on = (effect: string, event: string, more: object = {}): object => ({
    on: 'webhook',
    event,
    effect,
    ...more,
  });

  test('duplicate, second event for one fact, and drop', async () => {
    const hook = await receiver();
    const server = await standIn({ webhookUrl: hook.url });
    await control(server, 'POST', 'faults', on('duplicate', 'payment_intent.created'));
    await control(server, 'POST', 'faults', on('second_event', 'charge.succeeded'));
    await control(server, 'POST', 'faults', on('drop', 'payment_intent.succeeded', { metadata: { orderId: 'lost' } }));
    await paid(sdk(server), { metadata: { orderId: 'lost' } });
    await hook.until((events) => events.length === 4);
    expect(types(hook.events)).toEqual([
      'payment_intent.created',
      'payment_intent.created',
      'charge.succeeded',
      'charge.succeeded',
    ]);
    expect(new Set(hook.events.map(({ id }) => id)).size).toBe(3);
    expect(server.ledger().deliveries.at(-1)).toMatchObject({
      type: 'payment_intent.succeeded',
      state: 'dropped',
    });
  });

  test('reorder: the failure is told after the success', async () => {
    const hook = await receiver();
    const server = await standIn({ webhookUrl: hook.url });
    const stripe = sdk(server);
    const { id } = await stripe.paymentIntents.create({ amount: 4_500, currency: 'eur' });
    await control(server, 'POST', 'faults', on('reorder', 'charge.succeeded', { paymentIntent: id }));
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    await hook.until(has('charge.succeeded'));
    expect(types(hook.events)).toEqual(['payment_intent.created', 'payment_intent.succeeded', 'charge.succeeded']);
  });

  test('delay: on the stand-in’s clock', async () => {
    const hook = await receiver();
    const server = await standIn({ webhookUrl: hook.url });
    await control(server, 'POST', 'faults', on('delay', 'payment_intent.succeeded', { delayMs: 3_600_000 }));
    await paid(sdk(server));
    await hook.until(has('charge.succeeded'));
    expect(types(hook.events)).not.toContain('payment_intent.succeeded');
    await control(server, 'POST', 'clock/advance', { ms: 3_600_000 });
    await hook.until(has('payment_intent.succeeded'));
  });
});

describe('the state file', () => {
  test('objects, keys, the clock and pending deliveries survive a restart, and a torn last line is dropped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stripe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const stateFile = join(folder, 'state.jsonl');
    const options = {
      secretKey: SECRET_KEY,
      webhookSecret: WEBHOOK_SECRET,
      stateFile,
      webhookRetryDelaysMs: [1, 1, 3_600_000],
    };
    const first = await startStripeStandIn({ ...options, webhookUrl: 'http://127.0.0.1:9/nobody' });
    const intent = await sdk(first).paymentIntents.create(
      { amount: 4_500, currency: 'eur', capture_method: 'manual' },
      { idempotencyKey: 'k' },
    );
    await control(first, 'POST', 'clock/advance', { ms: 3_600_000 });
    const before = first.ledger().paymentIntents;
    await first.close();
    appendFileSync(stateFile, '[["paymentIntents","pi_torn');

    const hook = await receiver();
    const second = await startStripeStandIn({ ...options, webhookUrl: hook.url });
    onTestFinished(() => second.close());
    expect(second.ledger().paymentIntents).toEqual(before);
    expect(second.ledger().now).toBeGreaterThan(Date.now() + 3_500_000);
    const replayed = await sdk(second).paymentIntents.create(
      { amount: 4_500, currency: 'eur', capture_method: 'manual' },
      { idempotencyKey: 'k' },
    );
    expect(replayed.id).toBe(intent.id);
    await control(second, 'POST', 'clock/advance', { ms: 3_600_000 });
    await hook.until(has('payment_intent.created'));
    expect((await sdk(second).paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })).status).toBe(
      'requires_capture',
    );
  });
});

describe('starting', () => {
  test('a taken port is refused before the state file of the other instance is touched', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stripe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const stateFile = join(folder, 'state.jsonl');
    const first = await standIn({ stateFile });
    const { ino } = statSync(stateFile);
    await expect(
      startStripeStandIn({ secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, stateFile, port: first.port }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(statSync(stateFile).ino).toBe(ino);
  });

  test('the command alone: help, and a server that answers and stops on SIGTERM', async () => {
    const main = new URL('../../local/stripe/main.ts', import.meta.url).pathname;
    expect(spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' }).stdout).toContain('--webhook-url');
    const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data: Buffer) => resolve(String(data))),
    );
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    expect((await fetch(`${url}/_stand-in/ledger`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
