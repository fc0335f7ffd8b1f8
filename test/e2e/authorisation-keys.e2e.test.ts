import { ulid } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';

import { vendorIdOf } from '../../functions/shared/runtime/api-key.ts';
import { KEY_SCOPES, policyOf } from '../../functions/shared/runtime/route.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { credentialsOf, makeKey, revokeKey, type VendorKey } from '../support/matrix-credentials.ts';
import { buyTicket, rowOf, type MatrixRow, type MatrixWorld } from '../support/matrix-rows.ts';
import type { Expectation } from '../support/matrix-rule.ts';
import { askSystem, faultsAmong } from '../support/matrix-run.ts';
import { createWorld } from '../support/matrix-world.ts';
import { audit, call, settled, type ApiAnswer } from '../support/shop.ts';

/** Every route that not anyone may call, and the scope that it asks of a key, if it takes any. */
const ROUTES = allRoutes.flatMap((route) => {
  const policy = policyOf(route);
  const row = rowOf(route);
  return policy === undefined || row === undefined ? [] : [{ route, row, scope: policy.key }];
});
const SCOPED = ROUTES.flatMap(({ route, row, scope }) =>
  scope === undefined ? [] : [{ id: route.id, route, row, scope }],
);

/** A vendor whose things requests can be about, as if it were the owner. */
interface Vendor {
  readonly name: string;
  readonly key: VendorKey;
  readonly world: MatrixWorld;
}

let world: MatrixWorld;
/** Whoever buys for somebody else: here, and a rival that sells for the same organisation. */
let vendor: Vendor;
let rival: VendorKey;

beforeAll(async () => {
  world = await createWorld();
  vendor = await openShop();
  rival = await makeKey(world, KEY_SCOPES);
});

async function openShop(): Promise<Vendor> {
  const name = ulid();
  const key = await makeKey(world, KEY_SCOPES, name);
  const owner: MatrixWorld['owner'] = {
    userId: vendorIdOf({ organizationId: world.organizationId, name }),
    call: (method, path, body, headers) => call(method, path, body, { ...key.headers, ...headers }),
  };
  const bought = await buyTicket({ owner, ticketTypeId: world.ticketTypeId });
  return { name, key, world: { ...world, owner, ...bought } };
}

function faultOf(how: string, answer: ApiAnswer, expected: Expectation): readonly string[] {
  const right = expected === 'SUCCESS' ? answer.status < 300 : answer.json?.code === expected;
  return right ? [] : [`${how}: ${answer.status} ${answer.text} instead of ${expected}`];
}

/** What a thing answers to a vendor whose it is not; routes about nothing serve anybody who may call. */
function hiddenBy({ hidden }: MatrixRow): Expectation {
  return hidden ?? 'SUCCESS';
}

describe('an API key', () => {
  it.each(SCOPED)(
    'with $scope alone calls $id for what is its vendor’s, and no other key does',
    async ({ route, row, scope }) => {
      const alone = await makeKey(world, [scope], vendor.name);
      const wrong = await makeKey(
        world,
        KEY_SCOPES.filter((other) => other !== scope),
      );
      const asked = await row.request(vendor.world);
      const foreign = await askSystem(route, asked, rival.headers);
      const unscoped = await askSystem(route, asked, wrong.headers);
      const own = await askSystem(route, row.once === true ? await row.request(vendor.world) : asked, alone.headers);
      await revokeKey(world, alone);
      await revokeKey(world, wrong);
      expect([
        ...faultOf('another vendor of the organisation', foreign, hiddenBy(row)),
        ...faultOf('a key with all other scopes', unscoped, 'NOT_ALLOWED'),
        ...faultOf('the vendor itself', own, 'SUCCESS'),
        ...faultOf('the key once it is revoked', await askSystem(route, asked, alone.headers), 'NOT_SIGNED_IN'),
      ]).toEqual([]);
    },
  );

  it('does not reach what people bought, nor do people what it bought', async () => {
    const owner = await credentialsOf(world, { person: 'owner', credential: 'bearer' });
    const faults = await faultsAmong(SCOPED, async ({ id, route, row }) => [
      ...faultOf(`${id} by a key`, await askSystem(route, await row.request(world), vendor.key.headers), hiddenBy(row)),
      ...faultOf(`${id} by a customer`, await askSystem(route, await row.request(vendor.world), owner), hiddenBy(row)),
    ]);
    expect(faults).toEqual([]);
  });

  it('may call no route that names no scope, whatever its scopes', async () => {
    const closed = ROUTES.filter(({ scope }) => scope === undefined);
    expect(closed.length).toBeGreaterThan(40);
    const faults = await faultsAmong(closed, async ({ route, row }) =>
      faultOf(route.id, await askSystem(route, await row.request(world), vendor.key.headers), 'NOT_ALLOWED'),
    );
    expect(faults).toEqual([]);
  });

  it('beside a session is refused on every route', async () => {
    const cookie = await credentialsOf(world, { person: 'owner', credential: 'cookie with CSRF token' });
    const bearer = await credentialsOf(world, { person: 'owner', credential: 'bearer' });
    const faults = await faultsAmong(ROUTES, async ({ route, row }) => {
      const asked = await row.request(world);
      const both = [cookie, bearer].map((session) => askSystem(route, asked, { ...session, ...vendor.key.headers }));
      return (await Promise.all(both)).flatMap((answer) => faultOf(route.id, answer, 'CREDENTIALS_CONFLICT'));
    });
    expect(faults).toEqual([]);
  });

  it('lists to its vendor what that has bought, and nothing else', async () => {
    const listed = await call('GET', '/api/orders', undefined, vendor.key.headers);
    expect(listed.json.items.map(({ id }: { id: string }) => id)).toContain(vendor.world.paid.orderId);
    const others = await call('GET', '/api/orders', undefined, rival.headers);
    const mine = new Set(listed.json.items.map(({ id }: { id: string }) => id));
    expect(others.json.items.filter(({ id }: { id: string }) => mine.has(id))).toEqual([]);
  });

  it('leaves a world in which every invariant holds', async () => {
    await settled();
    expect(await audit()).toEqual([]);
  });
});
