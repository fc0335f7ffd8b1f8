import { describe, expect, it } from 'vitest';
import type Stripe from 'stripe';

import type { Ledger } from '../../local/stripe/ledger.ts';
import { auditInvariants, type AuditInput } from '../../scripts/audit/invariants.ts';
import type { PaymentLedger } from '../../scripts/audit/ledger.ts';
import { AUDITED } from '../../scripts/audit/report.ts';
import { FAULTS } from './faults.ts';
import { NOW, soundWorld, type PlantedWorld } from './world.ts';

function audit({ rows, ledger }: PlantedWorld, more: Partial<AuditInput> = {}): ReturnType<typeof auditInvariants> {
  return auditInvariants({ rows, ledger, at: NOW + 5_000, ...more });
}

describe('the auditor', () => {
  it('finds nothing in a sound world, and says how much it looked at', () => {
    const report = audit(soundWorld());
    expect(report.differences).toEqual([]);
    expect(report.holds).toBe(true);
    // An auditor that looked at nothing would hold as well.
    const idle = report.verdicts.filter(({ checked }) => checked === 0).map(({ invariant }) => invariant);
    expect(idle).toEqual(['I2', 'I20']);
    expect(report.totals).toEqual({
      orders: { PAID: 1, HELD: 1, CANCELLED: 1 },
      tickets: { VALID: 2 },
      captured: { EUR: 9_000 },
      refunded: {},
    });
  });

  it.each(FAULTS)('names $what as $invariant $name', ({ invariant, name, id, plant, at, always }) => {
    const world = soundWorld();
    plant(world.rows, world.ledger);
    const atRest = audit(world, at === undefined ? {} : { at });
    expect(atRest.holds).toBe(false);
    expect(atRest.differences).toContainEqual(expect.objectContaining({ invariant, name, id }));
    const inFlight = audit(world, { world: 'in-flight', ...(at === undefined ? {} : { at }) });
    expect(inFlight.differences.some((difference) => difference.name === name && difference.id === id)).toBe(always);
  });

  it('is shown a fault of each invariant that it judges', () => {
    expect(new Set(FAULTS.map(({ invariant }) => invariant))).toEqual(new Set(AUDITED));
  });

  it('counts a failed refund as money that stayed', () => {
    const world = soundWorld();
    world.ledger.refunds.push({
      id: 're_1',
      amount: 9_000,
      status: 'failed',
      payment_intent: { id: 'pi_paid' },
      metadata: null,
    });
    expect(audit(world).differences).toEqual([]);
  });

  it("reads the stand-in's ledger and the objects of Stripe's SDK alike", () => {
    const fromStandIn = (ledger: Ledger): PaymentLedger => ledger;
    const fromStripe = (paymentIntents: Stripe.PaymentIntent[], refunds: Stripe.Refund[]): PaymentLedger => ({
      paymentIntents,
      refunds,
    });
    // What would break is the compiler's agreement; the calls only keep both in use.
    expect(fromStripe([], [])).toEqual({ paymentIntents: [], refunds: [] });
    expect(fromStandIn).toBeTypeOf('function');
  });
});
