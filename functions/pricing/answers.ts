import type { Instant } from '../shared/kernel/clock.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import type { ShownCharges } from './app/show-charges.ts';
import { viewPricing } from './app/show-pricing.ts';
import { viewTable, type ChargeTableRecord } from './domain/charge-table.ts';
import type { PricingDetails } from './domain/record.ts';

/** Answers with price rules and what they make of a price; the tag is that of the rules. */
export function answerPricing(pricing: Result<PricingDetails, Problem>, now: Instant): Result<Answer, Problem> {
  if (!pricing.ok) return pricing;
  const headers = { etag: `"v${pricing.value.rulesVersion}"`, 'cache-control': 'no-store' };
  return ok({ status: 200, body: viewPricing(pricing.value, now), headers });
}

/** Answers with a table of fees and taxes and the tag that a change of it may be made with. */
export function answerCharges({ table, source, version }: ShownCharges): Result<Answer, Problem> {
  const headers = { etag: `"v${version}"`, 'cache-control': 'no-store' };
  return ok({ status: 200, body: viewTable(table, source), headers });
}

/** Answers a change of a table; see {@link answerCharges}. */
export function answerSet(
  set: Result<ChargeTableRecord, Problem>,
  source: ShownCharges['source'],
): Result<Answer, Problem> {
  return set.ok ? answerCharges({ table: set.value, source, version: set.value.ver }) : set;
}
