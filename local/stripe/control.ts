import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { finishAuthentication } from './settlement.ts';
import { decideDispute, openDispute } from './disputes.ts';
import type { Engine } from './engine.ts';
import { StripeFailure } from './errors.ts';
import { subjectOf } from './events.ts';
import { faultInput } from './faults.ts';
import { BodyTooLarge, ClientGone, readBody, send } from './http.ts';
import { ledgerOf } from './ledger.ts';
import { newId } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/** Everything under this path is the stand-in's own; Stripe has none of it. */
export const CONTROL_PREFIX = '/_stand-in';

const advanceInput = z.strictObject({
  ms: z
    .number()
    .int()
    .min(1)
    .max(400 * 86_400_000),
});
const settleInput = z.strictObject({
  outcome: z.enum(['succeeded', 'failed']).nullable().default(null),
});
const disputeInput = z.strictObject({
  charge: z.string(),
  amount: z.number().int().min(1).optional(),
  reason: z.string().min(1).max(100).default('fraudulent'),
});
const decideInput = z.strictObject({ outcome: z.enum(['won', 'lost']) });

const CAUSE = { id: null, idempotency_key: null } as const;

/** What the control API steers. */
export interface ControlParts {
  readonly engine: Engine;
  readonly webhooks: Webhooks;
  readonly log: (line: string) => void;
}

/** Answers one request of the control API. Never throws. */
export async function answerControl(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    const [first = '', second = '', third = ''] = url.pathname.slice(CONTROL_PREFIX.length + 1).split('/');
    if (first === 'authenticate') {
      await authenticate(parts.engine, request, response, url, second, third);
      return;
    }
    const method = request.method ?? 'GET';
    const sent = method === 'POST' ? await readBody(request) : '';
    const body: unknown = sent === '' ? {} : JSON.parse(sent);
    const answer = control(parts, method, first, second, third, body);
    if (answer === undefined)
      send(
        response,
        404,
        JSON.stringify({
          error: { message: 'No such control route; see local/stripe/README.md.' },
        }),
      );
    else send(response, 200, JSON.stringify(answer));
  } catch (error) {
    send(response, ...problem(error, parts.log));
  } finally {
    parts.engine.arm();
  }
}

function problem(error: unknown, log: (line: string) => void): [number, string] {
  if (error instanceof z.ZodError) return [400, JSON.stringify({ error: { message: z.prettifyError(error) } })];
  if (error instanceof SyntaxError) return [400, JSON.stringify({ error: { message: 'The body is not JSON.' } })];
  if (error instanceof StripeFailure) return [error.status, JSON.stringify({ error: error.body })];
  if (error instanceof BodyTooLarge) return [413, JSON.stringify({ error: { message: 'The body is too large.' } })];
  if (error instanceof ClientGone) return [400, '{}'];
  log(`stripe stand-in: ${String(error)}`);
  return [500, JSON.stringify({ error: { message: 'The control request failed.' } })];
}

function control(
  parts: ControlParts,
  method: string,
  first: string,
  second: string,
  third: string,
  body: unknown,
): object | undefined {
  const { engine } = parts;
  switch (`${method} ${first}`) {
    case 'GET ledger':
      return ledgerOf(engine.store, engine.clock.now());
    case 'GET faults':
      return { faults: engine.faults.list() };
    case 'POST faults':
      return engine.faults.add(newId('flt'), faultInput.parse(body));
    case 'DELETE faults':
      if (second === '') engine.faults.clear();
      return { deleted: second === '' ? true : engine.faults.remove(second) };
    case 'GET clock':
      return { now: engine.clock.now() };
    case 'POST clock': {
      if (second !== 'advance') return undefined;
      engine.clock.advance(advanceInput.parse(body).ms);
      engine.runDue();
      return { now: engine.clock.now() };
    }
    case 'POST webhooks': {
      const event = second === 'redeliver' ? engine.store.events.get(third) : undefined;
      return event === undefined ? undefined : { deliveries: parts.webhooks.redeliver(event, subjectOf(event)) };
    }
    case 'GET deliveries':
      return { deliveries: engine.store.deliveries.all() };
    case 'POST settle':
      return engine.settle(second, settleInput.parse(body).outcome) ? { settled: second } : undefined;
    case 'POST disputes':
      return dispute(engine, second, body);
    default:
      return undefined;
  }
}

function dispute(engine: Engine, id: string, body: unknown): object | undefined {
  if (id === '') {
    const asked = disputeInput.parse(body);
    const charge = engine.store.charges.get(asked.charge);
    if (charge === undefined) return undefined;
    const changes = openDispute(
      charge,
      { amount: asked.amount ?? charge.amount_captured, reason: asked.reason },
      engine.tools(),
    );
    engine.commit(changes, CAUSE);
    return changes.disputes?.[0];
  }
  const open = engine.store.disputes.get(id);
  if (open === undefined) return undefined;
  engine.commit(decideDispute(open, decideInput.parse(body).outcome, engine.tools()), CAUSE);
  return engine.store.disputes.get(id);
}

/** The buyer's 3-D Secure page: GET shows it, POST …/complete and …/fail answer the challenge. */
async function authenticate(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  id: string,
  answer: string,
): Promise<void> {
  const intent = engine.store.paymentIntents.get(id);
  const secret = url.searchParams.get('client_secret');
  if (intent === undefined || secret === null || secret !== intent.client_secret) {
    send(response, 404, JSON.stringify({ error: { message: 'No such authentication.' } }));
    return;
  }
  if (request.method === 'GET' && answer === '') {
    send(response, 200, challengePage(id, secret), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; form-action *",
    });
    return;
  }
  if (request.method !== 'POST' || (answer !== 'complete' && answer !== 'fail')) {
    send(response, 404, JSON.stringify({ error: { message: 'POST …/complete or …/fail.' } }));
    return;
  }
  await readBody(request);
  const payer = typeof intent.payment_method === 'string' ? engine.payerOf(intent.payment_method) : null;
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null;
  try {
    if (payer !== null)
      engine.commit(finishAuthentication(intent, payer, answer === 'complete', engine.tools()), CAUSE);
  } catch (error) {
    // A decline after the challenge is told by the PaymentIntent, not by this page.
    if (!(error instanceof StripeFailure)) throw error;
  }
  const after = engine.store.paymentIntents.get(id);
  if (returnUrl !== null && URL.canParse(returnUrl)) {
    const back = new URL(returnUrl);
    back.searchParams.set('payment_intent', id);
    back.searchParams.set('payment_intent_client_secret', secret);
    back.searchParams.set(
      'redirect_status',
      after?.status === 'succeeded' || after?.status === 'requires_capture' ? 'succeeded' : 'failed',
    );
    send(response, 303, '', { location: back.href });
    return;
  }
  send(response, 200, JSON.stringify({ payment_intent: id, status: after?.status ?? null }));
}

function challengePage(id: string, secret: string): string {
  const form = (answer: string, label: string): string =>
    `<form method="post" action="${CONTROL_PREFIX}/authenticate/${id}/${answer}?client_secret=${secret}"><button>${label}</button></form>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>3-D Secure test page</title><h1>3-D Secure test page</h1><p>The local Stripe stand-in asks the buyer to authenticate this payment.</p>${form('complete', 'Complete authentication')}${form('fail', 'Fail authentication')}</html>`;
}
