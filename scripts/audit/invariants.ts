import { toTimestamp, type Instant } from '../../functions/shared/kernel/clock.ts';
import { auditHistory } from './history.ts';
import { counts, type PaymentLedger } from './ledger.ts';
import type { AuditMemory } from './memory.ts';
import { auditAmounts, auditLoose, auditOrderRefunds, auditPayments, auditRefunds } from './money.ts';
import { auditPersons } from './persons.ts';
import { auditPrices } from './prices.ts';
import { countBy, Findings, type AuditReport } from './report.ts';
import { readWorld, type Row } from './rows.ts';
import { auditTicketSeats } from './seats.ts';
import { auditHolds, auditLimits, auditSold, auditStock } from './stock.ts';
import { auditTickets } from './tickets.ts';

export type { AuditReport };

/** What an audit is made from; it reads nothing itself. */
export interface AuditInput {
  /** Every row of the table, keys included, as one paused moment shows it. */
  readonly rows: readonly Row[];
  readonly ledger: PaymentLedger;
  /** The moment for which it is judged, by the clock of the system. */
  readonly at: Instant;
  /**
   * `at-rest` (the default): queues and stream are empty, so everything must have arrived. `in-flight`: in
   * the middle of things, where only what holds after every step is judged.
   */
  readonly world?: 'at-rest' | 'in-flight';
  /** Of earlier audits of the same rows, which must never be changed in place. */
  readonly memory?: AuditMemory;
}

/**
 * Judges a system from the outside, by its rows and the payment provider's ledger alone, and names every
 * difference from the invariants with the ids that it concerns. Pure: the same input, the same report.
 */
export function auditInvariants({ rows, ledger, at, world: kind = 'at-rest', memory }: AuditInput): AuditReport {
  const findings = new Findings();
  const atRest = kind === 'at-rest';
  const world = readWorld(rows, findings, memory);

  auditStock(world, findings);
  auditRefunds(ledger, findings);
  auditOrderRefunds(world, atRest, findings);
  auditAmounts(world, ledger, atRest, findings);
  auditHistory(world, atRest, findings, memory);
  auditLimits(world, findings);
  auditPersons(rows, at, atRest, findings);
  if (atRest) {
    auditSold(world, findings);
    auditPayments(world, ledger, findings);
    auditPrices(world, findings);
    auditTickets(world, findings);
    auditTicketSeats(world, findings);
    auditHolds(world, at, findings);
    auditLoose(world, ledger, at, findings);
  } else {
    for (const invariant of ['I3', 'I6', 'I7', 'I20'] as const) findings.note(invariant, 'judged at rest only');
  }

  const { differences } = findings;
  return {
    at: toTimestamp(at),
    world: kind,
    holds: differences.length === 0,
    verdicts: findings.verdicts(),
    differences,
    totals: {
      orders: countBy([...world.orders.values()].map(({ state }) => state)),
      tickets: countBy(world.tickets.map(({ status }) => status)),
      captured: sumBy(ledger.paymentIntents.map(({ currency, amount_received: amount }) => ({ currency, amount }))),
      refunded: refundsByCurrency(ledger),
    },
  };
}

function refundsByCurrency({ paymentIntents, refunds }: PaymentLedger): Readonly<Record<string, number>> {
  const currencies = new Map(paymentIntents.map(({ id, currency }) => [id, currency]));
  return sumBy(
    refunds.filter(counts).map(({ payment_intent: intent, amount }) => {
      const id = typeof intent === 'string' ? intent : (intent?.id ?? '');
      return { currency: currencies.get(id) ?? 'unknown', amount };
    }),
  );
}

function sumBy(
  parts: readonly { readonly currency: string; readonly amount: number }[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { currency, amount } of parts) {
    const name = currency.toUpperCase();
    if (amount !== 0) sums[name] = (sums[name] ?? 0) + amount;
  }
  return sums;
}
