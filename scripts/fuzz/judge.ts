import * as z from 'zod/mini';

import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { SECURITY_HEADERS } from '../../functions/shared/runtime/security-headers.ts';
import type { Operation } from '../../functions/site/domain/openapi.ts';
import { CANARY, type FuzzRequest } from './requests.ts';

/** An answer as it came. */
export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The sentences of API Gateway itself, which answers before any function of ours. */
const GATEWAY: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
};
const problem = z.object({ status: z.int(), code: z.string(), requestId: z.string(), title: z.string() });
const gatewayAnswer = z.strictObject({ message: z.string() });
/** On every answer of a function of ours. */
const OUR_HEADERS = [...Object.keys(SECURITY_HEADERS), 'cache-control'];
/** What only our own side knows: stacks, paths of modules, names of services, of parameters and of keys, values as they are sealed. */
const INNER =
  /\n\s+at |node_modules|\.[cm]?[jt]s:\d+|arn:aws|\/onsale\/|AccessDenied|ValidationException|"passwordHash"|(?:gcm[12]|kms1|ssm1):/;

/**
 * Everything that is wrong with an answer, each in one sentence. An operation is missing where the request's
 * path leads to none.
 *
 * @param credentials what the caller proves itself by; no answer may hold any of it
 */
export function faultsOfAnswer(
  request: FuzzRequest,
  operation: Operation,
  { status, headers, text }: FuzzAnswer,
  credentials: readonly string[],
): readonly string[] {
  const faults: string[] = [];
  if (status >= 500 && !(status === 503 && headers.has('retry-after'))) faults.push(`it answers ${status}: ${text}`);
  if (status >= 400) faults.push(...faultsOfProblem(request, operation, status, headers, text));
  else if (operation.responses[String(status)] === undefined) faults.push(`the document has no answer ${status}`);
  const missing = headers.has('x-request-id') ? OUR_HEADERS.filter((name) => !headers.has(name)) : [];
  if (missing.length > 0) faults.push(`it lacks ${missing.join(', ')}`);
  const inner =
    operation.operationId === 'docsPage' || operation.operationId === 'openApiDocument' ? null : INNER.exec(text);
  if (inner !== null) faults.push(`it shows what is inside: ${inner[0]}`);
  const told = [CANARY, ...credentials].filter((secret) => secret.length > 15 && text.includes(secret));
  if (told.length > 0) faults.push('it echoes a secret');
  return faults;
}

function faultsOfProblem(
  { kind }: FuzzRequest,
  operation: Operation,
  status: number,
  headers: Headers,
  text: string,
): readonly string[] {
  const json = parsed(text);
  const gateway = z.safeParse(gatewayAnswer, json);
  if (gateway.success && gateway.data.message === GATEWAY[status]) return [];
  const told = z.safeParse(problem, json);
  if (!told.success || headers.get('content-type')?.startsWith('application/problem+json') !== true)
    return [`${status} is no problem+json: ${text.slice(0, 300)}`];
  const { code } = told.data;
  const declared = PROBLEM_STATUS.get(code);
  if (declared !== status || told.data.status !== status) return [`${code} came with status ${status}`];
  // A path that was bent may lead to another operation, whose problems are its own.
  // One parameter that is empty or dots makes a path that is no route.
  const bent = kind === 'garbage' || (kind === 'almost' && code === 'ROUTE_NOT_FOUND');
  const known = bent || operation['x-problems'].some((name) => name === code);
  return known ? [] : [`the document does not name ${code}: ${text.slice(0, 300)}`];
}

const PROBLEM_STATUS: ReadonlyMap<string, number> = new Map(
  Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]),
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
