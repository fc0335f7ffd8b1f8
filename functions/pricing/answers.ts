import type { Instant } from '../shared/kernel/clock.ts';
import type { Problem } from '../shared/kernel/problems.ts';
import { ok, type Result } from '../shared/kernel/result.ts';
import type { Answer } from '../shared/runtime/http.ts';
import { viewPricing } from './app/show-pricing.ts';
import type { PricingDetails } from './domain/record.ts';

/** Answers with price rules and what they make of a price; the tag is that of the rules. */
export function answerPricing(pricing: Result<PricingDetails, Problem>, now: Instant): Result<Answer, Problem> {
  if (!pricing.ok) return pricing;
  const headers = { etag: `"v${pricing.value.rulesVersion}"`, 'cache-control': 'no-store' };
  return ok({ status: 200, body: viewPricing(pricing.value, now), headers });
}
