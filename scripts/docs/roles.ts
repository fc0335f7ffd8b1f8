import { STAFF_POSTS } from '../../functions/shared/runtime/policy.ts';
import {
  KEY_SCOPES,
  policyOf,
  routeKey,
  type Policy,
  type Post,
  type Route,
} from '../../functions/shared/runtime/route.ts';
import { routesByContext } from '../../functions/site/all-routes.ts';

/** Who calls, as `docs/roles.md` tells them apart: roles, the posts of staff, and programs with an API key. */
export const CALLERS = [
  'anyone',
  'guest',
  'customer',
  'gate',
  'box-office',
  'support post',
  'organizer',
  'support',
  'admin',
  'vendor',
] as const;
export type RoleColumn = (typeof CALLERS)[number];

/** The posts of staff by their columns. */
export const POST_COLUMNS: Readonly<Partial<Record<RoleColumn, Exclude<Post, 'organizer'>>>> = {
  gate: 'gate',
  'box-office': 'box-office',
  'support post': 'support',
};

/**
 * How far a caller reaches by a route: everything, only what is the person's own, what is of the organisation or event
 * of the post, or nothing. `judged` where the use case decides whose it must be.
 */
export type Reach = 'yes' | 'any' | 'own' | 'organisation' | 'post' | 'judged' | '';

/** How far `caller` reaches by `route`, from its declared policy alone. */
export function reachOf(route: Route, caller: RoleColumn): Reach {
  const policy = policyOf(route);
  if (policy === undefined) return route.access.who === 'anyone' ? 'yes' : '';
  if (!mayCall(policy, caller)) return '';
  if (policy.owns === undefined) return 'yes';
  if (policy.checkedBy !== undefined) return 'judged';
  return REACH_OF[caller];
}

const REACH_OF: Readonly<Record<RoleColumn, Reach>> = {
  anyone: 'yes',
  guest: 'own',
  customer: 'own',
  gate: 'post',
  'box-office': 'post',
  'support post': 'post',
  organizer: 'organisation',
  support: 'any',
  admin: 'any',
  vendor: 'own',
};

function mayCall({ who, posts = STAFF_POSTS }: Policy, caller: RoleColumn): boolean {
  const post = POST_COLUMNS[caller];
  if (post !== undefined) return who.includes('staff') && posts.includes(post);
  return who.some((role) => role === caller);
}

/** Every route with how far each caller reaches, context by context. */
export function rolesTable(): string {
  const header = `| route | ${CALLERS.join(' | ')} |`;
  const rule = `|---|${CALLERS.map(() => '---').join('|')}|`;
  return Object.entries(routesByContext)
    .map(([context, routes]) => {
      const rows = routes.map(
        (route) => `| \`${routeKey(route)}\` | ${CALLERS.map((caller) => reachOf(route, caller)).join(' | ')} |`,
      );
      return [`### ${context.charAt(0).toUpperCase()}${context.slice(1)}`, '', header, rule, ...rows].join('\n');
    })
    .join('\n\n');
}

/** Scopes of API keys with the routes that ask for them. */
export function scopesTable(): string {
  const routes: readonly Route[] = Object.values(routesByContext).flat();
  const rows = KEY_SCOPES.map((scope) => {
    const asked = routes.filter((route) => policyOf(route)?.key === scope).map((route) => `\`${routeKey(route)}\``);
    return `| \`${scope}\` | ${asked.join('<br>')} |`;
  });
  return ['| scope | routes |', '|---|---|', ...rows].join('\n');
}

/** Routes for which the session must have begun within the last ten minutes. */
export function recentList(): string {
  const routes: readonly Route[] = Object.values(routesByContext).flat();
  return routes
    .filter((route) => policyOf(route)?.recent === true)
    .map((route) => `- \`${routeKey(route)}\``)
    .join('\n');
}
