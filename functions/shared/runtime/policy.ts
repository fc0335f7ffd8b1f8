import { MINUTE, type Instant } from '../kernel/clock.ts';
import { problem, ProblemError } from '../kernel/problems.ts';
import { notFoundOf, type Kind, type Policy, type Post, type Route, type Who } from './route.ts';
import { hasRole, organizes, worksFor, type Place, type Session } from './session.ts';

/** How long ago a log-in may be to count as recent. */
export const RECENT_MS = 10 * MINUTE;

/** Posts that staff may hold. */
export const STAFF_POSTS: readonly Exclude<Post, 'organizer'>[] = ['gate', 'box-office', 'support'];

/** A route whose policy is judged by a thing that the bundle loads; `serveOwned` serves it. */
export type OwnedRoute = Route & { readonly access: Policy & { readonly owns: Kind; readonly checkedBy?: never } };

/** Whose a thing is: everything that a policy judges by. */
export interface Owners {
  /** The person whose it is: the buyer of an order, the holder of a ticket. */
  readonly userId?: string;
  /** Whose organisations' it is, and at which event; a function where that takes a read that few callers need. */
  readonly places?: readonly Place[] | (() => Promise<readonly Place[]>);
  /** Ids of what it lies in, by the names that paths give them: a nested id counts only below its own parent. */
  readonly within?: Readonly<Record<string, string>>;
}

/** How things of one kind are found and whose they are; each context has its own in `owned.ts`. */
export interface Owned<K extends Kind, Thing> {
  readonly kind: K;
  /** The member of path, query or body that names it, unless `<kind>Id`. */
  readonly name?: string;
  /** @param ids those beside its own in the same request, for a thing that lies below its parent */
  readonly find: (id: string, ids: Readonly<Record<string, string | undefined>>) => Promise<Thing | undefined>;
  readonly ownersOf: (thing: Thing) => Owners;
}

/**
 * Insists that `session` has a role of the policy, with an API key its scope, and where asked a recent log-in.
 *
 * @throws ProblemError NOT_ALLOWED or RECENT_LOGIN_REQUIRED
 */
export function checkRole(session: Session, { who, key, recent }: Policy, now: Instant): void {
  if (!hasRole(session, who)) throw refusal(`This needs one of the roles ${who.join(', ')}.`);
  if (session.key !== undefined && (key === undefined || !session.key.scopes.includes(key)))
    throw refusal(key === undefined ? 'No API key may do this.' : `This needs an API key with the scope ${key}.`);
  if (recent === true && now - (session.createdAt ?? 0) > RECENT_MS)
    throw new ProblemError(problem('RECENT_LOGIN_REQUIRED', 'Log in once more and try again within ten minutes.'));
}

function refusal(detail: string): ProblemError {
  return new ProblemError(problem('NOT_ALLOWED', detail));
}

/** How a thing of `kind` answers that is absent or out of the caller's reach (invariant I18). */
export function outOfReach(kind: Kind): ProblemError {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return new ProblemError(problem(notFoundOf(kind), `There is no such ${words} for you.`));
}

/** Whether a thing with these owners is within the reach of `session` under `policy`. */
export async function reaches(
  session: Session,
  { who, posts = STAFF_POSTS }: Pick<Policy, 'who' | 'posts'>,
  { userId, places = [] }: Owners,
  now: Instant,
): Promise<boolean> {
  const as = (role: Who): boolean => who.includes(role) && session.roles.includes(role);
  if (as('admin') || as('support')) return true;
  if ((as('customer') || as('vendor') || as('guest')) && userId === session.userId) return true;
  // What is somebody's own is not the vendor's because it sells for the same organisation.
  const sells = as('vendor') && userId === undefined;
  const byPlace = ({ organizationId, eventId }: Place): boolean =>
    (as('organizer') && organizes(session, organizationId)) ||
    (as('staff') && posts.some((post) => worksFor(session, post, { organizationId, eventId }, now))) ||
    (sells && session.key?.organizationId === organizationId);
  if (!as('organizer') && !as('staff') && !sells) return false;
  return (typeof places === 'function' ? await places() : places).some(byPlace);
}

/** Whether every id of a request that `within` speaks of is the one that the thing lies in. */
export function liesWithin({ within = {} }: Owners, ids: Readonly<Record<string, string | undefined>>): boolean {
  return Object.entries(within).every(([name, id]) => ids[name] === undefined || ids[name] === id);
}
