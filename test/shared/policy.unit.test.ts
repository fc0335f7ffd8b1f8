import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';

import { HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import { PROBLEMS } from '../../functions/shared/kernel/problems.ts';
import { checkRole, liesWithin, reaches, type Owners } from '../../functions/shared/runtime/policy.ts';
import {
  KEY_SCOPES,
  notFoundOf,
  policyOf,
  problemsOf,
  route,
  type Policy,
  type Who,
} from '../../functions/shared/runtime/route.ts';
import type { Membership } from '../../functions/shared/runtime/membership.ts';
import type { Session } from '../../functions/shared/runtime/session.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';

const NOW = Date.parse('2026-12-05T19:00:00Z');
const EVERYBODY: readonly Who[] = ['customer', 'staff', 'organizer', 'support', 'admin', 'vendor'];

const session = (roles: readonly Who[], more: Partial<Session> = {}): Session => ({
  sessionId: 'S1',
  userId: 'U1',
  roles,
  memberships: [],
  csrf: '',
  expiresAt: NOW + HOUR,
  createdAt: NOW - HOUR,
  ...more,
});
const member = (held: Omit<Membership, 'organizationId'>, organizationId = 'O1'): Partial<Session> => ({
  memberships: [{ organizationId, ...held }],
});
const THING: Owners = { userId: 'U9', places: [{ organizationId: 'O1', eventId: 'E1' }] };

describe('who reaches a thing of somebody else at an event of O1', () => {
  it.each<[string, Session, boolean]>([
    ['its owner', session(['customer'], { userId: 'U9' }), true],
    ['another customer', session(['customer']), false],
    ['its organizer', session(['organizer'], member({ post: 'organizer' })), true],
    ['an organizer of another organisation', session(['organizer'], member({ post: 'organizer' }, 'O2')), false],
    ['somebody with the role but no organisation', session(['organizer', 'staff']), false],
    ['staff of the organisation', session(['staff'], member({ post: 'gate' })), true],
    ['staff of that event', session(['staff'], member({ post: 'gate', eventId: 'E1' })), true],
    ['staff of another event', session(['staff'], member({ post: 'gate', eventId: 'E2' })), false],
    ['staff whose time has not come', session(['staff'], member({ post: 'gate', from: NOW + 1 })), false],
    ['staff whose time comes now', session(['staff'], member({ post: 'gate', from: NOW })), true],
    ['staff whose time is over', session(['staff'], member({ post: 'gate', until: NOW })), false],
    ['staff with a post but no longer the role', session(['customer'], member({ post: 'gate' })), false],
    ['support', session(['support']), true],
    ['an admin', session(['admin']), true],
    [
      'a vendor of the organisation',
      session(['vendor'], { key: { apiKeyId: 'K1', organizationId: 'O1', scopes: [] } }),
      false,
    ],
    [
      'the vendor that made it',
      session(['vendor'], { userId: 'U9', key: { apiKeyId: 'K1', organizationId: 'O1', scopes: [] } }),
      true,
    ],
  ])('%s', async (_who, caller, within) => {
    expect(await reaches(caller, { who: EVERYBODY }, THING, NOW)).toBe(within);
  });

  it('takes no account of a role that the policy does not name', async () => {
    const admin = session(['admin', 'organizer'], member({ post: 'organizer' }));
    expect(await reaches(admin, { who: ['customer', 'staff'] }, THING, NOW)).toBe(false);
    const box = session(['staff'], member({ post: 'box-office' }));
    expect(await reaches(box, { who: ['staff'], posts: ['gate'] }, THING, NOW)).toBe(false);
  });

  it('asks where a thing belongs only when somebody may reach it that way', async () => {
    const places = (): Promise<never> => Promise.reject(new Error('read'));
    expect(await reaches(session(['customer']), { who: EVERYBODY }, { userId: 'U9', places }, NOW)).toBe(false);
    const vendor = session(['vendor'], { key: { apiKeyId: 'K1', organizationId: 'O1', scopes: [] } });
    expect(await reaches(vendor, { who: EVERYBODY }, { userId: 'U9', places }, NOW)).toBe(false);
    await expect(reaches(session(['organizer']), { who: EVERYBODY }, { places }, NOW)).rejects.toThrow('read');
  });
});

describe('what a policy asks beside ownership', () => {
  const check = (caller: Session, policy: Policy) => (): void => {
    checkRole(caller, policy, NOW);
  };

  it('is a role, with an API key its scope, and where declared a recent log-in', () => {
    expect(check(session(['customer']), { who: ['admin'] })).toThrow('NOT_ALLOWED');
    const vendor = session(['vendor'], { key: { apiKeyId: 'K1', organizationId: 'O1', scopes: ['orders:read'] } });
    expect(check(vendor, { who: ['vendor'], key: 'orders:read' })).not.toThrow();
    expect(check(vendor, { who: ['vendor'], key: 'orders:write' })).toThrow('orders:write');
    expect(check(vendor, { who: ['vendor'] }), 'a route that forgot its scope').toThrow('NOT_ALLOWED');
    const policy: Policy = { who: ['customer'], recent: true };
    expect(check(session(['customer'], { createdAt: NOW - 11 * MINUTE }), policy)).toThrow('RECENT_LOGIN_REQUIRED');
    expect(check(session(['customer'], { createdAt: NOW - 9 * MINUTE }), policy)).not.toThrow();
  });

  it('is that a nested thing lies below the parent that the path names', () => {
    const within = { eventId: 'E1' };
    expect(liesWithin({ within }, { eventId: 'E1', ticketTypeId: 'T1' })).toBe(true);
    expect(liesWithin({ within }, { ticketTypeId: 'T1' })).toBe(true);
    expect(liesWithin({ within }, { eventId: 'E2', ticketTypeId: 'T1' })).toBe(false);
  });
});

describe('the policies of all routes', () => {
  const policies = allRoutes.flatMap((declared) => {
    const policy = policyOf(declared);
    return policy === undefined ? [] : [{ declared, policy }];
  });

  it('speak of what the path names last: a nested id is judged, not only its parent', () => {
    const astray = policies.filter(({ declared, policy }) => {
      const last = [...declared.path.matchAll(/\{(\w+)\}/g)].at(-1)?.[1];
      return last?.endsWith('Id') === true && policy.owns !== undefined && `${policy.owns}Id` !== last;
    });
    expect(astray.map(({ declared }) => declared.id)).toEqual([]);
  });

  it('leave no id in a path to nobody, unless only admins may call', () => {
    const open = policies.filter(
      ({ declared, policy }) =>
        declared.path.includes('{') &&
        policy.owns === undefined &&
        !('scope' in policy) &&
        policy.who.some((who) => who !== 'admin'),
    );
    expect(open.map(({ declared }) => declared.id)).toEqual([]);
  });

  it('let vendors in by a scope, and only so', () => {
    for (const { declared, policy } of policies)
      expect(policy.who.includes('vendor'), declared.id).toBe(policy.key !== undefined);
    const asked = new Set(policies.flatMap(({ policy }) => policy.key ?? []));
    expect(KEY_SCOPES.filter((scope) => !asked.has(scope))).toEqual([]);
  });

  it('have a problem for whatever is out of reach', () => {
    expect(notFoundOf('ticketType')).toBe('TICKET_TYPE_NOT_FOUND');
    const declared = route({
      id: 'x',
      method: 'GET',
      path: '/api/x/{orderId}',
      summary: 'x',
      access: { who: ['customer'], owns: 'order', recent: true },
      params: z.strictObject({ orderId: z.string() }),
      responses: { 200: null },
      problems: [],
    });
    expect(problemsOf(declared)).toEqual(expect.arrayContaining(['ORDER_NOT_FOUND', 'RECENT_LOGIN_REQUIRED']));
    expect(PROBLEMS.ORDER_NOT_FOUND.status).toBe(404);
  });
});
