import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { importsOf } from '../architecture/imports.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Contexts of which every handler is part of buying, but for the one that looks after events on its way. */
const BUYING = ['reservations', 'orders', 'payments'];
const LOOKS_AFTER_EVENTS = 'functions/reservations/handlers/schedule-expire-holds.ts';

/** Handlers along a purchase, from hold to ticket. */
const PURCHASE = [
  ...BUYING.flatMap((context) => {
    const folder = `functions/${context}/handlers`;
    return readdirSync(join(ROOT, folder)).map((file) => `${folder}/${file}`);
  }).filter((file) => file !== LOOKS_AFTER_EVENTS),
  'functions/delivery/handlers/queue-issue-tickets.ts',
];

it('knows every handler that takes part in a purchase', () => {
  expect(PURCHASE.length).toBeGreaterThan(9);
  expect(PURCHASE).toContain('functions/reservations/handlers/http-hold.ts');
});

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
