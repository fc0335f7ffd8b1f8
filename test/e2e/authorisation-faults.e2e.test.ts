import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import * as z from 'zod/mini';

import { problem } from '../../functions/shared/kernel/problems.ts';
import { err, ok } from '../../functions/shared/kernel/result.ts';
import { httpFunction, serve, serveTo, type Served } from '../../functions/shared/runtime/http.ts';
import { route, routeKey, type Route } from '../../functions/shared/runtime/route.ts';
import { serveOwned } from '../../functions/shared/runtime/serve-owned.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { secretName } from '../../lib/secrets.ts';
import { call } from '../support/http.ts';
import type { MatrixRow, MatrixWorld } from '../support/matrix-rows.ts';
import { faultsOfGrants, faultsOfRefusals, matrixRouteOf, withoutRow, type Ask } from '../support/matrix-run.ts';
import { createWorld } from '../support/matrix-world.ts';
import { systemTable } from '../support/shop.ts';

let world: MatrixWorld;

beforeAll(async () => {
  world = await createWorld();
  vi.stubEnv('ORIGIN_KEYS_PARAMETER', '');
  vi.stubEnv('PUBLIC_URL', inject('system').url);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const params = z.strictObject({ orderId: z.string() });
const responses = { 200: z.object({ orderId: z.string() }) };
const shape = {
  id: 'planted',
  path: '/api/planted/{orderId}',
  summary: 'Planted',
  params,
  responses,
  problems: [],
} as const;

/** What the planted routes say of themselves: the owner's order, to the owner and to who sees everything. */
const declared = route({ ...shape, method: 'GET', access: { who: ['customer', 'support', 'admin'], owns: 'order' } });
const judgedByUseCase = route({ ...declared, access: { ...declared.access, checkedBy: 'use case' } });
const forAdmins = route({ ...shape, method: 'GET', access: { who: ['admin'] } });
/** An order’s owner, as its context says it. */
const ownedOrders = {
  kind: 'order',
  find: async (orderId: string) => ({ orderId }),
  ownersOf: () => ({ userId: world.owner.userId }),
} as const;

const ROW: MatrixRow = {
  hidden: 'ORDER_NOT_FOUND',
  request: ({ paid }) => ({ path: `/api/planted/${paid.orderId}` }),
};

/** Asks a function of this process, which has the table and the secrets of the running system. */
function askOf(served: Served): Ask {
  const sessionKeysParameter = secretName('local', 'sessionKeys');
  const handler = httpFunction({ table: systemTable(), sessionKeysParameter }, [served]);
  return async (asking, { path }, { cookie, ...headers }) => {
    // One line a request is for logs.
    const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const answer = await call(handler, {
      route: routeKey(asking),
      params: { orderId: path.split('/').at(-1) ?? '' },
      headers,
      ...(cookie === undefined ? {} : { cookies: [cookie] }),
    }).finally(() => lines.mockRestore());
    return {
      status: answer.status,
      headers: new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
      json: answer.json,
      text: answer.text,
      bytes: Buffer.from(answer.text),
    };
  };
}

/** Everything that the matrix finds wrong with what `served` answers, by what `says` declares. */
async function found(says: Route, served: Served, row: MatrixRow = ROW): Promise<readonly string[]> {
  const planted = matrixRouteOf(says, row);
  const ask = askOf(served);
  return [...(await faultsOfRefusals(world, [planted], ask)), ...(await faultsOfGrants(world, planted, ask))];
}

const answerOrder = async ({ params: { orderId } }: { readonly params: { readonly orderId: string } }) =>
  ok({ status: 200, body: { orderId } });

describe('the matrix', () => {
  it('finds nothing wrong with a route that does what it declares', async () => {
    expect(await found(declared, serveOwned(declared, ownedOrders, answerOrder))).toEqual([]);
  });

  it('finds a use case that forgets whose the thing is', async () => {
    const faults = await found(judgedByUseCase, serveTo(judgedByUseCase, answerOrder));
    expect(faults.some((fault) => fault.startsWith('planted to another customer (bearer): it answers 200'))).toBe(true);
    expect(faults.filter((fault) => fault.includes('to nobody') || fault.includes('to owner'))).toEqual([]);
  });

  it('finds an owner that is always the caller', async () => {
    const anybodys = {
      ...ownedOrders,
      ownersOf: () => ({ userId: world.members.get('another customer')?.userId ?? '' }),
    };
    const faults = await found(declared, serveOwned(declared, anybodys, answerOrder));
    expect(faults.some((fault) => fault.startsWith('planted to another customer (bearer): it answers 200'))).toBe(true);
    expect(faults.some((fault) => fault.startsWith('planted to owner (bearer): it answers 404'))).toBe(true);
  });

  it('finds an organisation whose things its neighbours reach', async () => {
    const says = route({ ...declared, access: { who: ['staff'], owns: 'order' } });
    const anywhere = {
      ...ownedOrders,
      ownersOf: () => ({ places: Object.values(world.organizations).map((organizationId) => ({ organizationId })) }),
    };
    const faults = await found(says, serveOwned(says, anywhere, answerOrder));
    for (const person of ['gate staff of another organisation', 'box office of another organisation'])
      expect(faults.some((fault) => fault.startsWith(`planted to ${person} (bearer): it answers 200`))).toBe(true);
    expect(faults.filter((fault) => /another event|time is over/.test(fault))).toEqual([]);
  });

  it('finds a role that may do what is for others', async () => {
    const lax = route({ ...forAdmins, access: { who: ['admin', 'support'] } });
    const { hidden: _owned, ...row } = ROW;
    const faults = await found(forAdmins, serveTo(lax, answerOrder), row);
    expect(faults).toContainEqual(expect.stringMatching(/^planted to support \(bearer\): it answers 200/));
    expect(faults.filter((fault) => !fault.startsWith('planted to support (bearer)'))).toEqual([]);
  });

  it('finds a route that asks nobody who they are, dead credentials and other sites included', async () => {
    const open = route({ ...shape, method: 'POST', access: { who: 'anyone' } });
    const says = route({ ...judgedByUseCase, method: 'POST' });
    const faults = await found(says, serve(open, answerOrder));
    for (const caller of [
      'nobody (bearer)',
      'owner (ended session)',
      'owner (session of a banned person)',
      'owner (revoked API key)',
      'owner (cookie without CSRF token)',
    ])
      expect(
        faults.some((fault) => fault.startsWith(`planted to ${caller}: it answers 200`)),
        caller,
      ).toBe(true);
  });

  it('finds a refusal that has changed something', async () => {
    const orders = {
      ...ownedOrders,
      find: async (orderId: string) => {
        const item = { orderId, at: Date.now() };
        const key = { pk: `PLANTED#${orderId}`, sk: 'PLANTED' };
        await commit(systemTable(), [{ kind: 'put', key, item, otherwise: () => 'NEVER' }]);
        return { orderId };
      },
    };
    const faults = await found(declared, serveOwned(declared, orders, answerOrder));
    expect(faults).toEqual([expect.stringMatching(/^a refused call has changed the row PLANTED#/)]);
  });

  it('finds a refusal that tells whose the thing is', async () => {
    const email = world.members.get('owner')?.email ?? '';
    const faults = await found(
      judgedByUseCase,
      serveTo(judgedByUseCase, async ({ params: { orderId }, session }) =>
        session.userId === world.owner.userId || session.roles.some((role) => role === 'admin' || role === 'support')
          ? ok({ status: 200, body: { orderId } })
          : err(problem('ORDER_NOT_FOUND', `It belongs to ${email}.`)),
      ),
    );
    expect(faults).toContain(`planted to another customer (bearer): it tells ${email}`);
    expect(faults.filter((fault) => !fault.endsWith(`it tells ${email}`))).toEqual([]);
  });

  it('finds a route that refuses whom it is for, and one that answers in another shape', async () => {
    const strict = await found(declared, serveOwned(declared, { ...ownedOrders, ownersOf: () => ({}) }, answerOrder));
    expect(strict.some((fault) => fault.startsWith('planted to owner (bearer): it answers 404'))).toBe(true);
    const shapeless = await found(
      declared,
      serveOwned(declared, ownedOrders, async () => ok({ status: 200, body: {} })),
    );
    expect(shapeless.some((fault) => fault.includes('the body is not of the declared shape'))).toBe(true);
  });

  it('finds a route without a row', () => {
    expect(withoutRow([route({ ...declared, method: 'POST' })])).toEqual(['planted']);
  });
});
