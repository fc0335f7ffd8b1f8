import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { tendedAt } from '../../functions/catalog/contract.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import { aggregateOf, ALL_EVENTS } from '../../functions/outbox/domain/relay.ts';
import { DAY, MINUTE, toTimestamp } from '../../functions/shared/kernel/clock.ts';
import { envelopeOf, type Envelope } from '../../functions/shared/runtime/events.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

const PRICE = { amount: 1_000, currency: 'EUR' as const };
const ANY = { 'if-match': '*' };

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

/** The envelope that the relay makes of an event's row as it is now. */
async function raised(eventId: string): Promise<Envelope> {
  const row = marked(await world.rowOf(eventId));
  const definition = ALL_EVENTS.get(row.ev);
  if (definition === undefined) throw new Error(`${row.ev} is not declared`);
  return envelopeOf(definition, aggregateOf(row), row);
}

const onType = (method: string, event: EventView, what: string, body?: object): ReturnType<CatalogWorld['send']> =>
  world.send(`${method} /api/ticket-types/{ticketTypeId}${what}`, {
    params: { ticketTypeId: typeOf(event) },
    headers: ANY,
    ...(body === undefined ? {} : { body }),
  });
const edit = (event: EventView, body: object): ReturnType<CatalogWorld['send']> =>
  world.send('PATCH /api/events/{eventId}', { params: { eventId: event.id }, headers: ANY, body });
const later = (event: EventView): string => toTimestamp(Date.parse(event.startsAt) + DAY);

/** What is done to a published event, which event that raises, and what its data tell beyond the ids (seed 003). */
const CASES: readonly (readonly [string, (event: EventView) => Promise<{ status: number }>, string, object])[] = [
  [
    'publishing',
    async () => ({ status: 200 }),
    'EventPublished',
    { timeZone: 'Europe/Berlin', ticketTypes: [{ quantity: 120 }, { quantity: 30 }] },
  ],
  [
    'moving',
    (event) => world.onEvent(event.id, '/reschedule', { startsAt: later(event) }),
    'EventRescheduled',
    { timeZone: 'Europe/Berlin' },
  ],
  [
    'cancelling',
    (event) => world.onEvent(event.id, '/cancel', { reason: 'Flood' }),
    'EventCancelled',
    { cancellation: {} },
  ],
  ['taking it back', (event) => world.onEvent(event.id, '/unpublish'), 'EventUnpublished', {}],
  [
    'another price',
    (event) => onType('PATCH', event, '', { price: PRICE }),
    'TicketTypePriceChanged',
    { changed: ['price'] },
  ],
  [
    'another price and name',
    (event) => onType('PATCH', event, '', { price: PRICE, name: 'Pit' }),
    'TicketTypePriceChanged',
    { changed: ['name', 'price'] },
  ],
  [
    'another name of a type',
    (event) => onType('PATCH', event, '', { name: 'Pit' }),
    'TicketTypeChanged',
    { changed: ['name'] },
  ],
  [
    'another sale',
    (event) => onType('PATCH', event, '', { saleEndsAt: toTimestamp(Date.now() + DAY) }),
    'TicketTypeChanged',
    { changed: ['saleEndsAt'] },
  ],
  [
    'another zone of a type',
    (event) => onType('PATCH', event, '', { zones: ['Pit'] }),
    'EventUpdated',
    { changed: ['zones'] },
  ],
  [
    'another access level and sale of a type',
    (event) => onType('PATCH', event, '', { accessLevel: 'VIP', saleEndsAt: toTimestamp(Date.now() + DAY) }),
    'EventUpdated',
    { changed: ['accessLevel', 'saleEndsAt'] },
  ],
  [
    'one type more',
    (event) => world.onEvent(event.id, '/ticket-types', { name: 'Balcony', price: PRICE, quantity: 5 }),
    'TicketTypeAdded',
    {},
  ],
  ['one type fewer', (event) => onType('DELETE', event, ''), 'TicketTypeRemoved', {}],
  ...(
    [
      ['title', { title: 'Another' }],
      ['performers', { performers: ['Tide Orchestra'] }],
      ['ageLimit', { ageLimit: 18 }],
      ['venue', { location: 'Pier 3' }],
      ['cancellationPolicy', { cancellationPolicy: { windowHours: 24 } }],
    ] as const
  ).map(
    ([member, body]) =>
      [`another ${member}`, (event: EventView) => edit(event, body), 'EventUpdated', { changed: [member] }] as const,
  ),
  ...(
    [
      ['description', { description: 'Other words' }],
      ['category', { category: 'theatre' }],
      ['tags', { tags: ['quay'] }],
    ] as const
  ).map(
    ([member, body]) =>
      [`another ${member}`, (event: EventView) => edit(event, body), 'EventEdited', { changed: [member] }] as const,
  ),
];

describe('of a published event', () => {
  it.each(CASES.map(([what, act, name, data]) => ({ what, act, name, data })))(
    '$what raises $name, once, in its versioned envelope',
    async ({ act, name, data }) => {
      const event = await world.published();
      const answer = await act(event);
      expect(answer.status).toBeLessThan(300);
      const envelope = await raised(event.id);
      expect(envelope).toMatchObject({
        name: `catalog.${name}.v1`,
        id: `event/${event.id}/${envelope.version}`,
        aggregate: { type: 'event', id: event.id },
        data: { eventId: event.id, organizationId: world.organizationId, ...data },
      });
      expect(Date.parse(envelope.occurredAt)).toBeGreaterThan(Date.now() - 60_000);
      expect(envelope.correlationId).not.toBe('');
      // One change, one event: cancelling what nobody holds is two, begun and done.
      const steps = name === 'EventPublished' ? 0 : name === 'EventCancelled' ? 2 : 1;
      expect(envelope.version).toBe(event.version + steps);
    },
  );

  it('a cancellation that waits for what is held raises that it has started, and no more', async () => {
    const event = await world.published();
    await world.hold(typeOf(event), await world.copiesOf(event));
    await world.onEvent(event.id, '/cancel', { reason: 'Flood' });
    const { name, version, data } = await raised(event.id);
    expect([name, version]).toEqual(['catalog.EventCancellationStarted.v1', event.version + 1]);
    expect(data).toMatchObject({ eventId: event.id, cancellation: { startedAt: expect.any(Number) } });
    expect(data, 'why it is cancelled may tell of somebody').not.toHaveProperty('cancellation.reason');
  });

  it('another price and zone at once are refused: holders hear of the one, the ticketing side of the other', async () => {
    const event = await world.published();
    const refused = await onType('PATCH', event, '', { zones: ['Pit'], price: PRICE });
    expect([refused.status, refused.json['errors']]).toMatchObject([400, [{ path: 'price' }]]);
    expect((await raised(event.id)).version).toBe(event.version);
  });

  it('the sale that moves is brought in line in every block, whatever the event is called', async () => {
    const event = await world.published();
    await onType('PATCH', event, '', { accessLevel: 'VIP', saleEndsAt: toTimestamp(Date.now() + DAY) });
    const row = marked(await world.rowOf(event.id));
    expect(tendedAt(row)).toEqual([row.at + MINUTE]);
    await edit(event, { title: 'Another' });
    expect(tendedAt(marked(await world.rowOf(event.id)))).toEqual([]);
  });

  it('what changes nothing raises nothing', async () => {
    const event = await world.published();
    const { title, startsAt, ticketTypes } = event;
    await edit(event, { title });
    await world.onEvent(event.id, '/reschedule', { startsAt });
    await onType('PATCH', event, '', { name: ticketTypes[0]?.name, price: ticketTypes[0]?.price });
    expect((await raised(event.id)).version).toBe(event.version);
    const read = await world.send('GET /api/events/{eventId}', { params: { eventId: event.id } });
    expect(eventView.parse(read.json).version).toBe(event.version);
  });
});
