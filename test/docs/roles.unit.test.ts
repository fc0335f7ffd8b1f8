import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { MOST_MEMBERS, MOST_MEMBERSHIPS, MOST_POSTS } from '../../functions/organizations/contract.ts';
import { ProblemError } from '../../functions/shared/kernel/problems.ts';
import { checkRole, reaches, type Owners } from '../../functions/shared/runtime/policy.ts';
import { policyOf, routeKey, type Policy, type Who } from '../../functions/shared/runtime/route.ts';
import type { Session } from '../../functions/shared/runtime/session.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { CALLERS, POST_COLUMNS, reachOf, type Reach, type RoleColumn } from '../../scripts/docs/roles.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const OWN = 'organisation-of-the-caller';
const OTHERS = 'organisation-of-others';
const ME = 'me';
/** Of a post of staff; organizers have none. */
const WINDOW = { from: NOW - 1, until: NOW + 1 };

const ROLE_OF: Readonly<Record<Exclude<RoleColumn, 'anyone'>, Who>> = {
  guest: 'guest',
  customer: 'customer',
  gate: 'staff',
  'box-office': 'staff',
  'support post': 'staff',
  organizer: 'organizer',
  support: 'support',
  admin: 'admin',
  vendor: 'vendor',
};

/** A caller of one kind and no other, as the enforcing code sees them. */
function sessionOf(caller: RoleColumn, { key }: Policy): Session | undefined {
  if (caller === 'anyone') return undefined;
  const post = POST_COLUMNS[caller] ?? (caller === 'organizer' ? 'organizer' : undefined);
  return {
    userId: ME,
    sessionId: 'session',
    roles: [ROLE_OF[caller]],
    memberships: post === undefined ? [] : [{ organizationId: OWN, post, ...(post === 'organizer' ? {} : WINDOW) }],
    csrf: '',
    createdAt: NOW,
    expiresAt: NOW + 1,
    ...(caller === 'vendor'
      ? { key: { apiKeyId: 'key', organizationId: OWN, scopes: key === undefined ? [] : [key] } }
      : {}),
  };
}

function mayCall(session: Session, policy: Policy): boolean {
  try {
    checkRole(session, policy, NOW);
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'NOT_ALLOWED') return false;
    throw error;
  }
}

const mine: Owners = { userId: ME, places: [{ organizationId: OTHERS }] };
const ofMyOrganisation: Owners = { userId: 'somebody', places: [{ organizationId: OWN }] };
const ofOthers: Owners = { userId: 'somebody', places: [{ organizationId: OTHERS }] };

/** What the enforcing code lets a caller reach: of their own, of their organisation, of others. */
async function enforced(session: Session, policy: Policy, now = NOW): Promise<readonly boolean[]> {
  return Promise.all([mine, ofMyOrganisation, ofOthers].map((owners) => reaches(session, policy, owners, now)));
}

const SAYS: Readonly<Partial<Record<Reach, readonly boolean[]>>> = {
  any: [true, true, true],
  own: [true, false, false],
  organisation: [false, true, false],
  post: [false, true, false],
};

describe('docs/roles.md', () => {
  const cells = allRoutes.flatMap((route) =>
    CALLERS.map((caller) => ({ route, caller, reach: reachOf(route, caller) })),
  );

  it('says in every cell what the functions enforce', async () => {
    const wrong: string[] = [];
    for (const { route, caller, reach } of cells) {
      const policy = policyOf(route);
      const session = policy === undefined ? undefined : sessionOf(caller, policy);
      if (policy === undefined || session === undefined) continue;
      const name = `${routeKey(route)} ${caller}: ${reach}`;
      // With the role, but without a post that counts, nothing is in reach.
      const hasRole = reach !== '' || (POST_COLUMNS[caller] !== undefined && policy.who.includes('staff'));
      if (mayCall(session, policy) !== hasRole) wrong.push(name);
      const said = reach === '' && hasRole ? [false, false, false] : SAYS[reach];
      if (said === undefined) continue;
      if (JSON.stringify(await enforced(session, policy)) !== JSON.stringify(said)) wrong.push(name);
    }
    expect(wrong).toEqual([]);
  });

  it('has cells of every kind, so that the comparison is one', () => {
    expect(new Set(cells.map(({ reach }) => reach))).toEqual(
      new Set<Reach>(['yes', 'any', 'own', 'organisation', 'post', 'judged', '']),
    );
  });

  it('is right that a post reaches nothing outside of its window', async () => {
    const posts = cells.filter(({ reach }) => reach === 'post');
    expect(posts.length).toBeGreaterThan(3);
    for (const { route, caller } of posts) {
      const policy = policyOf(route);
      const session = policy === undefined ? undefined : sessionOf(caller, policy);
      if (policy === undefined || session === undefined) throw new Error('A post without a policy');
      expect(await enforced(session, policy, NOW + 1)).toEqual([false, false, false]);
      expect(await enforced(session, policy, NOW - 2)).toEqual([false, false, false]);
    }
  });

  it('names the bounds that the code has', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'roles.md'), 'utf8');
    expect(page).toContain(
      `${MOST_POSTS} posts a member, ${MOST_MEMBERS} members an organisation, ${MOST_MEMBERSHIPS} posts a person`,
    );
  });
});
