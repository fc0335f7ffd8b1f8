import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod/mini';

import { AdviceError } from '../audit/local-system.ts';
import { ApiClient, payByCard, type ApiAnswer } from './client.ts';
import { createdOrder, order, reservation } from './shapes.ts';

/** Where buyers go. */
export interface RaceOptions {
  readonly url: string;
  readonly stripeUrl: string;
  readonly ticketTypeId: string;
  /** An access token for each buyer. */
  readonly tokens: readonly string[];
}

/** What a buyer was told. */
export type Outcome =
  | { readonly kind: 'SOLD'; readonly orderId: string }
  | { readonly kind: 'REFUSED'; readonly code: string }
  /** Paid by card, and the confirmation decided nothing; `answer` is what came instead, such as `202`. */
  | { readonly kind: 'UNKNOWN'; readonly orderId: string; readonly answer: string };

/** As {@link Outcome}, with the status that an undecided order had once the system was at rest. */
export type SettledOutcome =
  | Exclude<Outcome, { readonly kind: 'UNKNOWN' }>
  | { readonly kind: 'WAITED'; readonly orderId: string; readonly answer: string; readonly status: string };

/** How it went for one buyer; times in milliseconds. */
export interface BuyerResult<O = Outcome> {
  readonly outcome: O;
  /** What each step took, the waits in between included. */
  readonly took: Readonly<Partial<Record<RaceStep, number>>>;
  /** Times that a step was told to come back (429, 503). */
  readonly toldToComeBack: number;
}

export const RACE_STEPS = ['hold', 'order', 'pay', 'confirm'] as const;
export type RaceStep = (typeof RACE_STEPS)[number];

/** A client that is told to come back does so as often as this. */
const COMEBACKS = 20;

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

    return this.#result(await this.#confirm(orderId, paymentIntentId));
  }

  /** From here on the card is charged, so only an answer that decides is taken for "refused". */
  async #confirm(orderId: string, paymentIntentId: string): Promise<Outcome> {
    const body = { orderId, paymentIntentId };
    let confirmed: ApiAnswer<z.infer<typeof order>>;
    try {
      confirmed = await this.#step('confirm', randomUUID(), (key) =>
        this.#api.send({ method: 'POST', path: '/api/payments/confirm', token: this.#token, key, body }, order),
      );
    } catch (error) {
      if (!isLostAnswer(error)) throw error;
      return { kind: 'UNKNOWN', orderId, answer: 'no answer' };
    }
    return outcomeOfConfirm(orderId, confirmed);
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

  #result(outcome: Outcome): BuyerResult {
    return { outcome, took: this.#took, toldToComeBack: this.#comebacks };
  }
}

/**
 * What the answer to a confirmation says of the order. 202, 429 and 5xx decide nothing: the webhook of the
 * same payment may pay the order yet, or has already.
 */
export function outcomeOfConfirm(orderId: string, confirmed: ApiAnswer<{ readonly status: string }>): Outcome {
  if (!confirmed.ok) {
    const { status, problem } = confirmed;
    if (status === 429 || status >= 500) return { kind: 'UNKNOWN', orderId, answer: `${status} ${problem.code}` };
    return { kind: 'REFUSED', code: problem.code };
  }
  if (confirmed.status === 202) return { kind: 'UNKNOWN', orderId, answer: '202' };
  const { status } = confirmed.body;
  return status === 'PAID' ? { kind: 'SOLD', orderId } : { kind: 'REFUSED', code: status };
}

/**
 * Reads every undecided order; to be called when the system is at rest.
 *
 * @param statusOf the status of an order, read as the buyer at that place of `results`
 */
export async function settleRace(
  results: readonly BuyerResult[],
  statusOf: (orderId: string, buyer: number) => Promise<string>,
): Promise<readonly BuyerResult<SettledOutcome>[]> {
  const settled: BuyerResult<SettledOutcome>[] = [];
  // One after the other: so many at once would be told to come back themselves.
  for (const [buyer, { outcome, ...rest }] of results.entries()) {
    if (outcome.kind !== 'UNKNOWN') {
      settled.push({ ...rest, outcome });
      continue;
    }
    const { orderId, answer } = outcome;
    settled.push({ ...rest, outcome: { kind: 'WAITED', orderId, answer, status: await statusOf(orderId, buyer) } });
  }
  return settled;
}

/** A connection that was refused or broke off, or an answer that took too long; not a bug of ours. */
function isLostAnswer(error: unknown): boolean {
  return (
    error instanceof AdviceError ||
    error instanceof TypeError ||
    (error instanceof DOMException && error.name === 'TimeoutError')
  );
}
