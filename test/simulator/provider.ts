import Stripe from 'stripe';

import { answerApi } from '../../local/stripe/api.ts';
import { standInClock } from '../../local/stripe/clock.ts';
import { decideDispute } from '../../local/stripe/disputes.ts';
import { engine as makeEngine, type Engine } from '../../local/stripe/engine.ts';
import { faults } from '../../local/stripe/faults.ts';
import { idempotency } from '../../local/stripe/idempotency.ts';
import { ledgerOf, type Ledger } from '../../local/stripe/ledger.ts';
import { openStore } from '../../local/stripe/store.ts';
import { webhooks } from '../../local/stripe/webhooks.ts';
import { gatewayOn, type PaymentGateway } from '../../functions/payments/gateway.ts';
import type { FaultKind, Scheduler } from './scheduler.ts';

const SECRET_KEY = 'sk_test_simulator_0123456789';
const KEY = 'idempotency-key';
const CALL_FAULTS = ['CRASH_BEFORE', 'CRASH_AFTER', 'LOST', 'TIMEOUT', 'RATE_LIMIT'] as const;

/** An answer over HTTP. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A route whose idempotency keys have been forgotten, or are another one each time. */
export interface Keyless {
  readonly route: string;
  readonly sends: 'NONE' | 'FRESH';
}

type Request = (path: string, method: string, headers: object, body: string) => Promise<Answer>;

/**
 * The payment provider of a history: the stand-in that the local system has, without its sockets. The gateway under
 * test and the buyer's browser talk to it through Stripe's own SDK.
 */
export class Provider {
  /** What the system under test uses. */
  readonly gateway: PaymentGateway;
  /** What a buyer's browser uses: nothing befalls its calls. */
  readonly browser: Stripe;
  readonly #engine: Engine;
  readonly #api: Parameters<typeof answerApi>[0];
  readonly #scheduler: Scheduler;
  readonly #changed: () => void;
  readonly #keyless: Keyless | undefined;
  /** The first request of ours that would come about twice if it were sent twice. */
  fault: string | undefined;
  #seen = 0;

  /**
   * @param changed told after each request that may have changed something
   * @param keyless what has been forgotten
   */
  constructor(scheduler: Scheduler, changed: () => void, keyless?: Keyless) {
    this.#keyless = keyless;
    this.#scheduler = scheduler;
    this.#changed = changed;
    const log = (): void => undefined;
    const store = openStore(undefined, log);
    const clock = standInClock(() => scheduler.now, store);
    const sender = webhooks(store, clock, {
      targetsFor: () => [],
      retryDelaysMs: [],
      timeoutMs: 0,
      onSettled: () => undefined,
      log,
    });
    this.#engine = makeEngine({
      store,
      clock,
      faults: faults(),
      webhooks: sender,
      endpointCount: () => 1,
      baseUrl: () => 'http://provider.test',
      asyncDelayMs: 3_000,
      log,
    });
    this.#api = { engine: this.#engine, idempotency: idempotency(store, clock), secretKey: SECRET_KEY, log };
    this.browser = sdkOver((...request) => this.#answer(...request));
    const ours = sdkOver((...request) => this.#ask(...request));
    this.gateway = gatewayOn(async () => ours);
  }

  ledger(): Ledger {
    return ledgerOf(this.#engine.store, this.#engine.clock.now());
  }

  /** Events that have been raised since the last time that somebody asked. */
  news(): readonly Stripe.Event[] {
    const all = this.#engine.store.events.all();
    const fresh = all.slice(this.#seen);
    this.#seen = all.length;
    return fresh;
  }

  /** Lets a payment or refund that takes its time come to an end now. */
  settle(id: string, outcome: 'succeeded' | 'failed'): void {
    this.#engine.settle(id, outcome);
    this.#changed();
  }

  /** Lets the bank decide about a payment that its owner disputes. */
  decideDispute(paymentIntentId: string, outcome: 'won' | 'lost'): void {
    const { store } = this.#engine;
    const open = store.disputes.all().find(({ payment_intent }) => payment_intent === paymentIntentId);
    if (open === undefined) throw new Error(`Nobody disputes ${paymentIntentId}`);
    this.#engine.commit(decideDispute(open, outcome, this.#engine.tools()), { id: null, idempotency_key: null });
    this.#changed();
  }

  async #ask(path: string, method: string, headers: object, body: string): Promise<Answer> {
    const route = `${method} ${path.replace(/\?.*/, '').replace(/\/(?:pi|ch|re|du)_\w+/g, '/:id')}`;
    let struck: FaultKind | undefined;
    const sent = route === this.#keyless?.route ? this.#forgotten(headers, this.#keyless) : headers;
    if (method === 'POST') this.fault ??= keyFault(route, path, sent, body);
    const run = (): Promise<Answer> => this.#answer(path, method, sent, body);
    try {
      return await this.#scheduler.call({
        label: `stripe ${route}`,
        kinds: method === 'POST' ? [...CALL_FAULTS, 'STORED_500'] : CALL_FAULTS,
        effect: run,
        failure: (kind) => {
          struck = kind;
          return new Error('socket hang up');
        },
      });
    } catch (error) {
      if (struck !== 'RATE_LIMIT' && struck !== 'STORED_500') throw error;
      // These the provider says itself, and remembers the second one.
      const effect = struck === 'RATE_LIMIT' ? 'rate_limit' : 'error_stored';
      this.#engine.faults.add(`fault_${this.#scheduler.calls.length}`, {
        on: 'request',
        route: '*',
        effect,
        times: 1,
        skip: 0,
      });
      return run();
    }
  }

  #forgotten(headers: object, { sends }: Keyless): object {
    const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== KEY));
    return sends === 'NONE' ? others : { ...others, [KEY]: `fresh/${this.#scheduler.calls.length}` };
  }

  async #answer(path: string, method: string, headers: object, body: string): Promise<Answer> {
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    const request = {
      method,
      url: path,
      headers: lower,
      socket: { destroyed: false, once: () => undefined, destroy: () => undefined },
      async *[Symbol.asyncIterator]() {
        if (body !== '') yield Buffer.from(body);
      },
    };
    const answer = { status: 0, headers: {}, text: '' };
    const response = {
      destroyed: false,
      writeHead: (status: number, sent: Record<string, string>) => {
        Object.assign(answer, { status, headers: sent });
      },
      end: (text: string) => {
        answer.text = text;
      },
    };
    type Parameters_ = Parameters<typeof answerApi>;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that the stand-in reads of a request and calls of a response
    const [from, to] = [request, response] as unknown as [Parameters_[1], Parameters_[2]];
    await answerApi(this.#api, from, to, new URL(path, 'http://provider.test'));
    // Reading changes nothing that could be judged.
    if (method !== 'GET') this.#changed();
    return answer;
  }
}

/**
 * What is wrong with the idempotency key of a request. One that does not name what it is for (the payment, its order, or the
 * cause of a refund) is another one when the request is made again.
 */
function keyFault(route: string, path: string, headers: object, body: string): string | undefined {
  const key = Object.entries(headers).find(([name]) => name.toLowerCase() === KEY)?.[1];
  if (typeof key !== 'string') return `${route} was asked without an idempotency key`;
  const form = new URLSearchParams(body);
  const subject = /pi_\w+/.exec(path)?.[0] ?? form.get('metadata[cause]') ?? form.get('metadata[orderId]');
  return subject !== null && key.includes(subject)
    ? undefined
    : `${route} was asked under the key ${key}, which says nothing`;
}

function sdkOver(request: Request): Stripe {
  const httpClient: NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['httpClient']> = {
    getClientName: () => 'simulator',
    makeRequest: async (_host, _port, path, method, headers, data) => {
      const { status, headers: sent, text } = await request(path, method, headers, data);
      return {
        getStatusCode: () => status,
        getHeaders: () => ({ ...sent }),
        getRawResponse: () => ({}),
        toStream: (done) => {
          done();
          return text;
        },
        toJSON: async () => JSON.parse(text),
      };
    },
  };
  return new Stripe(SECRET_KEY, { maxNetworkRetries: 0, telemetry: false, httpClient });
}
