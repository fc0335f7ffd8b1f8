import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { ApiClient, payByCard, type ApiAnswer } from './client.ts';
import { createdOrder, order, reservation } from './shapes.ts';
import { waitFor } from './waiting.ts';

/** Where buyers go. */
export interface RaceOptions {
  readonly url: string;
  readonly stripeUrl: string;
  readonly ticketTypeId: string;
  /** An access token for each buyer. */
  readonly tokens: readonly string[];
}

/** How it went for one buyer; times in milliseconds. */
export interface BuyerResult {
  readonly outcome:
    | { readonly kind: 'SOLD'; readonly orderId: string }
    | { readonly kind: 'REFUSED'; readonly code: string };
  /** What each step took, the waits in between included. */
  readonly took: Readonly<Partial<Record<RaceStep, number>>>;
  /** Times that a step was told to come back (429, 503). */
  readonly toldToComeBack: number;
}

export const RACE_STEPS = ['hold', 'order', 'pay', 'confirm'] as const;
export type RaceStep = (typeof RACE_STEPS)[number];

/** A client that is told to come back does so as often as this. */
const COMEBACKS = 20;
const FINISHED_WITHIN_MS = 120_000;

/**
 * Lets all buyers go for one ticket each at the same moment: hold, order, pay, confirm, as a client would,
 * coming back when told to and never taking "busy" for "sold out".
 *
 * @param progress told how many have finished
 */
export async function race(
  options: RaceOptions,
  progress: (finished: number) => void,
): Promise<readonly BuyerResult[]> {
  const api = new ApiClient(options.url);
  let finished = 0;
  return Promise.all(
    options.tokens.map(async (token) => {
      const result = await new Buyer(api, options, token).buy();
      progress((finished += 1));
      return result;
    }),
  );
}

class Buyer {
  readonly #api: ApiClient;
  readonly #options: RaceOptions;
  readonly #token: string;
  readonly #took: Partial<Record<RaceStep, number>> = {};
  #comebacks = 0;

  constructor(api: ApiClient, options: RaceOptions, token: string) {
    this.#api = api;
    this.#options = options;
    this.#token = token;
  }

  async buy(): Promise<BuyerResult> {
    const token = this.#token;
    const items = [{ ticketTypeId: this.#options.ticketTypeId, quantity: 1 }];
    // One key for all tries of a step: a retry after a lost answer is no second hold.
    const held = await this.#step('hold', randomUUID(), (key) =>
      this.#api.send({ method: 'POST', path: '/api/reservations', token, key, body: { items } }, reservation),
    );
    if (!held.ok) return this.#refused(held.problem.code);
    const { reservationId } = held.body;
    const ordered = await this.#step('order', randomUUID(), (key) =>
      this.#api.send({ method: 'POST', path: '/api/orders', token, key, body: { reservationId } }, createdOrder),
    );
    if (!ordered.ok) return this.#refused(ordered.problem.code);
    const { orderId, paymentIntentId, paymentClientSecret } = ordered.body;

    const startedAt = performance.now();
    const payment = { id: paymentIntentId, clientSecret: paymentClientSecret };
    const card = await payByCard(this.#options.stripeUrl, payment, 'pm_card_visa');
    this.#took.pay = performance.now() - startedAt;
    if (!card.ok) return this.#refused(card.code);

    const confirmed = await this.#step('confirm', randomUUID(), (key) =>
      this.#api.send(
        { method: 'POST', path: '/api/payments/confirm', token, key, body: { orderId, paymentIntentId } },
        order,
      ),
    );
    if (!confirmed.ok) return this.#refused(confirmed.problem.code);
    const status = confirmed.status === 200 ? confirmed.body.status : await this.#decided(orderId);
    return status === 'PAID' ? this.#result({ kind: 'SOLD', orderId }) : this.#refused(status);
  }

  /** Answered 202: the run that the webhook started is still going, or the reconciler must finish it. */
  async #decided(orderId: string): Promise<string> {
    return waitFor(undefined, `order ${orderId}`, FINISHED_WITHIN_MS, async () => {
      const { status } = await this.#api.call(
        { method: 'GET', path: `/api/orders/${orderId}`, token: this.#token },
        order,
      );
      return status === 'PENDING' ? undefined : status;
    });
  }

  async #step<T>(name: RaceStep, key: string, send: (key: string) => Promise<ApiAnswer<T>>): Promise<ApiAnswer<T>> {
    const startedAt = performance.now();
    for (let comeback = 0; ; comeback += 1) {
      const answer = await send(key);
      const again = !answer.ok && (answer.status === 429 || answer.status === 503) && comeback < COMEBACKS;
      if (!again) {
        this.#took[name] = performance.now() - startedAt;
        return answer;
      }
      this.#comebacks += 1;
      await delay(Math.max(answer.retryAfter, 1) * 1_000 * (0.5 + Math.random()));
    }
  }

  #refused(code: string): BuyerResult {
    return this.#result({ kind: 'REFUSED', code });
  }

  #result(outcome: BuyerResult['outcome']): BuyerResult {
    return { outcome, took: this.#took, toldToComeBack: this.#comebacks };
  }
}
