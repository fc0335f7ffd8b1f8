import { beforeAll, describe, expect, it } from 'vitest';

import { notFoundOf, policyOf, type Route } from '../../functions/shared/runtime/route.ts';
import { allRoutes, routesByContext } from '../../functions/site/all-routes.ts';
import { credentialsOf } from '../support/matrix-credentials.ts';
import { signedIn } from '../support/matrix-people.ts';
import { MATRIX, rowOf, type MatrixWorld } from '../support/matrix-rows.ts';
import { createDraft } from '../support/matrix-rows-catalog.ts';
import { PERSON_NAMES, type Caller } from '../support/matrix-rule.ts';
import { faultsOfGrants, faultsOfRefusals, judge, matrixRouteOf, withoutRow } from '../support/matrix-run.ts';
import { createWorld, ownersDataIn } from '../support/matrix-world.ts';
import { audit, call, settled } from '../support/shop.ts';

let world: MatrixWorld;

beforeAll(async () => {
  world = await createWorld();
});

/** Every route with its row, by context; that all have one is a test of its own. */
const TABLE = Object.entries(routesByContext).flatMap(([context, routes]) =>
  routes.flatMap((route: Route) => {
    const row = rowOf(route);
    return row === undefined ? [] : [{ context, ...matrixRouteOf(route, row) }];
  }),
);
const REFUSING = [...Map.groupBy(TABLE, ({ context }) => context)].flatMap(([context, routes]) => {
  const refusing = routes.filter(({ refused }) => refused.length > 0);
  return refusing.length === 0 ? [] : [{ context, refusing }];
});

describe('the matrix of routes and callers', () => {
  it('has a row for every route, and a route for every row', () => {
    expect(withoutRow(allRoutes)).toEqual([]);
    const known = new Set(allRoutes.map(({ id }) => id));
    expect(Object.keys(MATRIX).filter((id) => !known.has(id))).toEqual([]);
  });

  it('expects of what is out of reach what the policy says, so that no policy can lose its owner unseen', () => {
    const astray = TABLE.filter(({ route, row }) => {
      const owns = policyOf(route)?.owns;
      return (
        owns !== undefined && row.hidden !== undefined && row.verdictInstead !== true && row.hidden !== notFoundOf(owns)
      );
    });
    expect(astray.map(({ id }) => id)).toEqual([]);
  });

  it('grants every route to somebody, and refuses somebody wherever not anyone may call', () => {
    const idle = TABLE.filter(({ row, granted }) => granted.length === 0 && row.sign === undefined);
    expect(idle.map(({ route }) => route.id)).toEqual([]);
    const open = TABLE.filter(({ refused }) => refused.length === 0);
    expect(open.every(({ route }) => route.access.who === 'anyone')).toBe(true);
    expect(ownersDataIn(world).filter((text) => text.length < 6)).toEqual([]);
  });

  it.each(REFUSING)(
    'the routes of $context refuse who may not call them, tell them nothing and change nothing',
    async ({ refusing }) => {
      expect(await faultsOfRefusals(world, refusing)).toEqual([]);
    },
  );

  it.each(TABLE.filter(({ granted }) => granted.length > 0))('$id serves whoever may call it', async (granting) => {
    expect(await faultsOfGrants(world, granting)).toEqual([]);
  });

  it.each(TABLE.filter(({ row }) => row.sign !== undefined))('$id serves whoever signs it', async (signed) => {
    const asked = await signed.row.sign?.(await signed.row.request(world));
    const answer = await call(signed.route.method, asked?.path ?? '', asked?.body, asked?.headers);
    const caller: Caller = { person: 'nobody', credential: 'bearer' };
    expect(judge(world, signed, { caller, expected: 'SUCCESS' }, answer)).toEqual([]);
  });
});

describe('what a declaration cannot say', () => {
  it('shows a draft to its organizers alone', async () => {
    const eventId = await createDraft(world);
    const told: Record<string, unknown> = {};
    for (const person of PERSON_NAMES) {
      for (const path of [`/api/events/${eventId}`, `/api/tickets/types?eventId=${eventId}`]) {
        const headers = await credentialsOf(world, { person, credential: 'bearer' });
        const { status, json, text } = await call('GET', path, undefined, headers);
        told[person] = { status, code: json?.code, tells: text.includes(eventId) };
      }
    }
    const hidden = { status: 404, code: 'EVENT_NOT_FOUND', tells: false };
    expect(told).toEqual({
      ...Object.fromEntries(PERSON_NAMES.map((person) => [person, hidden])),
      organizer: { status: 200, code: undefined, tells: true },
    });
  });

  it('shows an organizer of an order with several only what is theirs', async () => {
    const foreign = await signedIn(world, 'organizer of another organisation');
    const created = await foreign.call('POST', '/api/events', {
      title: 'The Other Evening',
      description: '',
      category: 'music',
      startsAt: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
      timeZone: 'Europe/Berlin',
      ticketTypes: [{ name: 'Seated', price: { amount: 9_900, currency: 'EUR' }, quantity: 10 }],
    });
    const { eventId, event } = created.json;
    expect((await foreign.call('POST', `/api/events/${eventId}/publish`)).status).toBe(200);
    const held = await world.owner.call('POST', '/api/reservations', {
      items: [
        { ticketTypeId: world.ticketTypeId, quantity: 1 },
        { ticketTypeId: event.ticketTypes[0].id, quantity: 1 },
      ],
    });
    expect(held.status, held.text).toBe(201);
    const path = `/api/orders/${held.json.reservationId}`;
    for (const [host, ownEvent, price] of [
      [world.organizer, world.eventId, 4_500],
      [foreign, eventId, 9_900],
    ] as const) {
      const { json, status, text } = await host.call('GET', path);
      expect(status, text).toBe(200);
      expect(json.items.map((item: { eventId: string }) => item.eventId)).toEqual([ownEvent]);
      expect(json.totalPrice).toEqual({ amount: price, currency: 'EUR' });
      expect(json.payment).toBeUndefined();
    }
    expect((await world.owner.call('GET', path)).json.items).toHaveLength(2);
  });

  it('a logged-out token is dead on every route that needs somebody', async () => {
    const headers = await credentialsOf(world, { person: 'owner', credential: 'bearer' });
    expect((await call('POST', '/api/auth/logout', {}, headers)).status).toBe(204);
    expect((await call('GET', '/api/auth/me', undefined, headers)).json?.code).toBe('NOT_SIGNED_IN');
  });

  it('leaves a world in which every invariant holds', async () => {
    await settled();
    expect(await audit()).toEqual([]);
  });
});
