import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { editSeries } from '../../functions/catalog/app/edit-series.ts';
import { createSeries, type SeriesView } from '../../functions/catalog/series-routes.ts';
import { findSeries } from '../../functions/catalog/reads.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { testClient } from '../support/dynamodb.ts';
import { startCatalog, typeOf, type CatalogWorld } from './catalog-world.ts';

let world: CatalogWorld;

beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const PRICE = { amount: 1_000, currency: 'EUR' };
const BODY = {
  title: 'Organ at noon',
  description: 'Half an hour each Friday.',
  category: 'classical',
  timeZone: 'Europe/Berlin',
  startsAtLocal: '2090-03-24T12:00',
  rrule: 'FREQ=WEEKLY;COUNT=2',
};
const STANDING = { ticketTypes: [{ name: 'Nave', price: PRICE, quantity: 30 }] };

async function seriesOf(more: object): Promise<SeriesView> {
  const answer = await world.send('POST /api/series', { body: { ...BODY, ...more } });
  if (answer.status !== 201) throw new Error(answer.text);
  return createSeries.responses[201].parse(answer.json).series;
}

async function published(eventId: string): Promise<EventView> {
  const answer = await world.onEvent(eventId, '/publish');
  if (answer.status !== 200) throw new Error(answer.text);
  return eventView.parse(answer.json);
}

/** The table for somebody before whose first transaction, and so after whose look, something else happens. */
function interrupted(before: () => Promise<unknown>): Table {
  const { name } = world.db.table;
  const { client } = tableOn(testClient(), name);
  let done = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!done && String(context['commandName']).startsWith('TransactWrite')) {
        done = true;
        await before();
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, name };
}

async function editBy(table: Table, { id }: SeriesView, patch: object) {
  const series = await findSeries(world.db.table, id);
  if (series === undefined) throw new Error('The series is gone');
  const occasion = { now: Date.now(), correlationId: 'test', by: ulid() };
  const edited = await editSeries(table, { series, version: 'any' }, patch, occasion);
  if (!edited.ok) throw new Error(JSON.stringify(edited.error));
  return edited.value;
}

const POLICY = { cancellationPolicy: { windowHours: 500, feePercent: 100 } };

describe('a hold between the look of a series at a date and its edit', () => {
  it.each([
    ['of a counted ticket', async () => STANDING],
    [
      'of a seat',
      async () => ({
        venueId: await world.hall(4),
        ticketTypes: [{ name: 'Stalls', price: PRICE, quantity: 12, seatCategory: 'Stalls' }],
      }),
    ],
  ])('%s leaves the date as it was sold; the other dates change', async (_what, more) => {
    const series = await seriesOf(await more());
    const [first, second] = series.dates;
    const event = await published(first?.eventId ?? '');
    const types = await world.copiesOf(event);
    let held = '';
    const table = interrupted(async () => {
      held = await world.hold(typeOf(event), types);
    });

    const { changed, left } = await editBy(table, series, POLICY);
    expect(held, 'the edit does not stand in the way of a hold').toMatch(/^01/);
    expect(left).toEqual([{ eventId: event.id, reason: 'SOLD' }]);
    expect(changed).toEqual([second?.eventId]);
    expect(await world.rowOf(event.id)).not.toHaveProperty('cancellationPolicy');
    expect((await world.copiesOf(event)).get(typeOf(event)), 'nor do purchases learn of it').not.toHaveProperty(
      'cancellationPolicy',
    );
  });

  it('is not waited for where a house has more rows than one transaction: the look alone decides', async () => {
    const more = {
      venueId: await world.hall(120),
      ticketTypes: [{ name: 'Stalls', price: PRICE, quantity: 360, seatCategory: 'Stalls' }],
    };
    const series = await seriesOf(more);
    const event = await published(series.dates[0]?.eventId ?? '');
    expect((await editBy(world.db.table, series, POLICY)).left).toEqual([]);
    expect(await world.hold(typeOf(event), await world.copiesOf(event))).toMatch(/^01/);
    const sold = await editBy(world.db.table, series, { cancellationPolicy: null });
    expect(sold.left).toEqual([{ eventId: event.id, reason: 'SOLD' }]);
  });

  it('that is given back before the edit leaves it nothing to fear', async () => {
    const series = await seriesOf(STANDING);
    const event = await published(series.dates[0]?.eventId ?? '');
    const types = await world.copiesOf(event);
    const table = interrupted(async () => world.release(await world.hold(typeOf(event), types)));
    const { changed, left } = await editBy(table, series, POLICY);
    expect(left).toEqual([]);
    expect(changed).toEqual(series.dates.map(({ eventId }) => eventId));
    expect(await world.rowOf(event.id)).toMatchObject(POLICY);
  });

  it('of tickets for the house is none: the date is looked at anew, and changes', async () => {
    const series = await seriesOf(STANDING);
    const event = await published(series.dates[0]?.eventId ?? '');
    const keep = (quantity: number) =>
      world.send('PUT /api/ticket-types/{ticketTypeId}/blocked', {
        params: { ticketTypeId: typeOf(event) },
        body: { quantity },
      });
    await keep(4);
    const { changed, left } = await editBy(
      interrupted(() => keep(9)),
      series,
      POLICY,
    );
    expect(left).toEqual([]);
    expect(changed).toEqual(series.dates.map(({ eventId }) => eventId));
    expect(await world.rowOf(event.id)).toMatchObject(POLICY);
  });
});
