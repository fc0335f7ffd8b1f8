import fc from 'fast-check';
import * as z from 'zod/mini';

import type { OpenApi, Operation } from '../../functions/site/domain/openapi.ts';
import { faultsOfAnswer, type FuzzAnswer } from './judge.ts';
import { requestsFor, type FuzzRequest, type Ingredients, type Target } from './requests.ts';

type Headers = Readonly<Record<string, string>>;

/** Somebody who sends requests. */
export interface FuzzCaller {
  readonly headers: Headers;
  /** Signs in anew, for whoever's session a request has ended; absent for who never was signed in. */
  readonly renew?: () => Promise<Headers>;
}

/** A fuzz run against a running system. */
export interface FuzzRun extends Omit<Ingredients, 'targets'> {
  readonly url: string;
  readonly document: OpenApi;
  readonly callers: Readonly<Record<string, FuzzCaller>>;
  readonly requests: number;
  readonly seed: number;
}

/** A request with its tokens filled in, and what came back. */
export interface Exchange {
  readonly request: FuzzRequest;
  /** Without what proves its caller, which changes with every session. */
  readonly sent: Sendable;
  readonly answer: FuzzAnswer;
}

/** What a run found: each fault with its request, and how often each status came. */
export interface FuzzReport {
  readonly faults: readonly { readonly index: number; readonly fault: string; readonly request: FuzzRequest }[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Successes and refusals by operation, and how often it refused with which code. */
  readonly operations: ReadonlyMap<string, Reached>;
  /** Some of the requests that were refused, spread over operations and codes. */
  readonly refused: readonly Exchange[];
  /** What a caller proves itself by now. */
  readonly headersOf: (caller: string) => Headers;
}

/** How often an operation has answered how. */
interface Reached {
  successes: number;
  refusals: number;
  readonly codes: Record<string, number>;
}

/** Requests on their way at once. */
const AT_ONCE = 8;
/** Refusals kept of one operation with one code. */
const REFUSALS_KEPT = 8;

/** Sends generated requests to every operation of the document and judges every answer. */
export async function runFuzz(run: FuzzRun): Promise<FuzzReport> {
  const targets = targetsOf(run.document);
  const generated = new Generated({ ...run, targets }, run);
  const operationsById = new Map(targets.map(({ operation }) => [operation.operationId, operation]));
  const signedIn = new SignedIn(run.callers);
  const tally = new Tally();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < run.requests; index = next++) {
      const request = generated.at(index);
      const operation = operationsById.get(request?.operationId ?? '');
      if (request === undefined || operation === undefined) continue;
      const own = signedIn.headersOf(request.caller);
      const sent = await prepared(run, targets, request, own);
      const answer = await send(run.url, sent, own);
      if (typeof answer === 'string') {
        tally.faults.push({ index, fault: answer, request });
        continue;
      }
      if (answer.status === 401) await signedIn.renew(request.caller, own);
      const json = answer.status < 300 && request.method !== 'GET' ? parsed(answer.text) : parsedCursor(answer);
      run.pool.learn(request.operationId, json);
      tally.count(operation, { request, sent, answer });
      const secrets = Object.values(own).map((value) => value.replace(/^Bearer |^[^=]*=/, ''));
      for (const fault of faultsOfAnswer(request, operation, answer, secrets))
        tally.faults.push({ index, fault, request });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...tally.report(), headersOf: (caller) => signedIn.headersOf(caller) };
}

/** Requests made at a time: all at once would take memory, and so long that servers give up waiting for the next. */
const BATCH = 250;

/** The requests of a run in their order, the same for the same seed. */
class Generated {
  readonly #requests: fc.Arbitrary<FuzzRequest>;
  readonly #seed: number;
  #batch: readonly FuzzRequest[] = [];
  #number = -1;

  constructor(ingredients: Ingredients, { seed }: Pick<FuzzRun, 'seed'>) {
    this.#requests = requestsFor(ingredients);
    this.#seed = seed;
  }

  /** Request `index`; asked for in rising order. */
  at(index: number): FuzzRequest | undefined {
    const number = Math.floor(index / BATCH);
    if (number !== this.#number) {
      this.#batch = fc.sample(this.#requests, { numRuns: BATCH, seed: this.#seed + number });
      this.#number = number;
    }
    return this.#batch[index % BATCH];
  }
}

/** The callers, who sign in again when a request of theirs has ended their session. */
class SignedIn {
  readonly #callers: Readonly<Record<string, FuzzCaller>>;
  readonly #renewed = new Map<string, Headers>();

  constructor(callers: Readonly<Record<string, FuzzCaller>>) {
    this.#callers = callers;
  }

  headersOf(name: string): Headers {
    return this.#renewed.get(name) ?? this.#callers[name]?.headers ?? {};
  }

  /** @param spent the headers that were refused; somebody else may have renewed them since */
  async renew(name: string, spent: Headers): Promise<void> {
    const renew = this.#callers[name]?.renew;
    if (renew !== undefined && this.headersOf(name) === spent) this.#renewed.set(name, await renew());
  }
}

/** Counts answers, and keeps some refusals. */
class Tally {
  readonly faults: FuzzReport['faults'][number][] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #operations = new Map<string, Reached>();
  readonly #refused = new Map<string, Exchange[]>();

  count({ operationId }: Operation, exchange: Exchange): void {
    const { status, text } = exchange.answer;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    const sum = this.#operations.get(operationId) ?? { successes: 0, refusals: 0, codes: {} };
    if (status < 400) sum.successes += 1;
    else sum.refusals += 1;
    this.#operations.set(operationId, sum);
    if (status < 400 || status >= 500) return;
    const code = codeOf(text);
    sum.codes[code] = (sum.codes[code] ?? 0) + 1;
    const kind = `${operationId} ${code}`;
    const kept = this.#refused.get(kind) ?? [];
    if (kept.length < REFUSALS_KEPT) this.#refused.set(kind, [...kept, exchange]);
  }

  report(): Omit<FuzzReport, 'headersOf'> {
    return {
      faults: this.faults,
      statuses: this.#statuses,
      operations: this.#operations,
      refused: [...this.#refused.values()].flat(),
    };
  }
}

/** A request as it goes out. */
export interface Sendable {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** `request` with its tokens filled in, by its caller, with the tag of a read where it asks for one. */
async function prepared(
  { pool, url }: FuzzRun,
  targets: readonly Target[],
  { method, path, headers, body, ifMatch, operationId }: FuzzRequest,
  own: Headers,
): Promise<Sendable> {
  const filled = { method, path: pool.fill(path), body: body === undefined ? undefined : pool.fill(body) };
  if (ifMatch === undefined || 'if-match' in headers) return { ...filled, headers };
  const template = targets.find(({ operation }) => operation.operationId === operationId)?.path;
  const isRead = targets.some((target) => target.path === template && target.method === 'GET');
  const tag = ifMatch === 'read' && isRead ? await tagOf(url, filled.path, own) : undefined;
  return { ...filled, headers: { ...headers, 'if-match': tag ?? '*' } };
}

async function tagOf(url: string, path: string, own: Headers): Promise<string | undefined> {
  const answer = await send(url, { method: 'GET', path, headers: {}, body: undefined }, own);
  return typeof answer === 'string' ? undefined : (answer.headers.get('etag') ?? undefined);
}

/**
 * Sends a request, and says in a sentence why there is no answer where there is none.
 *
 * @param own what its caller proves itself by; the request may bring something else
 */
export async function send(
  url: string,
  { method, path, headers, body }: Sendable,
  own: Headers,
): Promise<FuzzAnswer | string> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...own, ...headers },
      ...(body === undefined || method === 'GET' ? {} : { body }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `there is no answer: ${error instanceof Error ? error.message : String(error)}${cause}`;
  }
}

/** The code of a problem, or nothing where API Gateway answered. */
export function codeOf(text: string): string {
  const told = z.safeParse(z.object({ code: z.string() }), parsed(text));
  return told.success ? told.data.code : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of lists, where they go on is learnt and nothing else: what is in them may be anybody's. */
function parsedCursor({ status, text }: FuzzAnswer): unknown {
  const list = status < 300 ? z.safeParse(z.object({ nextCursor: z.string() }), parsed(text)) : undefined;
  return list?.success === true ? list.data : undefined;
}

function targetsOf({ paths }: OpenApi): readonly Target[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** A report in lines: the first faults with their requests, so that one can be sent again. */
export function describeFaults({ faults }: Pick<FuzzReport, 'faults'>, seed: number): readonly string[] {
  return faults.slice(0, 10).map(({ index, fault, request }) => {
    const { operationId, kind, caller, method, path, headers, body } = request;
    const sent = JSON.stringify({ method, path, headers, body }).slice(0, 600);
    return `seed ${seed}, request ${index} (${operationId}, ${kind}, by ${caller}): ${fault.slice(0, 500)}\n    ${sent}`;
  });
}
