import type { Instant } from '../shared/kernel/clock.ts';
import { absent, equals, type Otherwise, type Put } from '../shared/table/writes.ts';
import type { Fact } from './contract.ts';
import { KEPT_MS, type StandingRow } from './domain/standing.ts';
import { standingKey } from './keys.ts';

/**
 * Keeps what is known against a buyer, on condition that nobody else has written since `found` was read. The row goes
 * by itself a day after the last fact; readers leave out what is older, so that TTL is a broom and no clock.
 */
export function keepFacts<E>(
  subject: string,
  found: StandingRow | undefined,
  facts: readonly Fact[],
  now: Instant,
  otherwise: Otherwise<E>,
): Put<E> {
  return {
    kind: 'put',
    key: standingKey(subject),
    item: { facts, rev: (found?.rev ?? 0) + 1, ttl: Math.ceil((now + KEPT_MS) / 1_000) },
    when: found === undefined ? absent('pk') : equals('rev', found.rev),
    otherwise,
  };
}
