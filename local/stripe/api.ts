import { setTimeout as wait } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import { StripeFailure, rateLimited, serverError } from './errors.ts';
import { checkExpand, expandAnswer } from './expand.ts';
import type { FaultSubject, RequestEffect } from './faults.ts';
import { canonicalForm, decodeForm, type FormHash } from './form.ts';
import { BodyTooLarge, ClientGone, header, readBody, send } from './http.ts';
import type { Idempotency } from './idempotency.ts';
import { authenticate } from './keys.ts';
import { publicView } from './payment-intents.ts';
import { eventAndEndpointRoutes } from './routes-events.ts';
import { moneyRoutes } from './routes-money.ts';
import { paymentIntentRoutes } from './routes-payment-intents.ts';
import { router, type Route } from './routing.ts';
import { newId } from './store.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Every route of the stand-in's Stripe API. */
export const routes: readonly Route[] = [...paymentIntentRoutes, ...moneyRoutes, ...eventAndEndpointRoutes];
const table = router(routes);

/** What the API needs besides the engine. */
export interface ApiParts {
  readonly engine: Engine;
  readonly idempotency: Idempotency;
  readonly secretKey: string;
  readonly log: (line: string) => void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers one request to `/v1`. Never throws. */
export async function answerApi(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const requestId = newId('req').slice(0, 18);
  const common = {
    'request-id': requestId,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Request-Id, Stripe-Should-Retry, Idempotent-Replayed',
    'stripe-version': header(request, 'stripe-version') ?? '2026-10-28.endive',
  };
  let answer: Answer | 'drop';
  try {
    answer = await process(parts, request, url, requestId);
  } catch (error) {
    answer = error instanceof ClientGone ? 'drop' : failed(error, false, parts.log);
  }
  if (answer === 'drop') {
    request.socket.destroy();
    return;
  }
  send(response, answer.status, answer.body, { ...common, ...answer.headers });
}

function failed(error: unknown, client: boolean, log: (line: string) => void): Answer {
  const failure = toFailure(error, log);
  const intent = failure.body.payment_intent;
  const body = client && intent !== undefined ? { ...failure.body, payment_intent: publicView(intent) } : failure.body;
  return {
    status: failure.status,
    body: JSON.stringify({ error: body }, null, 2),
    headers: failure.headers,
  };
}

function toFailure(error: unknown, log: (line: string) => void): StripeFailure {
  if (error instanceof StripeFailure) return error;
  if (error instanceof BodyTooLarge) {
    return new StripeFailure(
      413,
      { type: 'invalid_request_error', message: 'Request body is too large.' },
      'validation',
      { connection: 'close' },
    );
  }
  log(`stripe stand-in: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return serverError();
}

async function process(
  parts: ApiParts,
  request: IncomingMessage,
  url: URL,
  requestId: string,
): Promise<Answer | 'drop'> {
  const { engine } = parts;
  const method = request.method ?? 'GET';
  const sent = method === 'POST' ? await readBody(request) : '';
  const found = table.find(method, url.pathname);
  const client = authenticate(parts.secretKey, request, found?.route.clientMay ?? false, sent, url);
  if (found === undefined) {
    throw new StripeFailure(
      404,
      {
        type: 'invalid_request_error',
        message: `Unrecognized request URL (${method}: ${url.pathname}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. The local Stripe stand-in covers the routes named in local/stripe/README.md.`,
      },
      'validation',
    );
  }
  if (sent !== '' && (header(request, 'content-type') ?? '').includes('json')) {
    throw new StripeFailure(
      400,
      {
        type: 'invalid_request_error',
        message: 'Invalid request: this API takes application/x-www-form-urlencoded bodies, not JSON.',
      },
      'validation',
    );
  }
  const form = decodeForm(method === 'POST' ? sent : url.search.slice(1));
  const { route, id } = found;
  const name = `${route.method} ${route.path}`;
  const effects = engine.faults.forRequest(name, () => subjectOf(engine, id, form));
  const has = (effect: RequestEffect['effect']): boolean => effects.some((fault) => fault.effect === effect);
  const delay = (effect: RequestEffect['effect']): number =>
    Math.max(0, ...effects.map((fault) => (fault.effect === effect ? (fault.delayMs ?? 0) : 0)));

  if (has('rate_limit')) throw rateLimited();
  if (has('error_before')) throw serverError();
  if (has('timeout_before')) return silence(request);

  const given = method === 'POST' ? header(request, 'idempotency-key') : undefined;
  // Keys of a client-secret caller are apart from those of the account.
  const key = given === undefined ? undefined : `${client ? 'client' : 'account'}:${given}`;
  const fingerprint = `${url.pathname}?${canonicalForm(form)}`;
  const echoed: Record<string, string> = given === undefined ? {} : { 'idempotency-key': given };

  let answer: Answer;
  const kept = key === undefined ? undefined : parts.idempotency.begin(key, fingerprint);
  if (kept !== undefined) {
    answer = {
      status: kept.status,
      body: kept.body,
      headers: { ...echoed, 'idempotent-replayed': 'true', 'original-request': kept.requestId },
    };
  } else {
    let stored = false;
    try {
      if (delay('delay_before') > 0) await wait(delay('delay_before'), undefined, { ref: false });
      const executed = execute(parts, route, id, form, {
        client,
        requestId,
        key: given ?? null,
        forced: has('error_stored'),
        balanceInsufficient: has('balance_insufficient'),
      });
      answer = { ...executed.answer, headers: { ...executed.answer.headers, ...echoed } };
      if (has('error_after'))
        answer = { ...failed(serverError({ 'stripe-should-retry': 'false' }), client, parts.log) };
      if (delay('delay_after') > 0) await wait(delay('delay_after'), undefined, { ref: false });
      if (key !== undefined && executed.keep) {
        parts.idempotency.finish(key, {
          fingerprint,
          status: answer.status,
          body: answer.body,
          requestId,
        });
        stored = true;
      }
    } finally {
      if (key !== undefined && !stored) parts.idempotency.abandon(key);
    }
  }
  if (has('timeout_after')) return silence(request);
  return has('lost_answer') ? 'drop' : answer;
}

interface Execution {
  readonly client: boolean;
  readonly requestId: string;
  readonly key: string | null;
  readonly forced: boolean;
  readonly balanceInsufficient: boolean;
}

function execute(
  parts: ApiParts,
  route: Route,
  id: string,
  form: FormHash,
  how: Execution,
): { readonly answer: Answer; readonly keep: boolean } {
  const { engine } = parts;
  try {
    const prepared = route.prepare(form);
    checkExpand(prepared.expand);
    if (how.forced) throw serverError({ 'stripe-should-retry': 'false' });
    engine.runDue();
    const object = prepared.run({
      engine,
      id,
      client: how.client,
      cause: { id: how.requestId, idempotency_key: how.key },
      balanceInsufficient: how.balanceInsufficient,
    });
    const expanded = prepared.expand.length === 0 ? object : expandAnswer(object, prepared.expand, engine.store);
    return { answer: { status: 200, body: JSON.stringify(expanded), headers: {} }, keep: true };
  } catch (error) {
    const keep = !(error instanceof StripeFailure) || error.phase === 'execution';
    return { answer: failed(error, how.client, parts.log), keep };
  } finally {
    engine.arm();
  }
}

/** Holds the request until its client gives up. */
function silence(request: IncomingMessage): Promise<'drop'> {
  return new Promise((resolve) => {
    if (request.socket.destroyed) resolve('drop');
    else request.socket.once('close', () => resolve('drop'));
  });
}

/** What a request is about: its own metadata, its object's and its PaymentIntent's. */
function subjectOf(engine: Engine, id: string, form: FormHash): FaultSubject {
  const { store } = engine;
  const named = form['payment_intent'] ?? id;
  const charge = typeof form['charge'] === 'string' ? store.charges.get(form['charge']) : store.charges.get(id);
  const money = store.refunds.get(id) ?? store.disputes.get(id) ?? charge;
  const intentId = money === undefined ? named : money.payment_intent;
  const intent = typeof intentId === 'string' ? store.paymentIntents.get(intentId) : undefined;
  const sent: Record<string, string> = {};
  const own = form['metadata'];
  if (typeof own === 'object')
    for (const [key, value] of Object.entries(own)) if (typeof value === 'string') sent[key] = value;
  return {
    paymentIntent: intent?.id ?? null,
    metadata: [
      sent,
      ...(intent === undefined ? [] : [intent.metadata]),
      ...(money === undefined || money.metadata === null ? [] : [money.metadata]),
    ],
  };
}
