import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ulid } from 'ulid';

import { changeMember } from '../../functions/organizations/app/change-members.ts';
import { createOrganization as foundAs } from '../../functions/organizations/app/create-organization.ts';
import { renameOrganization } from '../../functions/organizations/app/rename-organization.ts';
import { banUser, setRoles } from '../../functions/organizations/app/set-roles.ts';
import { createOrganization, organizationView } from '../../functions/organizations/contract.ts';
import { findAdmins, findOrganization } from '../../functions/organizations/reads.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { loadSession, type Session } from '../../functions/shared/runtime/session.ts';
import { findAccount } from '../../functions/users/reads.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { interrupted } from '../support/interrupted.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import type { TestPerson } from '../support/sessions.ts';
import { givenAccount, logInAs, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { givenPerson } from './people.ts';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let admin: TestPerson;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, USERS_ENV);
  ({ handler } = await import('../../functions/organizations/handlers/http-organizations.ts'));
  admin = await givenPerson(db.table, { roles: ['customer', 'admin'] });
});

afterAll(async () => {
  await parameters.close();
  await db.drop();
});

const ORGANIZATION = '/api/organizations/{organizationId}';
const MEMBER = `${ORGANIZATION}/members/{memberId}`;

const ask = (
  person: TestPerson,
  route: string,
  params: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<TestAnswer> =>
  call(handler, { route, params, token: person.accessToken, ...(body === undefined ? {} : { body }) });

async function found(person: TestPerson, name = 'Harbour Lights'): Promise<string> {
  const answer = await ask(person, 'POST /api/organizations', {}, { name });
  if (answer.status !== 201) throw new Error(answer.text);
  return createOrganization.responses[201].parse(answer.json).id;
}

const sessionNow = (person: TestPerson): Promise<Session> => loadSession(db.table, person, Date.now());
const add = (by: TestPerson, organizationId: string, userId: string, posts: unknown): Promise<TestAnswer> =>
  ask(by, `POST ${ORGANIZATION}/members`, { organizationId }, { userId, posts });

describe('an organisation', () => {
  it('makes its maker its organizer at once, in the running session as well', async () => {
    const olga = await givenPerson(db.table);
    const organizationId = await found(olga);
    expect(await sessionNow(olga)).toMatchObject({
      roles: ['customer', 'organizer'],
      memberships: [{ organizationId, post: 'organizer' }],
    });
    const shown = await ask(olga, `GET ${ORGANIZATION}`, { organizationId });
    expect(organizationView.parse(shown.json)).toMatchObject({
      name: 'Harbour Lights',
      posts: [{ post: 'organizer' }],
    });
    expect((await ask(olga, 'GET /api/organizations')).json['items']).toEqual([shown.json]);
    expect(await findAccount(db.table, olga.userId)).toMatchObject({ ver: 2, by: olga.userId });
  });

  it('is founded once for one idempotency key, also by two requests at once', async () => {
    const olga = await givenPerson(db.table);
    const request = {
      route: 'POST /api/organizations',
      token: olga.accessToken,
      headers: { 'idempotency-key': 'found-1' },
    };
    const answers = await Promise.all([1, 2, 3].map(() => call(handler, { ...request, body: { name: 'Once' } })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1);
    const other = await call(handler, { ...request, body: { name: 'Twice' } });
    expect(other).toMatchObject({ status: 409, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect((await sessionNow(olga)).memberships).toHaveLength(1);
  });

  it.each([
    ['no name', {}],
    ['an empty name', { name: '  ' }],
    ['control characters', { name: 'a\r\nBcc: b' }],
    ['half a surrogate pair', { name: '\ud800' }],
    ['an unknown field', { name: 'A', owner: 'me' }],
  ])('is not founded with %s', async (_case, body) => {
    const olga = await givenPerson(db.table);
    expect(await ask(olga, 'POST /api/organizations', {}, body)).toMatchObject({
      status: 400,
      json: { code: 'INVALID_INPUT' },
    });
    expect((await sessionNow(olga)).roles).toEqual(['customer']);
  });

  it('does not exist for organizers of others, and for nobody without a post', async () => {
    const [olga, oscar, carla] = [
      await givenPerson(db.table),
      await givenPerson(db.table),
      await givenPerson(db.table),
    ];
    const organizationId = await found(olga);
    await found(oscar, 'Elsewhere');
    for (const [route, body] of [
      [`GET ${ORGANIZATION}`, undefined],
      [`PATCH ${ORGANIZATION}`, { name: 'Mine' }],
      [`GET ${ORGANIZATION}/members`, undefined],
      [`POST ${ORGANIZATION}/members`, { userId: oscar.userId, posts: [{ post: 'organizer' }] }],
    ] as const) {
      expect(await ask(oscar, route, { organizationId }, body)).toMatchObject({
        status: 404,
        json: { code: 'ORGANIZATION_NOT_FOUND' },
      });
      expect(await ask(carla, route, { organizationId }, body)).toMatchObject({ status: 403 });
      expect(await ask(oscar, route, { organizationId: ulid() }, body)).toMatchObject({ status: 404 });
    }
    expect(await findOrganization(db.table, organizationId)).toMatchObject({ ver: 1, name: 'Harbour Lights' });
  });

  it('is renamed by nobody whose post was taken while the request was under way', async () => {
    const [olga, oscar] = [await givenPerson(db.table), await givenPerson(db.table)];
    const organizationId = await found(olga);
    await add(olga, organizationId, oscar.userId, [{ post: 'organizer' }]);
    const seen = await findOrganization(db.table, organizationId);
    if (seen === undefined) throw new Error('There is no organisation');
    const slow = interrupted(db, () => ask(olga, `DELETE ${MEMBER}`, { organizationId, memberId: oscar.userId }));
    const wish = { name: 'Taken', actor: { userId: oscar.userId, isAdmin: false } };
    const outcome = await renameOrganization(slow, seen, wish, occasion());
    expect(outcome).toMatchObject({ ok: false, error: { code: 'ORGANIZATION_NOT_FOUND' } });
    expect(await findOrganization(db.table, organizationId)).toMatchObject({ name: 'Harbour Lights' });
    slow.client.destroy();
  });

  it('is founded, renamed and staffed by nobody who was banned while the request was under way', async () => {
    const [olga, oscar, stefan] = [
      await givenPerson(db.table),
      await givenPerson(db.table),
      await givenPerson(db.table),
    ];
    const organizationId = await found(olga);
    await add(olga, organizationId, oscar.userId, [{ post: 'organizer' }]);
    const seen = await findOrganization(db.table, organizationId);
    if (seen === undefined) throw new Error('There is no organisation');
    const slow = interrupted(db, () => banUser(db.table, oscar.userId, { ...occasion(), by: admin.userId }));
    const actor = { userId: oscar.userId, isAdmin: false };
    const gone = { ok: false, error: { code: 'ORGANIZATION_NOT_FOUND' } };
    expect(await renameOrganization(slow, seen, { name: 'Taken', actor }, occasion())).toMatchObject(gone);
    const gate = { organizationId, userId: stefan.userId, posts: () => [{ post: 'gate' as const }], actor };
    expect(await changeMember(db.table, gate, occasion())).toMatchObject(gone);
    const asAdmin = { ...gate, actor: { ...actor, isAdmin: true } };
    expect(await changeMember(db.table, asAdmin, occasion()), 'not with a role either').toMatchObject(gone);
    expect(await findOrganization(db.table, organizationId)).toEqual(seen);
    slow.client.destroy();

    const slowToo = interrupted(db, () => banUser(db.table, stefan.userId, { ...occasion(), by: admin.userId }));
    const founding = { name: 'Late', founderId: stefan.userId, idempotencyKey: 'late' };
    expect(await foundAs(slowToo, founding, occasion())).toMatchObject({ ok: false, error: { code: 'NOT_SIGNED_IN' } });
    expect(await findAccount(db.table, stefan.userId)).toMatchObject({ roles: ['customer'], memberships: [] });
    slowToo.client.destroy();
  });

  it('is renamed by its organizer and by an admin', async () => {
    const olga = await givenPerson(db.table);
    const organizationId = await found(olga);
    expect((await ask(olga, `PATCH ${ORGANIZATION}`, { organizationId }, { name: 'Quay' })).json['name']).toBe('Quay');
    expect((await ask(admin, `PATCH ${ORGANIZATION}`, { organizationId }, { name: 'Pier' })).json['name']).toBe('Pier');
  });
});

describe('members', () => {
  it('get their posts at once, lose them at once, and show with their names', async () => {
    const olga = await givenPerson(db.table);
    const organizationId = await found(olga);
    const annaId = await givenAccount(db.table, { email: 'anna-member@example.com' });
    const stefan = await givenPerson(db.table);
    expect((await add(olga, organizationId, stefan.userId, [{ post: 'gate' }])).status).toBe(201);
    expect((await sessionNow(stefan)).roles).toEqual(['customer', 'staff']);
    const anna = await add(olga, organizationId, annaId, [{ post: 'box-office' }, { post: 'box-office' }]);
    expect(anna.json).toMatchObject({
      firstName: 'Anna',
      email: 'anna-member@example.com',
      posts: [{ post: 'box-office' }],
    });
    const list = await ask(olga, `GET ${ORGANIZATION}/members`, { organizationId });
    expect(list.json['items']).toHaveLength(3);

    const of = { organizationId, memberId: stefan.userId };
    expect((await ask(olga, `PUT ${MEMBER}`, of, { posts: [{ post: 'support' }] })).status).toBe(200);
    expect((await sessionNow(stefan)).memberships).toEqual([{ organizationId, post: 'support' }]);
    expect((await ask(olga, `DELETE ${MEMBER}`, of)).status).toBe(204);
    expect(await sessionNow(stefan)).toMatchObject({ roles: ['customer'], memberships: [] });
    expect(await ask(olga, `DELETE ${MEMBER}`, of)).toMatchObject({ status: 404, json: { code: 'MEMBER_NOT_FOUND' } });
  });

  it('may leave by themselves, and nobody else of their rank can make them', async () => {
    const [olga, one, two] = [await givenPerson(db.table), await givenPerson(db.table), await givenPerson(db.table)];
    const organizationId = await found(olga);
    for (const { userId } of [one, two]) await add(olga, organizationId, userId, [{ post: 'gate' }]);
    const refused = await ask(two, `DELETE ${MEMBER}`, { organizationId, memberId: one.userId });
    expect(refused).toMatchObject({ status: 404, json: { code: 'MEMBER_NOT_FOUND' } });
    expect((await ask(one, `DELETE ${MEMBER}`, { organizationId, memberId: one.userId })).status).toBe(204);
  });

  it('are found only below their own organisation', async () => {
    const [olga, oscar, stefan] = [
      await givenPerson(db.table),
      await givenPerson(db.table),
      await givenPerson(db.table),
    ];
    const organizationId = await found(olga);
    const other = await found(oscar, 'Elsewhere');
    await add(oscar, other, stefan.userId, [{ post: 'gate' }]);
    expect(await ask(olga, `DELETE ${MEMBER}`, { organizationId, memberId: stefan.userId })).toMatchObject({
      status: 404,
    });
    expect(await ask(olga, `DELETE ${MEMBER}`, { organizationId: other, memberId: stefan.userId })).toMatchObject({
      status: 404,
    });
    expect((await sessionNow(stefan)).memberships).toHaveLength(1);
  });

  it('may work at single events and for a time, but only at events of the organisation', async () => {
    const [olga, stefan] = [await givenPerson(db.table), await givenPerson(db.table)];
    const organizationId = await found(olga);
    const post = (more: Readonly<Record<string, unknown>>): Promise<TestAnswer> =>
      add(olga, organizationId, stefan.userId, [{ post: 'gate', ...more }]);
    expect(await post({ eventId: ulid() })).toMatchObject({ status: 404, json: { code: 'EVENT_NOT_FOUND' } });
    expect(await post({ from: '2026-12-05T20:00:00Z', until: '2026-12-05T20:00:00Z' })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_INPUT', errors: [{ path: 'posts.0.until' }] },
    });
    const organizer = await add(olga, organizationId, stefan.userId, [
      { post: 'organizer', until: '2027-01-01T00:00:00Z' },
    ]);
    expect(organizer.status).toBe(400);
    const timed = await post({ from: '2026-12-05T18:00:00+01:00', until: '2026-12-06T02:00:00Z' });
    expect(timed).toMatchObject({ status: 201, json: { posts: [{ from: '2026-12-05T17:00:00.000Z' }] } });
  });

  it('who have no account, or are barred, cannot be added', async () => {
    const [olga, banned] = [await givenPerson(db.table), await givenPerson(db.table)];
    const organizationId = await found(olga);
    await banUser(db.table, banned.userId, { ...occasion(), by: admin.userId });
    for (const userId of [ulid(), banned.userId]) {
      expect(await add(olga, organizationId, userId, [{ post: 'gate' }])).toMatchObject({
        status: 404,
        json: { code: 'USER_NOT_FOUND' },
      });
    }
  });
});

describe('the last organizer', () => {
  it('can neither leave nor be made something else', async () => {
    const olga = await givenPerson(db.table);
    const organizationId = await found(olga);
    const of = { organizationId, memberId: olga.userId };
    for (const answer of [
      await ask(olga, `DELETE ${MEMBER}`, of),
      await ask(olga, `PUT ${MEMBER}`, of, { posts: [{ post: 'gate' }] }),
    ])
      expect(answer).toMatchObject({ status: 409, json: { code: 'LAST_ORGANIZER' } });
  });

  it('is one of two who remove each other at once', async () => {
    for (let race = 0; race < 5; race += 1) {
      const [olga, oscar] = [await givenPerson(db.table), await givenPerson(db.table)];
      const organizationId = await found(olga);
      await add(olga, organizationId, oscar.userId, [{ post: 'organizer' }]);
      const answers = await Promise.all([
        ask(olga, `DELETE ${MEMBER}`, { organizationId, memberId: oscar.userId }),
        ask(oscar, `DELETE ${MEMBER}`, { organizationId, memberId: olga.userId }),
      ]);
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      const { members = [] } = (await findOrganization(db.table, organizationId)) ?? {};
      expect(members).toHaveLength(1);
      const left = members[0]?.userId === olga.userId ? [olga, oscar] : [oscar, olga];
      expect((await sessionNow(left[0] ?? olga)).roles).toContain('organizer');
      expect((await sessionNow(left[1] ?? olga)).memberships).toEqual([]);
    }
  });

  it('an organizer who was removed meanwhile removes nobody any more', async () => {
    const [olga, oscar, otto] = [await givenPerson(db.table), await givenPerson(db.table), await givenPerson(db.table)];
    const organizationId = await found(olga);
    for (const { userId } of [oscar, otto]) await add(olga, organizationId, userId, [{ post: 'organizer' }]);
    await ask(olga, `DELETE ${MEMBER}`, { organizationId, memberId: oscar.userId });
    const late = await changeMember(
      db.table,
      { organizationId, userId: otto.userId, posts: () => [], actor: { userId: oscar.userId, isAdmin: false } },
      occasion(),
    );
    expect(late).toMatchObject({ ok: false, error: { code: 'ORGANIZATION_NOT_FOUND' } });
  });
});

describe('roles and bans', () => {
  const by = (person: TestPerson) => ({ ...occasion(), by: person.userId });

  it('act on running sessions at once', async () => {
    const susan = await givenPerson(db.table);
    const params = { userId: susan.userId };
    const made = await ask(admin, 'PUT /api/users/{userId}/roles', params, { roles: ['support'] });
    expect(made).toMatchObject({ status: 200, json: { roles: ['customer', 'support'], bannedAt: null } });
    expect((await sessionNow(susan)).roles).toEqual(['customer', 'support']);
    await ask(admin, 'PUT /api/users/{userId}/roles', params, { roles: [] });
    expect((await sessionNow(susan)).roles).toEqual(['customer']);
    const organizer = await ask(admin, 'PUT /api/users/{userId}/roles', params, { roles: ['organizer'] });
    expect(organizer.status).toBe(400);
  });

  it('a ban ends every session, bars log-in, and is lifted without giving roles back', async () => {
    const bertId = await givenAccount(db.table, { email: 'bert@example.com', roles: ['customer', 'support'] });
    const attempt = (): ReturnType<typeof logInAs> => logInAs(db.table, 'bert@example.com');
    const before = await attempt();
    if (!before.ok) throw new Error(before.error.detail);
    // One log-in is under way while the ban is made: it ends in no session that lives.
    const [during, banned] = await Promise.all([
      attempt(),
      ask(admin, 'POST /api/users/{userId}/ban', { userId: bertId }, {}),
    ]);
    expect(banned).toMatchObject({ status: 200, json: { roles: ['customer'] } });
    const sessions = [before.value.session, ...(during.ok ? [during.value.session] : [])];
    for (const session of sessions) {
      await expect(loadSession(db.table, session, Date.now())).rejects.toThrow('NOT_SIGNED_IN');
    }
    expect(await attempt()).toMatchObject({ ok: false, error: { code: 'ACCOUNT_BANNED' } });
    await ask(admin, 'POST /api/users/{userId}/unban', { userId: bertId }, {});
    const after = await attempt();
    expect(after.ok && after.value.account.roles).toEqual(['customer']);
  });

  it('cannot take the last admin away, however it is tried and by whomever at once', async () => {
    const ada = await givenPerson(db.table, { roles: ['customer', 'admin'] });
    await setRoles(db.table, ada.userId, ['admin'], by(admin));
    await setRoles(db.table, admin.userId, ['admin'], by(admin));
    expect(new Set((await findAdmins(db.table))?.adminIds)).toEqual(new Set([ada.userId, admin.userId]));
    const outcomes = await Promise.all([
      setRoles(db.table, ada.userId, [], by(admin)),
      banUser(db.table, admin.userId, by(ada)),
    ]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const [left] = (await findAdmins(db.table))?.adminIds ?? [];
    expect(await setRoles(db.table, left ?? '', [], by(ada))).toMatchObject({ error: { code: 'LAST_ADMIN' } });
    expect(await banUser(db.table, left ?? '', by(ada))).toMatchObject({ error: { code: 'LAST_ADMIN' } });
    expect(await findAccount(db.table, left ?? '')).toMatchObject({ roles: ['customer', 'admin'] });
  });

  it('are for accounts that there are', async () => {
    const answer = await setRoles(db.table, ulid(), ['support'], by(admin));
    expect(answer).toMatchObject({ ok: false, error: { code: 'USER_NOT_FOUND' } });
  });
});
