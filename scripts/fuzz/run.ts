import fc from 'fast-check';

import type { OpenApi } from '../../functions/site/domain/openapi.ts';
import type { Pool } from './arbitraries.ts';
import { faultsOfAnswer } from './judge.ts';
import { requestsFor, type FuzzRequest, type Target } from './requests.ts';

/** A fuzz run against a running system. */
export interface FuzzRun {
  readonly url: string;
  readonly document: OpenApi;
  readonly pool: Pool;
  /** Headers by caller. `nobody` has none; `leaver` is the only one who may log out. */
  readonly callers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly requests: number;
  readonly seed: number;
  readonly progress?: (done: number) => void;
}

/** What a run found: each fault with its request, and how often each status came. */
export interface FuzzReport {
  readonly faults: readonly { readonly index: number; readonly fault: string; readonly request: FuzzRequest }[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Successes and refusals by operation. */
  readonly operations: ReadonlyMap<string, { readonly successes: number; readonly refusals: number }>;
}

/** Requests on their way at once. */
const AT_ONCE = 8;
/** Who may try to log out: all others are needed to the end. */
const MAY_LEAVE = ['leaver', 'nobody', 'forger'];
/** Who own things come more often, or few requests would be served. */
const OFTEN = ['buyer', 'buyer', 'buyer', 'organizer', 'organizer', 'organizer', 'gate'];

/** Sends generated requests to every operation of the document and judges every answer. */
export async function runFuzz({
  url,
  document,
  pool,
  callers,
  requests,
  seed,
  progress,
}: FuzzRun): Promise<FuzzReport> {
  const targets = targetsOf(document);
  const names = Object.keys(callers);
  const generated = fc.sample(
    requestsFor(targets, pool, (operationId) =>
      operationId === 'logout' ? MAY_LEAVE : [...names.filter((name) => name !== 'leaver'), ...OFTEN],
    ),
    { numRuns: requests, seed },
  );
  const byId = new Map(targets.map(({ operation }) => [operation.operationId, operation]));
  const faults: FuzzReport['faults'][number][] = [];
  const statuses: Record<string, number> = {};
  const operations = new Map<string, { successes: number; refusals: number }>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < generated.length; index = next++) {
      const request = generated[index];
      const operation = byId.get(request?.operationId ?? '');
      if (request === undefined || operation === undefined) continue;
      const own = callers[request.caller] ?? {};
      const answer = await send(url, request, own);
      progress?.(index + 1);
      if (typeof answer === 'string') {
        faults.push({ index, fault: answer, request });
        continue;
      }
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      const sum = operations.get(request.operationId) ?? { successes: 0, refusals: 0 };
      operations.set(request.operationId, {
        successes: sum.successes + (answer.status < 400 ? 1 : 0),
        refusals: sum.refusals + (answer.status < 400 ? 0 : 1),
      });
      const secrets = Object.values(own).map((value) => value.replace(/^Bearer |^[^=]*=/, ''));
      faults.push(...faultsOfAnswer(request, operation, answer, secrets).map((fault) => ({ index, fault, request })));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { faults, statuses, operations };
}

async function send(
  url: string,
  { method, path, headers, body }: FuzzRequest,
  own: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string } | string> {
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

function targetsOf({ paths }: OpenApi): readonly Target[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** A report in lines: the first faults with their requests, so that one can be sent again. */
export function describeFaults({ faults }: FuzzReport, seed: number): readonly string[] {
  return faults.slice(0, 10).map(({ index, fault, request }) => {
    const { operationId, kind, caller, method, path, headers, body } = request;
    const sent = JSON.stringify({ method, path, headers, body }).slice(0, 600);
    return `seed ${seed}, request ${index} (${operationId}, ${kind}, by ${caller}): ${fault.slice(0, 500)}\n    ${sent}`;
  });
}
