import { describe, expect, it } from 'vitest';

import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { getOrder } from '../../functions/orders/contract.ts';
import { SECURITY_HEADERS } from '../../functions/shared/runtime/security-headers.ts';
import { problemsOf } from '../../functions/shared/runtime/route.ts';
import type { Operation } from '../../functions/site/domain/openapi.ts';
import { faultsOfAnswer } from '../../scripts/fuzz/judge.ts';
import { CANARY, type FuzzRequest } from '../../scripts/fuzz/requests.ts';

const operation: Operation = {
  operationId: getOrder.id,
  summary: getOrder.summary,
  tags: [],
  security: [],
  parameters: [],
  responses: { 200: { description: 'Done' } },
  'x-who': 'anyone',
  'x-problems': problemsOf(getOrder),
};
const request: FuzzRequest = {
  operationId: getOrder.id,
  kind: 'valid',
  method: 'GET',
  path: '/api/orders/1',
  headers: {},
  body: undefined,
  caller: 'nobody',
};
const TOKEN = 'a-token-that-is-long-enough';
const OURS = { ...SECURITY_HEADERS, 'x-request-id': 'r', 'cache-control': 'no-store' };

function judged(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): readonly string[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = new Headers({ ...OURS, ...headers });
  for (const [name, value] of Object.entries(headers)) if (value === '') sent.delete(name);
  return faultsOfAnswer(request, operation, { status, headers: sent, text }, [TOKEN]);
}

function told(code: keyof typeof PROBLEMS, more: object = {}): readonly string[] {
  const { status, title } = PROBLEMS[code];
  const body = { code, status, title, requestId: 'r', ...more };
  return judged(status, body, { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '1' });
}

describe('the judge of fuzzed answers', () => {
  it('passes a success, a declared problem, a gateway answer and a busy service', () => {
    expect(
      [judged(200, {}), told('ORDER_NOT_FOUND'), told('BUSY'), judged(404, { message: 'Not Found' })].flat(),
    ).toEqual([]);
  });

  it.each([
    ['a fault of ours', () => told('INTERNAL_ERROR')],
    ['a 503 that does not say when to come back', () => judged(503, { message: 'Service Unavailable' })],
    ['a problem that the route does not declare', () => told('EVENT_IN_PAST')],
    ['a problem with another status than its code has', () => told('ORDER_NOT_FOUND', { status: 400 })],
    ['a refusal that is no problem+json', () => judged(400, { error: 'no' })],
    ['a success that the document does not know', () => judged(204, '')],
    ['an echoed password', () => told('INVALID_INPUT', { detail: CANARY })],
    ['an echoed token', () => told('INVALID_INPUT', { detail: TOKEN })],
    ['a stack', () => judged(200, 'Error\n    at x (/var/task/index.cjs:1:1)')],
    ['a sealed value of before', () => judged(200, { email: 'gcm1:AAAA' })],
    ['a sealed value', () => judged(200, { email: 'gcm2:AAAA' })],
    ['a key wrapped by KMS', () => judged(200, { key: 'kms1:AAAA' })],
    ['a key wrapped by a secret', () => judged(200, { key: 'ssm1:AAAA' })],
    ['missing security headers', () => judged(200, {}, { 'x-content-type-options': '' })],
  ])('finds %s', (_name, judge) => {
    expect(judge()).not.toEqual([]);
  });
});
