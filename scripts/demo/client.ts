import * as z from 'zod/mini';

import { AdviceError, fetchFrom } from '../audit/local-system.ts';
import type { Screen } from './screen.ts';

/** A request to the public API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  /** Access token, sent as Bearer. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `Idempotency-Key`: the same key and body within a day is answered the same. */
  readonly key?: string;
}

/** The failure that the API tells, as RFC 9457 has it. */
const problem = z.object({ code: z.string(), title: z.string(), detail: z.string(), reason: z.optional(z.string()) });
export type ApiProblem = z.infer<typeof problem>;

/** What came back: the body of a success, or the problem. */
export type ApiAnswer<T> = { readonly status: number; readonly retryAfter: number } & (
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly problem: ApiProblem }
);

/** A client of the public API as anybody could write it: HTTP and JSON, nothing of the system's own code. */
export class ApiClient {
  readonly #url: string;
  readonly #screen: Screen | undefined;

  /** @param screen where each request is shown; without it they go unseen */
  constructor(url: string, screen?: Screen) {
    this.#url = url.replace(/\/$/, '');
    this.#screen = screen;
  }

  /** Sends `request`, and answers with its outcome whatever it is. */
  async send<S extends z.ZodMiniType>(request: ApiRequest, body: S): Promise<ApiAnswer<z.infer<S>>> {
    const startedAt = performance.now();
    const answer = await fetchFrom('The API', `${this.#url}${request.path}`, {
      method: request.method,
      headers: {
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.key === undefined ? {} : { 'idempotency-key': request.key }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await answer.text();
    this.#screen?.request(request.method, request.path, answer.status, performance.now() - startedAt);
    const retryAfter = Number(answer.headers.get('retry-after') ?? 0);
    if (answer.ok) return { ok: true, status: answer.status, retryAfter, body: z.parse(body, parseJson(text)) };
    const told = z.safeParse(problem, parseJson(text));
    const unknown = {
      code: `HTTP_${answer.status}`,
      title: 'The answer is no problem of the API',
      detail: text.slice(0, 200),
    };
    return { ok: false, status: answer.status, retryAfter, problem: told.success ? told.data : unknown };
  }

  /** As {@link send}, for a request that has to succeed. @throws AdviceError with what the API told */
  async call<S extends z.ZodMiniType>(request: ApiRequest, body: S): Promise<z.infer<S>> {
    const answer = await this.send(request, body);
    if (answer.ok) return answer.body;
    const { code, title, detail } = answer.problem;
    throw new AdviceError(`${request.method} ${request.path} answered ${answer.status} ${code}: ${title}. ${detail}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const failure = z.object({ code: z.optional(z.string()), decline_code: z.optional(z.string()) });
const intent = z.object({ status: z.string(), last_payment_error: z.optional(z.nullable(failure)) });
const refusal = z.object({ error: failure });

/** How a card fared: the PaymentIntent's status, or Stripe's code of the refusal. */
export type CardOutcome =
  | { readonly ok: true; readonly status: string }
  | { readonly ok: false; readonly code: string };

/** Pays a PaymentIntent on the Stripe stand-in at `url` as a browser would, with the client secret. */
export async function payByCard(
  url: string,
  payment: { readonly id: string; readonly clientSecret: string },
  card: string,
  screen?: Screen,
): Promise<CardOutcome> {
  const path = `/v1/payment_intents/${payment.id}/confirm`;
  const startedAt = performance.now();
  const answer = await fetchFrom('The Stripe stand-in', `${url}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ payment_method: card, client_secret: payment.clientSecret }),
  });
  const json: unknown = await answer.json();
  screen?.request('POST', path, answer.status, performance.now() - startedAt);
  if (answer.ok) {
    const { status } = z.parse(intent, json);
    return status === 'requires_action' ? answerBank(url, payment) : { ok: true, status };
  }
  return refused(z.parse(refusal, json).error);
}

/** The buyer says yes to the bank, as on its page: it asks who has had too many cards refused, by our own fraud check. */
async function answerBank(
  url: string,
  { id, clientSecret }: { readonly id: string; readonly clientSecret: string },
): Promise<CardOutcome> {
  const path = `/_stand-in/authenticate/${id}/complete?client_secret=${clientSecret}`;
  const answer = await fetchFrom('The Stripe stand-in', `${url}${path}`, { method: 'POST' });
  await answer.text();
  const now = await fetchFrom(
    'The Stripe stand-in',
    `${url}/v1/payment_intents/${id}?client_secret=${clientSecret}`,
    {},
  );
  const { status, last_payment_error: error } = z.parse(intent, await now.json());
  return status === 'requires_payment_method' ? refused(error ?? {}) : { ok: true, status };
}

function refused({ code, decline_code: reason }: z.infer<typeof failure>): CardOutcome {
  return { ok: false, code: [code, reason].filter(Boolean).join(' / ') };
}
