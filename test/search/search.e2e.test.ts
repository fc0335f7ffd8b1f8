import { beforeAll, describe, expect, it } from 'vitest';

import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { call, confirm, fire, kill, order, organizer, payByCard, person, settled } from '../support/shop.ts';

interface Found {
  readonly total: number;
  readonly matching: string;
  readonly items: readonly { readonly id: string; readonly title: string; readonly availableTickets: number }[];
  readonly facets: { readonly city: readonly { readonly value: string; readonly count: number }[] };
}

/** Each run looks for words that no other test publishes. */
const CITY = 'Zwötzen';

async function publish(title: string, changes: object = {}): Promise<{ eventId: string; ticketTypeId: string }> {
  const host = await organizer();
  const created = await host.call('POST', '/api/events', {
    title,
    description: 'An evening by the sea.',
    category: 'music',
    startsAt: new Date(Date.now() + 40 * 24 * HOUR).toISOString(),
    timeZone: 'Europe/Berlin',
    location: { name: 'Pier 7', city: CITY },
    ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 10 }],
    ...changes,
  });
  expect(created.status, created.text).toBe(201);
  const { eventId, event } = created.json;
  const published = await host.call('POST', `/api/events/${eventId}/publish`);
  expect(published.status, published.text).toBe(200);
  return { eventId, ticketTypeId: event.ticketTypes[0].id };
}

async function find(query: Readonly<Record<string, string>>): Promise<Found> {
  const answer = await call('GET', `/api/events?${new URLSearchParams(query).toString()}`);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get('cache-control')).toMatch(/max-age=\d+/);
  return answer.json;
}

/** Searches until `done`: changes may take five seconds to show. */
async function findOnce(query: Readonly<Record<string, string>>, done: (found: Found) => boolean): Promise<Found> {
  await settled();
  return expect
    .poll(() => find(query), { timeout: 5_000, interval: 200 })
    .toSatisfy(done)
    .then(() => find(query));
}

let quiet: { eventId: string; ticketTypeId: string };
let loud: { eventId: string; ticketTypeId: string };

beforeAll(async () => {
  // The index is loaded before there is anything to find, so that what shows came through the log of changes.
  await find({ q: 'Xylophonmarathon' });
  quiet = await publish('Xylophonmarathon der Nachtigallen');
  loud = await publish('Xylophonmarathon am Kai');
});

describe('searching the running system', () => {
  it('finds what was just published, with typing errors, by its city, and while one is still typing', async () => {
    const both = await findOnce({ q: 'xylophonmarathon' }, ({ total }) => total === 2);
    expect(both.matching).toBe('plain');
    expect(both.items.map(({ id }) => id).toSorted()).toEqual([quiet.eventId, loud.eventId].toSorted());
    expect(both.facets.city).toContainEqual({ value: CITY, count: 2 });

    const typed = await find({ q: 'xylofonmarathon nachtigalen' });
    expect([typed.matching, typed.items[0]?.id]).toEqual(['typos', quiet.eventId]);
    expect((await find({ q: 'zwotzen' })).total).toBe(2);
    const { json } = await call('GET', '/api/events/suggestions?q=xylopho');
    expect(json.items.map(({ id }: { id: string }) => id).toSorted()).toEqual([quiet.eventId, loud.eventId].toSorted());
  });

  it('hides a draft', async () => {
    const host = await organizer();
    const draft = await host.call('POST', '/api/events', {
      title: 'Xylophonmarathon im Geheimen',
      description: '–',
      category: 'music',
      startsAt: new Date(Date.now() + 40 * 24 * HOUR).toISOString(),
      timeZone: 'Europe/Berlin',
      ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 10 }],
    });
    expect(draft.status, draft.text).toBe(201);
    await settled();
    expect((await find({ q: 'Xylophonmarathon' })).items.map(({ id }) => id)).not.toContain(draft.json.eventId);
  });

  it('is compacted by the job, and an environment that starts then answers from the snapshot', async () => {
    expect((await fire('compact-index', Date.now()))['outrun']).toBeUndefined();
    const buyer = await person();
    const placed = await order(buyer, loud.ticketTypeId, 2);
    expect(await payByCard(placed)).toBe(200);
    expect((await confirm(buyer, placed)).status).toBe(200);
    const third = await publish('Xylophonmarathon zum Dritten');
    await settled();
    const compacted = await fire('compact-index', Date.now());
    expect(compacted['rebuilt']).toBe(0);
    expect(compacted['changes']).toBeGreaterThan(0);

    await kill('searchfind');
    const found = await findOnce({ q: 'xylophonmarathon' }, ({ total }) => total === 3);
    const left = new Map(found.items.map(({ id, availableTickets }) => [id, availableTickets]));
    expect(left.get(loud.eventId)).toBe(8);
    expect(left.get(third.eventId)).toBe(10);
  });

  it('answers what has not changed with 304', async () => {
    const first = await call('GET', '/api/events?q=xylophonmarathon');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const again = await call('GET', '/api/events?q=xylophonmarathon', undefined, { 'if-none-match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('names every fault of a query', async () => {
    const answer = await call('GET', '/api/events?dateFrom=yesterday&near=1000,1000&sort=best&limit=0');
    expect(answer.status).toBe(400);
    const paths = answer.json.errors.map(({ path }: { path: string }) => path);
    for (const path of ['dateFrom', 'near', 'sort', 'limit']) expect(paths.join(' ')).toContain(path);
  });
});
