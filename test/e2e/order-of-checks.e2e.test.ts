import { beforeAll, describe, expect, it } from 'vitest';

import { PROBLEMS, type ProblemCode } from '../../functions/shared/kernel/problems.ts';
import { policyOf, type Route } from '../../functions/shared/runtime/route.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { credentialsOf, type Headers } from '../support/matrix-credentials.ts';
import { rowOf, type Asked, type MatrixRow, type MatrixWorld } from '../support/matrix-rows.ts';
import { isDead, type Caller } from '../support/matrix-rule.ts';
import { faultsAmong, matrixRouteOf } from '../support/matrix-run.ts';
import { createWorld } from '../support/matrix-world.ts';
import { call } from '../support/shop.ts';

/** Requests that are wrong in one way each, with what they answer to who may send them. */
const WRONG: Readonly<
  Record<string, { readonly told: readonly ProblemCode[]; readonly change: (asked: Asked) => Asked }>
> = {
  'no JSON': {
    told: ['MALFORMED_JSON'],
    change: (asked) => ({ ...asked, body: '{"a":' }),
  },
  'another media type': {
    told: ['NOT_JSON'],
    change: (asked) => ({ ...asked, body: 'a=1', headers: { ...asked.headers, 'content-type': 'text/plain' } }),
  },
  'too much': {
    // A seating plan may be larger, and its use case reads it.
    told: ['BODY_TOO_LARGE', 'SEATING_PLAN_INVALID'],
    change: (asked) => ({ ...asked, body: JSON.stringify({ a: 'x'.repeat(300_000) }) }),
  },
  'a card number': {
    told: ['CARD_NUMBER_REFUSED'],
    change: (asked) => ({ ...asked, body: JSON.stringify({ note: '4242 4242 4242 4242' }) }),
  },
  'a member that is not known': {
    told: ['INVALID_INPUT', 'SEATING_PLAN_INVALID'],
    change: (asked) => ({ ...asked, body: JSON.stringify({ isAdmin: true }) }),
  },
};
/** The same, for a route without a body. */
const WRONG_QUERY: typeof WRONG = {
  'a query that is not known': {
    told: ['INVALID_INPUT'],
    change: (asked) => ({ ...asked, path: `${asked.path}${asked.path.includes('?') ? '&' : '?'}isAdmin=true` }),
  },
};

/**
 * What somebody is refused with who asks rightly in every other way. Somebody else's thing is looked for before the
 * body is read where the path names it; where the body does, or the use case judges, only after.
 */
interface Refused {
  readonly route: Route;
  readonly row: MatrixRow;
  readonly caller: Caller;
  readonly code: ProblemCode;
}

/** One caller of each route for each refusal that there is of it, and one with a dead credential. */
const REFUSED: readonly Refused[] = allRoutes.flatMap((route) => {
  const row = rowOf(route);
  const policy = policyOf(route);
  if (row === undefined || policy === undefined) return [];
  const knownFirst = policy.by === undefined && policy.checkedBy === undefined;
  const cells = matrixRouteOf(route, row).refused.flatMap(({ caller, expected }) =>
    expected === 'SUCCESS' || (isHidden(expected, row) && !knownFirst) ? [] : [{ caller, code: expected }],
  );
  const kinds = Map.groupBy(cells, ({ caller, code }) => `${code} ${isDead(caller.credential)}`);
  return [...kinds.values()].flatMap(([first]) => (first === undefined ? [] : [{ route, row, ...first }]));
});

/** Whether a refusal says no more than that there is no such thing for this caller. */
function isHidden(code: ProblemCode, { hidden }: MatrixRow): boolean {
  return PROBLEMS[code].status === 404 || code === hidden;
}

const wrongsOf = ({ body, query }: Route): typeof WRONG => ({
  ...(body === undefined ? {} : WRONG),
  ...(query === undefined ? {} : WRONG_QUERY),
});

let world: MatrixWorld;
const headersOf = new Map<string, Promise<Headers>>();

beforeAll(async () => {
  world = await createWorld();
});

function headersFor(caller: Caller): Promise<Headers> {
  const name = `${caller.person} ${caller.credential}`;
  const headers = headersOf.get(name) ?? credentialsOf(world, caller);
  headersOf.set(name, headers);
  return headers;
}

const send = ({ method }: Route, { path, body, headers }: Asked, as: Headers) =>
  call(method, path, body, { ...headers, ...as });

describe('who may not send a request', () => {
  it('is told so whatever is wrong with the request, and never what is wrong with it', async () => {
    expect(REFUSED.length).toBeGreaterThan(200);
    const asked = new Map<Route, Asked>();
    for (const { route, row } of REFUSED) if (!asked.has(route)) asked.set(route, await row.request(world));
    for (const { caller } of REFUSED) await headersFor(caller);
    const faults = await faultsAmong(REFUSED, async ({ route, caller, code }) => {
      const found: string[] = [];
      for (const [what, { change }] of Object.entries(wrongsOf(route))) {
        const right = asked.get(route);
        if (right === undefined) throw new Error(`Nothing was asked of ${route.id}`);
        const answer = await send(route, change(right), await headersFor(caller));
        if (answer.json?.code === code) continue;
        found.push(
          `${route.id} to ${caller.person} (${caller.credential}), ${what}: ${answer.text} instead of ${code}`,
        );
      }
      return found;
    });
    expect(faults).toEqual([]);
  });

  it('would have been told, who may: each of these requests is wrong', async () => {
    const rightful = allRoutes.flatMap((route) => {
      const row = rowOf(route);
      const first = row === undefined ? undefined : matrixRouteOf(route, row).granted[0];
      return row === undefined || first === undefined || policyOf(route) === undefined
        ? []
        : [{ route, row, ...first }];
    });
    const faults = await faultsAmong(rightful, async ({ route, row, caller }) => {
      const found: string[] = [];
      for (const [what, { change, told }] of Object.entries(wrongsOf(route))) {
        const answer = await send(route, change(await row.request(world)), await headersFor(caller));
        if (told.some((code) => code === answer.json?.code)) continue;
        found.push(`${route.id} to ${caller.person}, ${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
      return found;
    });
    expect(faults).toEqual([]);
  });
});
