import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findEventOfType } from '../../functions/catalog/reads.ts';
import { createSeries } from '../../functions/catalog/series-routes.ts';
import { eventView, type EventView } from '../../functions/catalog/views.ts';
import type { PricingRules } from '../../functions/pricing/contract.ts';
import { setPricing } from '../../functions/pricing/operations.ts';
import { findPricing } from '../../functions/pricing/reads.ts';
import { DAY, HOUR } from '../../functions/shared/kernel/clock.ts';
import { codeOf, startCatalog, type CatalogWorld } from './catalog-world.ts';

let world: CatalogWorld;
beforeAll(async () => {
  world = await startCatalog();
});
afterAll(() => world.close());

const price = { amount: 4_500, currency: 'EUR' };
const occasion = () => ({ now: Date.now(), correlationId: 'test', by: 'system' });

async function giveRules(ticketTypeId: string, rules: PricingRules): Promise<void> {
  const event = await findEventOfType(world.db.table, ticketTypeId);
  const type = event?.ticketTypes.find((each) => each.ticketTypeId === ticketTypeId);
  if (event === undefined || type === undefined) throw new Error('There is no such type');
  const set = await setPricing(world.db.table, { event, type }, { rules, version: undefined }, occasion());
  expect(set.ok).toBe(true);
}

const named = ({ ticketTypes }: EventView, name: string): string =>
  ticketTypes.find((type) => type.name === name)?.id ?? '';
const rulesOf = async (ticketTypeId: string): Promise<PricingRules | undefined> =>
  (await findPricing(world.db.table, ticketTypeId))?.rules;
const eventOf = async (eventId: string): Promise<EventView> =>
  eventView.parse((await world.send('GET /api/events/{eventId}', { params: { eventId } })).json);

describe('price rules of a copy', () => {
  it('are those of its model, in phases that keep their distance to the start, and work once it is published', async () => {
    const startsAt = Date.now() + 60 * DAY;
    const model = await world.draft({
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(startsAt + 3 * HOUR).toISOString(),
      ticketTypes: [
        { name: 'Standing', price, quantity: 5 },
        { name: 'Balcony', price, quantity: 5 },
      ],
    });
    const rules: PricingRules = {
      tiers: [{ afterSold: 2, price: 6_000 }],
      phases: [{ name: 'Early', price: 3_000, endsAt: startsAt - 20 * DAY }],
    };
    await giveRules(named(model, 'Standing'), rules);
    const later = new Date(startsAt + 30 * DAY + HOUR).toISOString();
    const answer = await world.onEvent(model.id, '/duplicate', { startsAt: later }, { 'idempotency-key': 'copy-1' });
    expect(answer.status).toBe(201);
    const copy = await eventOf(String(answer.json['eventId']));
    const standing = named(copy, 'Standing');
    expect(await findPricing(world.db.table, standing)).toMatchObject({
      eventId: copy.id,
      rulesVersion: 1,
      basePrice: 4_500,
      rules: { tiers: rules.tiers, phases: [{ name: 'Early', price: 3_000, endsAt: startsAt + 10 * DAY + HOUR }] },
    });
    expect(await rulesOf(named(copy, 'Balcony')), 'where there are none there are none').toBeUndefined();
    const again = await world.onEvent(model.id, '/duplicate', { startsAt: later }, { 'idempotency-key': 'copy-1' });
    expect(again.json['eventId']).toBe(copy.id);

    await world.onEvent(copy.id, '/publish');
    expect((await world.copiesOf(copy)).get(standing)).toMatchObject({ unitPrice: 3_000, dynamic: true });
    await giveRules(named(model, 'Standing'), {});
    const plain = await world.onEvent(model.id, '/duplicate');
    expect(await rulesOf(named(await eventOf(String(plain.json['eventId'])), 'Standing'))).toBeUndefined();
  });
});

describe('price rules of a series', () => {
  it('are set for all dates to come at once, in phases before the start of each; on sale they work at once', async () => {
    const made = await world.send('POST /api/series', {
      body: {
        title: 'Harbour Fridays',
        description: '',
        category: 'concert',
        timeZone: 'Europe/Berlin',
        startsAtLocal: '2090-07-07T20:00',
        rrule: 'FREQ=WEEKLY;COUNT=3',
        ticketTypes: [{ name: 'Standing', price, quantity: 5 }],
      },
    });
    const { seriesId, series } = createSeries.responses[201].parse(made.json);
    const [first = '', second = '', third = ''] = series.dates.map(({ eventId }) => eventId);
    await world.onEvent(first, '/publish');
    await world.onEvent(second, '/publish');
    await world.onEvent(second, '/cancel', { reason: 'Flood' });
    const set = (body: object): ReturnType<CatalogWorld['send']> =>
      world.send('PUT /api/series/{seriesId}/pricing', { params: { seriesId }, body });

    const wrong = await set({
      ticketType: 'Standing',
      rules: {
        tiers: [
          { afterSold: 5, price: 6_000 },
          { afterSold: 2, price: 5_000 },
        ],
        phases: [{ name: 'Early', changeBp: -2_000, startsMinutesBefore: 60, endsMinutesBefore: 120 }],
      },
    });
    expect(codeOf(wrong)).toEqual([400, 'INVALID_INPUT']);
    expect(wrong.json['errors']).toMatchObject([
      { path: 'rules.tiers.1.afterSold' },
      { path: 'rules.tiers.1.price' },
      { path: 'rules.phases.0.endsMinutesBefore' },
    ]);

    const rules = { phases: [{ name: 'Early', price: 3_000, endsMinutesBefore: 7 * 24 * 60 }] };
    const answer = { changed: [first, third], left: [{ eventId: second, reason: 'CLOSED' }] };
    for (const _again of [1, 2])
      expect(await set({ ticketType: 'Standing', rules })).toMatchObject({ status: 200, json: answer });
    for (const { eventId, startsAt } of series.dates.filter((date) => date.eventId !== second)) {
      const event = await eventOf(eventId);
      const endsAt = Date.parse(startsAt) - 7 * DAY;
      expect(await rulesOf(named(event, 'Standing'))).toEqual({ phases: [{ name: 'Early', price: 3_000, endsAt }] });
    }
    const onSale = await eventOf(first);
    expect((await world.copiesOf(onSale)).get(named(onSale, 'Standing'))).toMatchObject({
      unitPrice: 3_000,
      nextPrice: { unitPrice: 4_500 },
    });
    const unknown = await set({ ticketType: 'Royal box', rules });
    expect(unknown.json).toMatchObject({ changed: [], left: [{ reason: 'NO_SUCH_TYPE' }, { reason: 'CLOSED' }, {}] });
  });
});
