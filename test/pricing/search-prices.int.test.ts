import { afterAll, beforeAll, expect, it } from 'vitest';
import { ulid } from 'ulid';

import { findTicketTypes } from '../../functions/inventory/reads.ts';
import { repriceType } from '../../functions/pricing/operations.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { compactIndex } from '../../functions/search/app/compact-index.ts';
import { LiveSearch } from '../../functions/search/app/live-search.ts';
import { searchEvents } from '../../functions/search/app/search-events.ts';
import type { SearchParameters } from '../../functions/search/schemas.ts';
import { logListingChanges } from '../../functions/search/writes.ts';
import { MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { startCatalog, typeOf, type CatalogWorld } from '../catalog/catalog-world.ts';
import { CURSOR_KEY, MemorySnapshots } from '../search/live-world.ts';

const OCCASION = { correlationId: 'test', by: 'schedule:test' };
let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(async () => world.close());

it('events are found, and sorted, by the prices that rules have made', async () => {
  const event = await world.published();
  const ticketTypeId = typeOf(event);
  const body = { tiers: [{ afterSold: 1, price: 9_000 }] };
  await world.send('PUT /api/ticket-types/{ticketTypeId}/pricing', { params: { ticketTypeId }, body });
  const dearer = await world.published({ title: 'Dearer', ticketTypes: [priced(8_000)] });
  const { table } = world.db;
  const sources = { table, snapshots: new MemorySnapshots() };
  const find = async (live: LiveSearch, query: Partial<SearchParameters>, now: number): Promise<readonly string[]> => {
    const { items } = await searchEvents({ table, live, cursorKey: CURSOR_KEY }, query, now);
    return items.map(({ id }) => id);
  };

  const start = Date.now();
  sources.snapshots.now = start;
  await compactIndex(sources, { now: start, ...OCCASION });
  const live = new LiveSearch(sources);
  expect(await find(live, { priceMax: '5000', sort: 'price' }, start)).toEqual([event.id]);
  expect(await find(live, { sort: 'price' }, start)).toEqual([event.id, dearer.id]);

  // The other type of the event is the dearer one already.
  const types = await findTicketTypes(table, [ticketTypeId], 'strong');
  const wishes = [{ ticketTypeId, quantity: 1 }];
  const request = { orderId: ulid(), customerId: ulid(), wishes, types, retriable: false };
  expect((await placeHold(table, request, { now: start, ...OCCASION })).ok).toBe(true);
  expect(await repriceType(table, ticketTypeId, { now: start, ...OCCASION })).toBe('CHANGED');
  const told = start + 10 * SECOND;
  await putItems(table, logListingChanges([{ eventId: event.id, version: 0, priced: true }], told));

  const later = start + MINUTE;
  await compactIndex(sources, { now: later, ...OCCASION });
  for (const search of [live, new LiveSearch(sources), new LiveSearch({ table, snapshots: new MemorySnapshots() })]) {
    expect(await find(search, { priceMax: '5000' }, later)).toEqual([]);
    expect(await find(search, { priceMin: '8500' }, later)).toEqual([event.id]);
    expect(await find(search, { sort: 'price' }, later)).toEqual([event.id, dearer.id]);
  }
});

function priced(amount: number): { name: string; price: { amount: number; currency: string }; quantity: number } {
  return { name: 'Standing', price: { amount, currency: 'EUR' }, quantity: 10 };
}
