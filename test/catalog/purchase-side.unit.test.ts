import { join } from 'node:path';
import { expect, it } from 'vitest';

import { importsOf } from '../architecture/imports.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Handlers along a purchase, from hold to ticket. */
const PURCHASE = [
  'functions/reservations/handlers/http-hold.ts',
  'functions/orders/handlers/http-checkout.ts',
  'functions/orders/handlers/step-purchase-ledger.ts',
  'functions/payments/handlers/http-confirm-payment.ts',
  'functions/payments/handlers/step-purchase-payments.ts',
  'functions/payments/handlers/queue-settle-payments.ts',
  'functions/delivery/handlers/queue-issue-tickets.ts',
];

/** Every file that `entry` loads when it runs. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...importsOf(ROOT, file, 'values').map(({ to }) => to));
  }
  return reached;
}

it.each(PURCHASE)("%s never reads the catalogue's rows: the ticketing side has its own copy", (entry) => {
  const reached = reachedFrom(entry);
  expect(reached.size, 'the imports were followed').toBeGreaterThan(10);
  expect([...reached].filter((file) => file.startsWith('functions/catalog/'))).toEqual([]);
});
