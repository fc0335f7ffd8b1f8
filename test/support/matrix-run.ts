import { isDeepStrictEqual } from 'node:util';

import type { Route } from '../../functions/shared/runtime/route.ts';
import { scansPartition } from '../../functions/access/keys.ts';
import { credentialsOf, type Headers } from './matrix-credentials.ts';
import { createMember } from './matrix-people.ts';
import { rowOf, type Asked, type MatrixRow, type MatrixWorld } from './matrix-rows.ts';
import { callersOf, expectationOf, isDead, type Caller, type Expectation } from './matrix-rule.ts';
import { faultsOf } from './matrix-verdict.ts';
import { ownersDataIn } from './matrix-world.ts';
import { call, settled, systemRows, type ApiAnswer } from './shop.ts';

/** A caller of a route and what it must answer. */
export interface Cell {
  readonly caller: Caller;
  readonly expected: Expectation;
}

/** A route with its row and all of its cells. */
export interface MatrixRoute {
  readonly id: string;
  readonly route: Route;
  readonly row: MatrixRow;
  readonly refused: readonly Cell[];
  readonly granted: readonly Cell[];
}

/** Sends a request as somebody. */
export type Ask = (route: Route, asked: Asked, headers: Headers) => Promise<ApiAnswer>;

/** To the running system. */
export const askSystem: Ask = (route, asked, headers) => {
  const cookies = [asked.headers?.['cookie'], headers['cookie']].filter((each) => each !== undefined);
  const cookie: Headers = cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
  return call(route.method, asked.path, asked.body, { ...asked.headers, ...headers, ...cookie });
};

/** Requests under way at once. */
const AT_ONCE = 6;

/** A route's part of the matrix. */
export function matrixRouteOf(route: Route, row: MatrixRow): MatrixRoute {
  const cells = callersOf(route, row.hidden).map((caller) => ({
    caller,
    expected: expectationOf(route, caller, row.hidden),
  }));
  const [granted = [], refused = []] = [true, false].map((is) =>
    cells.filter(({ expected }) => (expected === 'SUCCESS') === is),
  );
  return { id: route.id, route, row, refused, granted };
}

/** The routes that nobody has said how to ask for. */
export function withoutRow(routes: readonly Route[]): readonly string[] {
  return routes.filter((route) => rowOf(route) === undefined).map(({ id }) => id);
}

/**
 * Asks for each route as everybody who may not, and finds what is wrong: another answer than the refusal that is due,
 * something told of the owner, or a row of the table that is not what it was. Refusals change nothing, so those
 * of many routes are asked for together and compared with the table once.
 */
export async function faultsOfRefusals(
  world: MatrixWorld,
  routes: readonly MatrixRoute[],
  ask: Ask = askSystem,
): Promise<readonly string[]> {
  const cells: { readonly of: MatrixRoute; readonly asked: Asked; readonly cell: Cell }[] = [];
  for (const of of routes) {
    if (of.refused.length === 0) continue;
    const asked = await of.row.request(world);
    cells.push(...of.refused.map((cell) => ({ of, asked, cell })));
  }
  const headersOf = credentialsOnce(world);
  for (const { cell } of cells) await headersOf(cell.caller);
  await settled();
  const before = await rowsByKey(world);
  const faults = await faultsAmong(cells, async ({ of, asked, cell }) =>
    judge(world, of, cell, await ask(of.route, asked, await headersOf(cell.caller))),
  );
  await settled();
  return [...faults, ...changesBetween(before, await rowsByKey(world))];
}

/** Asks for a route as everybody who may, and finds what is wrong with the answers. */
export async function faultsOfGrants(
  world: MatrixWorld,
  granting: MatrixRoute,
  ask: Ask = askSystem,
): Promise<readonly string[]> {
  const { route, row, granted } = granting;
  const shared = row.once === true ? undefined : await row.request(world);
  const headersOf = credentialsOnce(world);
  // Whoever only reads is in nobody's way.
  const atOnce = route.method === 'GET' && shared !== undefined ? AT_ONCE : 1;
  return faultsAmong(
    granted,
    async (cell) => {
      const { person } = cell.caller;
      const owner = row.endsOwner === true ? await createMember('owner', world.organizations) : undefined;
      const around = owner === undefined ? world : { ...world, owner: { ...world.owner, userId: owner.userId } };
      const asked = shared ?? (await row.request(around));
      const another =
        row.endsSessions === true && person !== 'nobody' ? await createMember(person, world.organizations) : undefined;
      const instead = (person === 'owner' ? owner : undefined) ?? another;
      const headers = await (instead === undefined
        ? headersOf(cell.caller)
        : credentialsOf(world, cell.caller, instead));
      return judge(world, granting, cell, await ask(route, asked, headers));
    },
    atOnce,
  );
}

/** Everything that is wrong with one answer. */
export function judge(
  world: MatrixWorld,
  { route, row }: MatrixRoute,
  { caller, expected }: Cell,
  answer: ApiAnswer,
): readonly string[] {
  return faultsOf({ route, row, caller, expected, answer, ownersData: ownersDataIn(world) });
}

/** Calls `judgeOne` for each thing, several at once, and gathers the faults. */
export async function faultsAmong<T>(
  things: readonly T[],
  judgeOne: (thing: T) => Promise<readonly string[]>,
  atOnce = AT_ONCE,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const waiting = [...things];
  const work = async (): Promise<void> => {
    for (let thing = waiting.shift(); thing !== undefined; thing = waiting.shift())
      faults.push(...(await judgeOne(thing)));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return faults;
}

/** Dead credentials of a world: what is dead stays so, and some take a ban or an erasure to make. */
const DEAD = new WeakMap<MatrixWorld, Map<string, Promise<Headers>>>();

/** Headers of callers, each made once: who is refused everywhere needs no session of its own for each route. */
function credentialsOnce(world: MatrixWorld): (caller: Caller) => Promise<Headers> {
  const dead = DEAD.get(world) ?? new Map<string, Promise<Headers>>();
  DEAD.set(world, dead);
  const live = new Map<string, Promise<Headers>>();
  return (caller) => {
    // Who was banned or erased, and whose key it was, is the same for every route.
    const person = /person$|key$/.test(caller.credential) ? '' : caller.person;
    const name = `${person} ${caller.credential}`;
    const made = isDead(caller.credential) ? dead : live;
    const headers = made.get(name) ?? credentialsOf(world, caller);
    made.set(name, headers);
    return headers;
  };
}

type Rows = ReadonlyMap<string, unknown>;

/** What the table keeps, but for the log of scans that were refused, which is of where the scanner works. */
async function rowsByKey({ members }: MatrixWorld): Promise<Rows> {
  const elsewhere = [...members].flatMap(([name, { memberships }]) =>
    name.includes(' of another ') ? memberships : [],
  );
  const logs = new Set(elsewhere.map(({ organizationId }) => scansPartition({ organizationId })));
  const rows = await systemRows();
  return new Map(
    rows
      .filter(({ pk }) => !logs.has(String(pk)))
      // Sessions are made for the callers themselves.
      .filter(({ sk }) => !String(sk).startsWith('SESSION#'))
      .map((row) => [`${String(row['pk'])} ${String(row['sk'])}`, row]),
  );
}

function changesBetween(before: Rows, after: Rows): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
    .map(
      (key) =>
        `a refused call has changed the row ${key}: ${JSON.stringify(before.get(key))} is now ${JSON.stringify(after.get(key))}`,
    );
}
