import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';

import { takeStripeEvent } from '../../functions/payments/app/take-stripe-event.ts';
import { HANDLED_STRIPE_EVENTS } from '../../functions/payments/contract.ts';

const SECRET = 'whsec_unit';
const NOW = Date.UTC(2026, 10, 21, 12);
const ORDER = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

function eventText(as: { type?: string; id?: string; object?: unknown } = {}): string {
  const { type = 'payment_intent.succeeded', id = 'evt_1', object = { id: 'pi_1', metadata: { orderId: ORDER } } } = as;
  return JSON.stringify({ id, type, data: { object } });
}

function signature(payload: string, as: { secret?: string; at?: number; scheme?: string } = {}): string {
  const { secret = SECRET, at = NOW, scheme = 'v1' } = as;
  const seconds = Math.floor(at / 1_000);
  return `t=${seconds},${scheme}=${createHmac('sha256', secret).update(`${seconds}.${payload}`).digest('hex')}`;
}

const take = (
  payload: string,
  header: string | undefined,
  secrets: readonly string[] = [SECRET],
): ReturnType<typeof takeStripeEvent> => takeStripeEvent(payload, header, secrets, NOW);

describe('an event of ours', () => {
  it.each(HANDLED_STRIPE_EVENTS.filter((type) => type.startsWith('payment_intent.')))(
    '%s becomes a message that names what to look at, and nothing of its state',
    (type) => {
      const payload = eventText({
        type,
        object: { id: 'pi_1', status: 'succeeded', amount: 1, metadata: { orderId: ORDER } },
      });
      expect(take(payload, signature(payload))).toEqual({
        ok: true,
        value: {
          id: 'stripe/evt_1',
          name: 'payments.PaymentReported.v1',
          occurredAt: '2026-11-21T12:00:00.000Z',
          correlationId: 'evt_1',
          aggregate: { type: 'payment', id: 'pi_1' },
          version: 1,
          data: { stripeEventId: 'evt_1', type, paymentIntentId: 'pi_1', orderId: ORDER },
        },
      });
    },
  );

  it.each(HANDLED_STRIPE_EVENTS.filter((type) => !type.startsWith('payment_intent.')))(
    '%s becomes a message that names its object and payment, whoever made it',
    (type) => {
      for (const [given, paymentIntentId] of [
        ['pi_1', 'pi_1'],
        [{ id: 'pi_2', amount: 1 }, 'pi_2'],
        [null, undefined],
      ] as const) {
        const payload = eventText({
          type,
          object: { id: 're_1', status: 'failed', metadata: null, payment_intent: given },
        });
        expect(take(payload, signature(payload))).toMatchObject({
          ok: true,
          value: {
            name: 'payments.ChargeReported.v1',
            data: {
              stripeEventId: 'evt_1',
              type,
              objectId: 're_1',
              ...(paymentIntentId === undefined ? {} : { paymentIntentId }),
            },
          },
        });
      }
    },
  );

  it('is taken as the SDK itself signs it', () => {
    const payload = eventText();
    const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: NOW / 1_000 });
    expect(take(payload, header).ok).toBe(true);
  });

  it('may be signed by any of several secrets, and carry several signatures, while they are rotated', () => {
    const payload = eventText();
    const [seconds, old = ''] = signature(payload, { secret: 'whsec_old' }).split(',');
    const [, current = ''] = signature(payload).split(',');
    expect(take(payload, signature(payload), ['whsec_old', SECRET]).ok).toBe(true);
    expect(take(payload, `${seconds},${old},${current}`).ok).toBe(true);
    expect(take(payload, `${seconds},v0=abcd,${current}`).ok).toBe(true);
  });

  it.each([
    ['of a type that we do not handle', { type: 'charge.succeeded' }],
    ['without an order', { object: { id: 'pi_1' } }],
    ['with an order id that is none', { object: { id: 'pi_1', metadata: { orderId: '../../etc' } } }],
  ])('one %s is acknowledged and dropped', (_what, as) => {
    const payload = eventText(as);
    expect(take(payload, signature(payload))).toEqual({ ok: true, value: undefined });
  });
});

describe("a delivery that is not Stripe's", () => {
  const payload = eventText();

  it.each([
    ['no header', undefined, 'NO_SIGNATURE'],
    ['an empty header', '', 'NO_SIGNATURE'],
    ['no timestamp', signature(payload).split(',')[1], 'NO_SIGNATURE'],
    ['a timestamp that is no number', signature(payload).replace(/t=\d+/, 't=soon'), 'NO_SIGNATURE'],
    ['only an older scheme', signature(payload, { scheme: 'v0' }), 'NO_SIGNATURE'],
    ['another secret', signature(payload, { secret: 'whsec_other' }), 'SIGNATURE_WRONG'],
    ['an empty signature', `t=${NOW / 1_000},v1=`, 'SIGNATURE_WRONG'],
    ['half a signature', signature(payload).slice(0, -32), 'SIGNATURE_WRONG'],
    ['a signature that is no hex', `t=${NOW / 1_000},v1=zz`, 'SIGNATURE_WRONG'],
    ['the signature of another moment', signature(payload).replace(/t=\d+/, `t=${NOW / 1_000 - 1}`), 'SIGNATURE_WRONG'],
    ['an age of more than five minutes', signature(payload, { at: NOW - 301_000 }), 'SIGNATURE_OLD'],
    ['a time five minutes ahead', signature(payload, { at: NOW + 301_000 }), 'SIGNATURE_OLD'],
  ])('with %s is refused as %s', (_what, header, refusal) => {
    expect(take(payload, header)).toEqual({ ok: false, error: refusal });
  });

  it('at the edge of the tolerance is taken', () => {
    expect(take(payload, signature(payload, { at: NOW - 300_000 })).ok).toBe(true);
  });

  it('is refused whichever byte was changed', () => {
    fc.assert(
      fc.property(fc.nat(payload.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, letter) => {
        fc.pre(payload[index] !== letter);
        const forged = payload.slice(0, index) + letter + payload.slice(index + 1);
        expect(take(forged, signature(payload))).toEqual({ ok: false, error: 'SIGNATURE_WRONG' });
      }),
    );
  });

  it('no header makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(take(payload, header).ok).toBe(false);
      }),
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '{',
    '"evt"',
    '{"id":"evt_1"}',
    eventText({ id: 'evt 1' }),
    eventText({ object: { id: 7 } }),
  ])('signed garbage is no event: %s', (garbage) => {
    expect(take(garbage, signature(garbage))).toEqual({ ok: false, error: 'NOT_AN_EVENT' });
  });
});
