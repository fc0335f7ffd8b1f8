import type { ProblemCode } from '../../functions/shared/kernel/problems.ts';
import { STAFF_POSTS } from '../../functions/shared/runtime/policy.ts';
import { policyOf, type Policy, type Post, type Role, type Route } from '../../functions/shared/runtime/route.ts';

/** Somebody as seen from the thing that a request is about. */
export interface Standing {
  readonly roles: readonly Role[];
  readonly owns?: true;
  /** Nobody has signed in: it is an anonymous session, of somebody else than whose the thing is. */
  readonly anonymous?: true;
  /** In the organisation whose thing it is, unless `but` says otherwise. */
  readonly post?: Post;
  /** Why the post does not count for the thing. */
  readonly but?: 'in another organisation' | 'for another event' | 'at another time';
}

/** Who calls, as seen from the thing that a request is about. */
export const PEOPLE = {
  nobody: undefined,
  owner: { roles: ['customer'], owns: true },
  'another customer': { roles: ['customer'] },
  organizer: { roles: ['customer', 'organizer'], post: 'organizer' },
  'organizer of another organisation': {
    roles: ['customer', 'organizer'],
    post: 'organizer',
    but: 'in another organisation',
  },
  'gate staff': { roles: ['customer', 'staff'], post: 'gate' },
  'gate staff of another organisation': { roles: ['customer', 'staff'], post: 'gate', but: 'in another organisation' },
  'gate staff of another event': { roles: ['customer', 'staff'], post: 'gate', but: 'for another event' },
  'gate staff whose time is over': { roles: ['customer', 'staff'], post: 'gate', but: 'at another time' },
  'box office': { roles: ['customer', 'staff'], post: 'box-office' },
  'box office of another organisation': {
    roles: ['customer', 'staff'],
    post: 'box-office',
    but: 'in another organisation',
  },
  'help desk': { roles: ['customer', 'staff'], post: 'support' },
  support: { roles: ['customer', 'support'] },
  admin: { roles: ['customer', 'admin'] },
  'somebody without a role': { roles: [] },
  guest: { roles: [], anonymous: true },
} as const satisfies Readonly<Record<string, Standing | undefined>>;
export type PersonName = keyof typeof PEOPLE;
export const PERSON_NAMES: readonly PersonName[] = [
  'nobody',
  'owner',
  'another customer',
  'organizer',
  'organizer of another organisation',
  'gate staff',
  'gate staff of another organisation',
  'gate staff of another event',
  'gate staff whose time is over',
  'box office',
  'box office of another organisation',
  'help desk',
  'support',
  'admin',
  'somebody without a role',
  'guest',
];

/** Credentials that prove nothing: each belongs to whom the request would be granted, so only it is at fault. */
export const DEAD_CREDENTIALS = [
  'ended session',
  'session past its end',
  'token past its end',
  'token with alg none',
  'token without a signature',
  'token of another key',
  'token for another audience',
  'token of another issuer',
  'token with an unknown key id',
  'cookie of an ended session',
  'session of a banned person',
  'session of an erased person',
  'revoked API key',
  'expired API key',
] as const;
/** A browser's cookie without what proves that our page sent it. */
export const CROSS_SITE = [
  'cookie without CSRF token',
  'cookie with a wrong CSRF token',
  'cookie from another site',
  'cookie from no known page',
] as const;
export const LIVE_CREDENTIALS = ['bearer', 'cookie with CSRF token'] as const;
export type Credential =
  | (typeof DEAD_CREDENTIALS)[number]
  | (typeof CROSS_SITE)[number]
  | (typeof LIVE_CREDENTIALS)[number];

/** One column of the matrix. */
export interface Caller {
  readonly person: PersonName;
  readonly credential: Credential;
}

/** What a cell must answer: any success, or exactly this problem. */
export type Expectation = 'SUCCESS' | ProblemCode;

/**
 * What a route must answer to a caller, from its declared access alone (the rules of the HTTP contract:
 * nobody 401, wrong role 403, out of scope 404 with the entity's code).
 *
 * @param hidden what a thing out of the caller's scope answers; absent where the request is about no thing
 */
export function expectationOf(
  { access, method }: Pick<Route, 'access' | 'method'>,
  { person, credential }: Caller,
  hidden: Expectation | undefined,
): Expectation {
  const changes = method !== 'GET';
  // Whoever is signed in, and also where nobody need be.
  if (credential === 'cookie from another site' && changes) return 'CROSS_SITE_REQUEST';
  if (access.who === 'anyone') return 'SUCCESS';
  if (access.who === 'signature') return 'INVALID_SIGNATURE';
  const standing: Standing | undefined = PEOPLE[person];
  if (standing === undefined || isDead(credential)) return 'NOT_SIGNED_IN';
  if (credential === 'cookie from no known page' && changes) return 'CROSS_SITE_REQUEST';
  if (isCrossSite(credential) && changes) return 'CSRF_TOKEN_INVALID';
  const policy = policyOf({ access });
  if (standing.anonymous === true)
    return policy?.who.includes('guest') === true ? (hidden ?? 'SUCCESS') : 'NOT_SIGNED_IN';
  const roles = standing.roles.filter((role) => policy?.who.includes(role));
  if (policy === undefined || roles.length === 0) return 'NOT_ALLOWED';
  if (hidden === undefined) return 'SUCCESS';
  return roles.some((role) => reaches(role, policy, standing)) ? 'SUCCESS' : hidden;
}

/** Whether somebody reaches the thing by `role`, each role in its own way. */
function reaches(role: Role, { posts = STAFF_POSTS }: Policy, { owns, post, but }: Standing): boolean {
  switch (role) {
    case 'customer':
      return owns === true;
    case 'organizer':
      return post === 'organizer' && but === undefined;
    case 'staff':
      return posts.some((counting) => counting === post) && but === undefined;
    case 'support':
    case 'admin':
      return true;
  }
}

/** Whether a credential proves nothing whoever bears it. */
export function isDead(credential: Credential): boolean {
  return DEAD_CREDENTIALS.some((dead) => dead === credential);
}

function isCrossSite(credential: Credential): boolean {
  return CROSS_SITE.some((crossSite) => crossSite === credential);
}

/** Whom a route's request is granted to: the first person who may, with a live session. */
export function rightfulCaller(route: Pick<Route, 'access' | 'method'>, hidden: Expectation | undefined): PersonName {
  const found = PERSON_NAMES.find(
    (person) => person !== 'nobody' && expectationOf(route, { person, credential: 'bearer' }, hidden) === 'SUCCESS',
  );
  return found ?? 'owner';
}

/** Every column for a route: all people with a live session, and the rightful one with every other credential. */
export function callersOf(route: Pick<Route, 'access' | 'method'>, hidden: Expectation | undefined): readonly Caller[] {
  const person = rightfulCaller(route, hidden);
  const others: readonly Credential[] = [...DEAD_CREDENTIALS, ...CROSS_SITE, 'cookie with CSRF token'];
  return [
    ...PERSON_NAMES.map((name): Caller => ({ person: name, credential: 'bearer' })),
    ...others.map((credential): Caller => ({ person, credential })),
  ];
}
