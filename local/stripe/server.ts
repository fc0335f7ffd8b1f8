import { createServer } from 'node:http';
import { answerApi } from './api.ts';
import { standInClock } from './clock.ts';
import { answerControl, CONTROL_PREFIX } from './control.ts';
import { engine as makeEngine, type Engine } from './engine.ts';
import { faults as makeFaults } from './faults.ts';
import { send } from './http.ts';
import { idempotency as makeIdempotency } from './idempotency.ts';
import { ledgerOf, type Ledger } from './ledger.ts';
import { matchesType } from './routes-events.ts';
import { openStore } from './store.ts';
import { webhooks as makeWebhooks, type Target } from './webhooks.ts';

/** How the stand-in is started. */
export interface StripeStandInOptions {
  /** Interface to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** The secret key that callers must send, such as `sk_test_…`. */
  readonly secretKey: string;
  /** Signs what goes to `webhookUrl`, such as `whsec_…`. */
  readonly webhookSecret: string;
  /** Where events go; a function is asked at each delivery. Without it only endpoints made over the API get them. */
  readonly webhookUrl?: string | (() => string);
  /** The state survives restarts here; without it everything is forgotten. */
  readonly stateFile?: string;
  /** Unix milliseconds; default the machine's clock. */
  readonly clock?: () => number;
  /** Told of lost deliveries and unexpected errors; default nowhere. */
  readonly log?: (line: string) => void;
  /** Waits between webhook attempts, in milliseconds; default 0.1, 0.3, 1, 3, 10, 30 and 60 s. */
  readonly webhookRetryDelaysMs?: readonly number[];
  /** How long an endpoint may take, in milliseconds; default 10,000. */
  readonly webhookTimeoutMs?: number;
  /** How long `processing` payments and asynchronous refunds take, in milliseconds; default 3,000. */
  readonly asyncDelayMs?: number;
}

/** A running stand-in. */
export interface StripeStandIn {
  readonly url: string;
  readonly port: number;
  /** All money it has seen. */
  ledger(): Ledger;
  /** Stops listening, waits for deliveries under way and writes the state. */
  close(): Promise<void>;
}

const RETRY_DELAYS_MS = [100, 300, 1_000, 3_000, 10_000, 30_000, 60_000];

/**
 * Starts a Stripe stand-in.
 * @throws when the port is taken or the state file cannot be written
 */
export async function startStripeStandIn(options: StripeStandInOptions): Promise<StripeStandIn> {
  const host = options.host ?? '127.0.0.1';
  const log = options.log ?? (() => undefined);
  // The port first: a second instance must fail before it touches the first one's state file. Requests
  // wait, since nothing else runs until the handler below is in place.
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const store = openStore(options.stateFile, log);
  const clock = standInClock(options.clock ?? Date.now, store);
  const faults = makeFaults();

  const targetsFor = (type: string): readonly Target[] => {
    const configured = typeof options.webhookUrl === 'function' ? options.webhookUrl() : (options.webhookUrl ?? '');
    const made = store.webhookEndpoints
      .all()
      .flatMap(({ id, secret, object }) =>
        object.enabled_events.some((pattern) => matchesType(pattern, type))
          ? [{ endpoint: id, url: object.url, secret }]
          : [],
      );
    return configured === ''
      ? made
      : [{ endpoint: 'configured', url: configured, secret: options.webhookSecret }, ...made];
  };
  // The sender and the engine know each other; the engine is made last.
  const late: { engine?: Engine } = {};
  const webhooks = makeWebhooks(store, clock, {
    targetsFor,
    retryDelaysMs: options.webhookRetryDelaysMs ?? RETRY_DELAYS_MS,
    timeoutMs: options.webhookTimeoutMs ?? 10_000,
    onSettled: () => late.engine?.arm(),
    log,
  });
  const engine = makeEngine({
    store,
    clock,
    faults,
    webhooks,
    endpointCount: (type) => targetsFor(type).length,
    baseUrl: () => url,
    asyncDelayMs: options.asyncDelayMs ?? 3_000,
    log,
  });
  late.engine = engine;
  const api = {
    engine,
    idempotency: makeIdempotency(store, clock),
    secretKey: options.secretKey,
    log,
  };

  server.on('request', (request, response) => {
    // A client that goes away in mid-request must not end the process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const target = URL.canParse(request.url ?? '/', 'http://stand-in')
      ? new URL(request.url ?? '/', 'http://stand-in')
      : undefined;
    if (target === undefined)
      send(response, 400, JSON.stringify({ error: { type: 'invalid_request_error', message: 'Malformed URL.' } }));
    else if (request.method === 'OPTIONS') preflight(response);
    else if (target.pathname.startsWith(`${CONTROL_PREFIX}/`))
      void answerControl({ engine, webhooks, log }, request, response, target);
    else void answerApi(api, request, response, target);
  });

  engine.runDue();
  engine.arm();

  return {
    url,
    port,
    ledger: () => ledgerOf(store, clock.now()),
    async close() {
      engine.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await webhooks.stop();
      engine.stop();
      await store.close();
    },
  };
}

/** Browsers may confirm with a client secret from any origin, as they may at Stripe. */
function preflight(response: Parameters<typeof send>[0]): void {
  send(response, 204, '', {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type, idempotency-key, stripe-version',
    'access-control-max-age': '300',
  });
}
