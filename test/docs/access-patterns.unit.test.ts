import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FUNCTIONS = join(ROOT, 'functions');

/** Files whose exported functions are what reads or writes the table. */
const SHARED_STORES = ['shared/table/due-list.ts', 'users/recipients.ts'];
/** Exported from those files without touching the table. */
const NOT_ACCESS = new Set([
  'blocksToProbe',
  'categoryMeant',
  'hashName',
  'organizersOf',
  'salesOf',
  'takesByBlock',
  'allAttendees',
  'askedWith',
  'inAttendees',
  'awaitsRestock',
  'refundAt',
]);
/** What the runtime itself reads and writes: sessions, keys and limits. */
const OF_THE_RUNTIME = [
  'loadSession',
  'loadVendor',
  'rememberUse',
  'countUse',
  'rememberTimes',
  'findGuest',
  'beginGuest',
  'listGuestHolds',
  'guestLives',
  'endGuest',
];

function exportedFunctions(file: string): string[] {
  const text = readFileSync(join(FUNCTIONS, file), 'utf8');
  return [...text.matchAll(/^export (?:async )?function\*? ?(\w+)/gm)].map(([, name = '']) => name);
}

it('every access to the table is on the page, and nothing else is', () => {
  const stores = readdirSync(FUNCTIONS).flatMap((context) =>
    readdirSync(join(FUNCTIONS, context))
      .filter((file) =>
        [
          'reads.ts',
          'writes.ts',
          'sale-writes.ts',
          'resizing.ts',
          'house-seats.ts',
          'availability.ts',
          'contents.ts',
          'listings.ts',
          'refund-writes.ts',
          'attendees.ts',
          'holder-names.ts',
          'review-writes.ts',
        ].includes(file),
      )
      .map((file) => join(context, file)),
  );
  expect(stores.length).toBeGreaterThan(6);
  const inCode = [...stores, ...SHARED_STORES].flatMap(exportedFunctions).filter((name) => !NOT_ACCESS.has(name));
  const page = readFileSync(join(ROOT, 'docs', 'access-patterns.md'), 'utf8');
  const tables = page.slice(page.indexOf('## Reads'));
  const rows = tables.split('\n').filter((line) => line.startsWith('| `'));
  const onPage = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
  expect(onPage.toSorted()).toEqual([...inCode, ...OF_THE_RUNTIME].toSorted());
});
