import { ulid } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';

import { KEY_SCOPES, notFoundOf, policyOf, type KeyScope, type Route } from '../../functions/shared/runtime/route.ts';
import { allRoutes, routesByContext } from '../../functions/site/all-routes.ts';
import {
  createMember,
  createOrganizations,
  credentialsOf,
  sessionOf,
  useSystemSecrets,
  type Member,
} from '../support/matrix-people.ts';
import { buyTicket, MATRIX, rowOf, type Asked, type MatrixRow, type MatrixWorld } from '../support/matrix-rows.ts';
import { createDraft } from '../support/matrix-rows-catalog.ts';
import {
  callersOf,
  expectationOf,
  PERSON_NAMES,
  type Caller,
  type Expectation,
  type PersonName,
} from '../support/matrix-rule.ts';
import { faultsOf } from '../support/matrix-verdict.ts';
import { audit, call, settled, systemRows, type ApiAnswer, type Person } from '../support/shop.ts';

const organizations = { own: ulid(), other: ulid() };
const members = new Map<PersonName, Member>();
let world: MatrixWorld;
/** Texts that only the owner, and whoever may see the owner's things, may ever read. */
let ownersData: readonly string[];

beforeAll(async () => {
  useSystemSecrets();
  for (const name of PERSON_NAMES) if (name !== 'nobody') members.set(name, await createMember(name, organizations));
  await createOrganizations(organizations, [...members.values()]);
  const [owner, organizer] = [await signedIn('owner'), await signedIn('organizer')];
  const created = await organizer.call('POST', '/api/events', {
    organizationId: organizations.own,
    title: 'Matrix Concert',
    description: '',
    category: 'music',
    startsAt: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    timeZone: 'Europe/Berlin',
    ticketTypes: [{ name: 'Standing', price: { amount: 4_500, currency: 'EUR' }, quantity: 500 }],
  });
  if (created.status !== 201) throw new Error(`Creating the event: ${created.text}`);
  const { eventId, event } = created.json;
  const published = await organizer.call('POST', `/api/events/${eventId}/publish`);
  if (published.status !== 200) throw new Error(`Publishing the event: ${published.text}`);
  const ticketTypeId = event.ticketTypes[0].id;
  const bought = await buyTicket({ owner, ticketTypeId });
  world = { organizationId: organizations.own, members, owner, organizer, eventId, ticketTypeId, ...bought };
  ownersData = [
    owner.userId,
    members.get('owner')?.email ?? '',
    'Given-owner',
    'Family-owner',
    world.paid.orderNumber,
    world.paid.paymentIntentId,
    world.paid.paymentClientSecret,
    world.ticket.qr,
    world.ticket.ticketNumber,
  ];
});

async function signedIn(name: PersonName): Promise<Person> {
  const member = members.get(name);
  if (member === undefined) throw new Error(`${name} has no account`);
  const { accessToken } = await sessionOf(member);
  return {
    userId: member.userId,
    call: (method, path, body, headers) =>
      call(method, path, body, { authorization: `Bearer ${accessToken}`, ...headers }),
  };
}

interface Cell {
  readonly caller: Caller;
  readonly expected: Expectation;
}

function cellsOf(route: Route, { hidden }: MatrixRow): readonly Cell[] {
  return callersOf(route, hidden).map((caller) => ({ caller, expected: expectationOf(route, caller, hidden) }));
}

/** Every route with its row, by context; that all have one is a test of its own. */
const TABLE = Object.entries(routesByContext).flatMap(([context, routes]) =>
  routes.flatMap((route: Route) => {
    const row = rowOf(route);
    if (row === undefined) return [];
    const cells = cellsOf(route, row);
    const refused = cells.filter(({ expected }) => expected !== 'SUCCESS');
    const granted = cells.filter(({ expected }) => expected === 'SUCCESS');
    return [{ id: route.id, context, route, row, refused, granted }];
  }),
);
/** Refusals change nothing, so those of one context are asked for together and compared with the table once. */
const REFUSING = [...Map.groupBy(TABLE, ({ context }) => context)].flatMap(([context, rows]) => {
  const refusing = rows.filter(({ refused }) => refused.length > 0);
  return refusing.length === 0 ? [] : [{ context, refusing }];
});
/** Requests under way at once. */
const AT_ONCE = 6;

/** Calls `judgeCell` for each cell, several at once, and gathers the faults. */
async function faultsAmong<T>(
  cells: readonly T[],
  judgeCell: (cell: T) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const waiting = [...cells];
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift())
      faults.push(...(await judgeCell(cell)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults;
}

/** Headers of callers, each made once: who is refused everywhere needs no session of its own for each route. */
function credentialsOnce(): (caller: Caller) => ReturnType<typeof credentialsOf> {
  const made = new Map<string, ReturnType<typeof credentialsOf>>();
  return (caller) => {
    const name = `${caller.person} ${caller.credential}`;
    const headers = made.get(name) ?? credentialsOf(caller, members.get(caller.person));
    made.set(name, headers);
    return headers;
  };
}

type Headers = Readonly<Record<string, string>>;

async function ask(route: Route, asked: Asked, headers: Headers): Promise<ApiAnswer> {
  const cookies = [asked.headers?.['cookie'], headers['cookie']].filter((each) => each !== undefined);
  const cookie: Headers = cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
  return call(route.method, asked.path, asked.body, { ...asked.headers, ...headers, ...cookie });
}

function judge(route: Route, row: MatrixRow, { caller, expected }: Cell, answer: ApiAnswer): readonly string[] {
  return faultsOf({ route, row, caller, expected, answer, ownersData });
}

/** What the table keeps, but for the log of scans that were refused, which is of the scanner's own organisation. */
async function rowsByKey(): Promise<ReadonlyMap<string, unknown>> {
  const rows = await systemRows();
  return new Map(
    rows
      .filter(({ pk }) => pk !== `SCANS#ORG#${organizations.other}`)
      // Sessions are made for the callers themselves.
      .filter(({ sk }) => !String(sk).startsWith('SESSION#'))
      .map((row) => [`${String(row['pk'])} ${String(row['sk'])}`, row]),
  );
}

describe('the matrix of routes and callers', () => {
  it('has a row for every route, and a route for every row', () => {
    expect(allRoutes.filter((route) => rowOf(route) === undefined).map(({ id }) => id)).toEqual([]);
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
    expect(ownersData.filter((text) => text.length < 6)).toEqual([]);
  });

  it.each(REFUSING)(
    'the routes of $context refuse who may not call them, tell them nothing and change nothing',
    async ({ refusing }) => {
      const cells: { readonly of: (typeof refusing)[number]; readonly asked: Asked; readonly cell: Cell }[] = [];
      for (const of of refusing) {
        const asked = await of.row.request(world);
        cells.push(...of.refused.map((cell) => ({ of, asked, cell })));
      }
      const headersOf = credentialsOnce();
      for (const { cell } of cells) await headersOf(cell.caller);
      await settled();
      const before = await rowsByKey();
      const faults = await faultsAmong(cells, async ({ of: { route, row }, asked, cell }) =>
        judge(route, row, cell, await ask(route, asked, await headersOf(cell.caller))),
      );
      expect(faults).toEqual([]);
      await settled();
      expect(await rowsByKey()).toEqual(before);
    },
  );

  it.each(TABLE.filter(({ granted }) => granted.length > 0))(
    '$id serves whoever may call it',
    async ({ route, row, granted }) => {
      const shared = row.once === true ? undefined : await row.request(world);
      const faults: string[] = [];
      for (const cell of granted) {
        const owner = row.endsOwner === true ? await createMember('owner', organizations) : undefined;
        const around = owner === undefined ? world : { ...world, owner: { ...world.owner, userId: owner.userId } };
        const asked = shared ?? (await row.request(around));
        const isOwner = cell.caller.person === 'owner';
        const somebody = members.get(cell.caller.person);
        const other =
          row.endsSessions === true && somebody !== undefined
            ? await createMember(cell.caller.person, organizations)
            : somebody;
        const member = (isOwner ? owner : undefined) ?? other;
        const headers = await credentialsOf(cell.caller, member);
        faults.push(...judge(route, row, cell, await ask(route, asked, headers)));
      }
      expect(faults).toEqual([]);
    },
  );

  it.each(TABLE.filter(({ row }) => row.sign !== undefined))('$id serves whoever signs it', async ({ route, row }) => {
    const asked = await row.sign?.(await row.request(world));
    const answer = await call(route.method, asked?.path ?? '', asked?.body, asked?.headers);
    const caller: Caller = { person: 'nobody', credential: 'bearer' };
    expect(judge(route, row, { caller, expected: 'SUCCESS' }, answer)).toEqual([]);
  });
});

describe('a vendor', () => {
  const keyFor = async (scopes: readonly KeyScope[], expiresAt?: string): Promise<{ id: string; headers: Headers }> => {
    const body = { organizationId: organizations.own, name: ulid(), scopes, expiresAt };
    const made = await world.organizer.call('POST', '/api/api-keys', body);
    if (made.status !== 201) throw new Error(`Making a key: ${made.text}`);
    return { id: made.json.id, headers: { 'x-api-key': made.json.key } };
  };
  const revoke = async ({ id }: { readonly id: string }): Promise<void> => {
    expect((await world.organizer.call('DELETE', `/api/api-keys/${id}`)).status).toBe(204);
  };
  const faultOf = (id: string, how: string, answer: ApiAnswer, expected: Expectation): readonly string[] => {
    const right = expected === 'SUCCESS' ? answer.status < 300 : answer.json?.code === expected;
    return right ? [] : [`${id} with ${how}: ${answer.status} ${answer.text} instead of ${expected}`];
  };

  it('does what the scope of its key says with what is its own, and no key of another kind does', async () => {
    const cookie = await credentialsOf({ person: 'owner', credential: 'cookie with CSRF token' }, members.get('owner'));
    const faults: string[] = [];
    for (const { id, route, row } of TABLE) {
      const scope = policyOf(route)?.key;
      if (scope === undefined) continue;
      const asked = await row.request(world);
      const key = await keyFor([scope]);
      const wrong = await keyFor(KEY_SCOPES.filter((other) => other !== scope));
      // What the row is about is the owner's, so it does not exist for the vendor.
      const own = await ask(route, asked, key.headers);
      faults.push(...faultOf(id, 'its scope', own, row.hidden ?? 'SUCCESS'));
      faults.push(...faultOf(id, 'other scopes', await ask(route, asked, wrong.headers), 'NOT_ALLOWED'));
      const both = await ask(route, asked, { ...cookie, ...key.headers });
      faults.push(...faultOf(id, 'a session beside the key', both, 'CREDENTIALS_CONFLICT'));
      await revoke(key);
      await revoke(wrong);
      faults.push(...faultOf(id, 'a revoked key', await ask(route, asked, key.headers), 'NOT_SIGNED_IN'));
    }
    expect(faults).toEqual([]);
  });

  it('may call no route that names no scope, whatever its key has', async () => {
    const key = await keyFor(KEY_SCOPES);
    const closed = TABLE.filter(({ route }) => policyOf(route)?.key === undefined && policyOf(route) !== undefined);
    const faults = await faultsAmong(closed, async ({ id, route, row }) =>
      faultOf(id, 'all scopes', await ask(route, await row.request(world), key.headers), 'NOT_ALLOWED'),
    );
    expect(faults).toEqual([]);
    await revoke(key);
  });

  it('holds and orders, sees what it bought, and nobody else sees it but who sees everything', async () => {
    const key = await keyFor(KEY_SCOPES);
    const items = [{ ticketTypeId: world.ticketTypeId, quantity: 1 }];
    const held = await call('POST', '/api/reservations', { items }, key.headers);
    expect(held.status, held.text).toBe(201);
    const { reservationId } = held.json;
    const ordered = await call('POST', '/api/orders', { reservationId }, key.headers);
    expect(ordered.status, ordered.text).toBe(201);
    await settled();
    const path = `/api/orders/${ordered.json.orderId}`;
    expect((await call('GET', path, undefined, key.headers)).status).toBe(200);
    const listed = await call('GET', '/api/orders', undefined, key.headers);
    expect(listed.json.items.map((order: { id: string }) => order.id)).toEqual([ordered.json.orderId]);
    const other = await keyFor(KEY_SCOPES);
    expect((await call('GET', path, undefined, other.headers)).json?.code).toBe('ORDER_NOT_FOUND');
    expect((await world.owner.call('GET', path)).json?.code).toBe('ORDER_NOT_FOUND');
    expect((await call('POST', `${path}/cancel`, {}, key.headers)).status).toBe(200);
    await Promise.all([revoke(key), revoke(other)]);
  });
});

describe('what a declaration cannot say', () => {
  it('shows a draft to its organizers alone', async () => {
    const eventId = await createDraft(world);
    const told: Record<string, unknown> = {};
    for (const person of PERSON_NAMES) {
      for (const path of [`/api/events/${eventId}`, `/api/tickets/types?eventId=${eventId}`]) {
        const headers = await credentialsOf({ person, credential: 'bearer' }, members.get(person));
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
    const foreign = await signedIn('organizer of another organisation');
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
    const headers = await credentialsOf({ person: 'owner', credential: 'bearer' }, members.get('owner'));
    expect((await call('POST', '/api/auth/logout', {}, headers)).status).toBe(204);
    expect((await call('GET', '/api/auth/me', undefined, headers)).json?.code).toBe('NOT_SIGNED_IN');
  });

  it('leaves a world in which every invariant holds', async () => {
    await settled();
    expect(await audit()).toEqual([]);
  });
});
