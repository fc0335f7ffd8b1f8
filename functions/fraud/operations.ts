import type { PaymentGateway, PaymentIntentState } from '../payments/gateway.ts';
import type { Instant } from '../shared/kernel/clock.ts';
import type { Occasion } from '../shared/table/aggregate.ts';
import type { Table } from '../shared/table/client.ts';
import { commit, StoreBusyError } from '../shared/table/commit.ts';
import type { Fact, Standing } from './contract.ts';
import { standingBy, withFacts } from './domain/standing.ts';
import { findFacts } from './reads.ts';
import { keepFacts } from './writes.ts';

/** Looks at a row that other workers write at the same time. */
const ROUNDS = 8;

/**
 * Notes facts about a buyer, each once however often it is told, and says how the buyer stands with them. Where all is
 * known nothing is written.
 *
 * @param subject whom limits are counted for
 * @throws StoreBusyError when others keep writing
 */
export async function noteFacts(table: Table, subject: string, told: readonly Fact[], now: Instant): Promise<Standing> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await findFacts(table, subject, 'strong');
    const known = found?.facts ?? [];
    const facts = withFacts(known, told, now);
    if (facts === undefined) return standingBy(known, now);
    const done = await commit(table, [keepFacts(subject, found, facts, now, () => 'MOVED_ON' as const)]);
    if (done.ok) return standingBy(facts, now);
  }
  throw new StoreBusyError('What is known of a buyer kept changing');
}

/** States of a payment in which the bank can still be told to ask the buyer. */
const OPEN: readonly PaymentIntentState['status'][] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
];

/**
 * Lets the bank ask the buyer of a payment that is open still, where they are looked at: for every card from now on.
 *
 * @returns whether that is so now, or need not be; false where the provider does not say
 */
export async function challenge(
  gateway: PaymentGateway,
  intent: PaymentIntentState,
  { scrutiny }: Standing,
  { correlationId, now }: Pick<Occasion, 'correlationId' | 'now'>,
): Promise<boolean> {
  if (scrutiny === 'ALLOW' || intent.challenged || !OPEN.includes(intent.status)) return true;
  const changed = await gateway.challengeIntent(intent.id, `${correlationId}/${now}`);
  // Whoever has paid it meanwhile is not asked any more.
  return changed.ok || changed.error.kind === 'REFUSED';
}
