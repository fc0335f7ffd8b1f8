import type { Problem } from '../kernel/problems.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { Answer } from './http.ts';

/** 200 with what a use case found, as JSON, or its problem. */
export function inJson(found: Result<unknown, Problem>): Result<Answer, Problem> {
  return found.ok ? ok({ status: 200, body: found.value }) : found;
}
