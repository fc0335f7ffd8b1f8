import type { Problem } from '../kernel/problems.ts';
import type { Result } from '../kernel/result.ts';
import { readOnceAllowed } from './authenticate.ts';
import { madeBy, typed, type Answer, type PersonalRequest, type Served } from './http.ts';
import { liesWithin, outOfReach, reaches, type Owned, type OwnedRoute } from './policy.ts';
import type { Policy } from './route.ts';
import { actorOf } from './session.ts';

/**
 * Serves a route whose policy names a thing that must be the caller's (`owns`). The thing is loaded in one
 * parallel round with the session; the use case runs only when it is within the caller's reach, and is handed
 * it, so that it is read once. The rest of the request is read after that, unless the body names the thing.
 *
 * @param owned how things of that kind are found, from `owned.ts` of their context
 */
export function serveOwned<R extends OwnedRoute, Thing>(
  route: R,
  owned: Owned<R['access']['owns'], Thing>,
  useCase: (request: PersonalRequest<R>, thing: Thing) => Promise<Result<Answer, Problem>>,
): Served {
  const policy: Policy = route.access;
  const name = owned.name ?? `${owned.kind}Id`;
  return {
    route,
    answer: async ({ pathIds, receive, now }, authentication) => {
      await authentication.proven(route);
      const permitted = authentication.session(route);
      const early = policy.by === undefined ? undefined : await readOnceAllowed(receive, permitted);
      const ids = policy.by === undefined ? pathIds() : idsIn(early?.[policy.by]);
      const id = ids?.[name];
      const [session, thing] = await Promise.all([
        permitted,
        ids === undefined || id === undefined ? undefined : owned.find(id, ids),
      ]);
      // What is wrong with a malformed id is told to whoever has the role.
      if (ids === undefined) receive();
      if (thing === undefined || ids === undefined) throw outOfReach(owned.kind);
      const owners = owned.ownersOf(thing);
      if (!liesWithin(owners, ids) || !(await reaches(session, policy, owners, now))) throw outOfReach(owned.kind);
      return useCase({ ...typed<R>(madeBy(actorOf(session), early ?? receive())), session }, thing);
    },
  };
}

/** The texts among the members of a validated body or query. */
function idsIn(part: unknown): Readonly<Record<string, string>> {
  const members = Object.entries(typeof part === 'object' && part !== null ? part : {});
  return Object.fromEntries(members.filter((member): member is [string, string] => typeof member[1] === 'string'));
}
