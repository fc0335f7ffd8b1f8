import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { acceptInvitation, showOffer } from '../../functions/organizations/app/accept-invitation.ts';
import { inviteMember } from '../../functions/organizations/app/invite.ts';
import { banUser, setRoles } from '../../functions/organizations/app/set-roles.ts';
import {
  INVITATION_LIVES_MS,
  invitationView,
  MOST_INVITATIONS,
} from '../../functions/organizations/invitations-contract.ts';
import { findInvitation, findOrganization } from '../../functions/organizations/reads.ts';
import { beginErasure } from '../../functions/privacy/app/begin-erasure.ts';
import { loadSession, type Session } from '../../functions/shared/runtime/session.ts';
import { tokenOf } from '../../functions/users/tokens.ts';
import { readKey } from '../../functions/shared/runtime/secrets.ts';
import type { TestAnswer } from '../support/http.ts';
import { occasion, USERS_ENV } from '../users/accounts.ts';
import { ACCEPT, INVITE, InvitationsWorld, LIST, REVOKE, SHOW, type Somebody } from './invitations-world.ts';

let world: InvitationsWorld;
let olga: Somebody;
let organizationId: string;

beforeAll(async () => {
  world = await InvitationsWorld.open();
  olga = await world.somebody({ firstName: 'Olga' });
  organizationId = await world.founded(olga);
});
afterAll(() => world.close());

const accept = (person: Somebody | undefined, token: string): Promise<TestAnswer> =>
  world.ask(person, ACCEPT, {}, { token });
const sessionNow = (person: Somebody): Promise<Session> => loadSession(world.db.table, person, Date.now());
const GONE = { status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } };

/** Rows that lead from an invitation to its address: sealed value, key, hash. */
async function tracesOf(invitationId: string): Promise<readonly string[]> {
  const rows = await world.db.items();
  return rows.flatMap((row) => {
    const key = `${String(row['pk'])} ${String(row['sk'])}`;
    if (key === `USER#${invitationId} KEY`) return ['key'];
    if (key === `INVITATION#${invitationId} INVITATION`) return row['email'] === undefined ? [] : ['address'];
    const isAbout = JSON.stringify(row).includes(invitationId);
    if (isAbout && key.startsWith('INVITED#')) return ['index'];
    return isAbout && key.startsWith('INVITATIONS#') ? ['list'] : [];
  });
}

describe('an invitation', () => {
  it('is mailed, accepted by the account of its address however that is spelt, and counts at once', async () => {
    const stefan = await world.somebody({ email: 'Stefan.Invited@Example.com' });
    await world.setPosts(organizationId, stefan.userId, [{ post: 'support' }]);
    const posts = [{ post: 'gate', from: '2026-12-05T18:00:00+01:00' }, { post: 'box-office' }];
    const { id, token } = await world.invited(olga, organizationId, ' stefan.invited@EXAMPLE.com ', posts);
    const offer = await world.ask(undefined, SHOW, {}, { token });
    expect(offer).toMatchObject({
      status: 200,
      json: {
        organization: { id: organizationId, name: 'Quay' },
        posts: [{ post: 'gate', from: '2026-12-05T17:00:00.000Z' }, { post: 'box-office' }],
      },
    });
    // Whoever has the link learns nothing of whose it is.
    expect(offer.text.toLowerCase()).not.toContain('stefan');
    const accepted = await accept(stefan, token);
    expect(accepted).toMatchObject({ status: 200, json: { id: organizationId, name: 'Quay' } });
    expect((await sessionNow(stefan)).memberships.map(({ post }) => post)).toEqual(['support', 'gate', 'box-office']);
    expect((await sessionNow(stefan)).roles).toEqual(['customer', 'staff']);
    expect(await findInvitation(world.db.table, id)).toMatchObject({
      state: 'ACCEPTED',
      acceptedBy: stefan.userId,
      by: stefan.userId,
      ver: 2,
    });
    expect(await tracesOf(id)).toEqual([]);
  });

  it('says who invites to what until when, in the language asked for, and has no name of who is invited', async () => {
    const answer = await world.ask(
      olga,
      INVITE,
      { organizationId },
      { email: 'somebody.else@example.com', posts: [{ post: 'organizer' }], locale: 'de' },
    );
    const invitation = invitationView.parse(answer.json);
    expect(invitation).toMatchObject({ email: 'somebody.else@example.com', invitedBy: olga.userId });
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)).toBe(INVITATION_LIVES_MS);
    const mail = await world.mailOf(invitation.id);
    expect(mail?.subject).toBe('Einladung zur Mitarbeit bei Quay');
    expect(mail?.to).toMatchObject({ value: [{ address: 'somebody.else@example.com', name: '' }] });
    expect(mail?.text).toContain('Olga Muster lädt Sie ein, bei Onsale für Quay zu arbeiten');
    expect(mail?.text).toContain('- Quay: Leitung');
    // Delivered again it is not sent again (I9).
    expect(await world.mailOf(invitation.id)).toBeUndefined();
  });

  it('keeps neither address nor token in the clear anywhere', async () => {
    const { id, token } = await world.invited(olga, organizationId, 'canary-zyxwv@example.com');
    const rows = JSON.stringify(await world.db.items());
    expect(rows.toLowerCase()).not.toContain('canary-zyxwv');
    expect(rows).not.toContain(token);
    const proof = Buffer.from(token, 'base64url').subarray(16);
    for (const written of [proof.toString('base64url'), proof.toString('hex'), proof.toString('base64')])
      expect(rows).not.toContain(written);
    expect((await tracesOf(id)).toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
      'address',
      'index',
      'key',
      'list',
    ]);
    // What nobody closes is dropped by the table: the key, hence the address wherever it was copied to.
    const rowsNow = await world.db.items();
    const expiring = rowsNow.filter(({ pk }) => pk === `USER#${id}` || String(pk).startsWith('INVITED#'));
    for (const { ttl } of expiring) expect(Number(ttl) * 1_000).toBeGreaterThan(Date.now());
    expect(expiring.length).toBeGreaterThan(1);
  });

  it('is for the account of its address alone, whoever else has the link', async () => {
    const [invited, thief] = [await world.somebody(), await world.somebody()];
    const { id, token } = await world.invited(olga, organizationId, invited.email);
    expect(await accept(undefined, token)).toMatchObject({ status: 401 });
    expect(await accept(thief, token)).toMatchObject({ status: 403, json: { code: 'INVITED_OTHER_ADDRESS' } });
    // Not even a plus-alias of it, which may be another person's account.
    const alias = await world.somebody({ email: invited.email.replace('@', '+x@') });
    expect(await accept(alias, token)).toMatchObject({ status: 403 });
    expect((await sessionNow(thief)).memberships).toEqual([]);
    expect(await findInvitation(world.db.table, id)).toMatchObject({ state: 'OPEN', ver: 1 });
    expect((await accept(invited, token)).status).toBe(200);
  });

  it('has a token that nobody can make or change', async () => {
    const invited = await world.somebody();
    const { id, token } = await world.invited(olga, organizationId, invited.email);
    const nonce = (await findInvitation(world.db.table, id))?.nonce ?? '';
    const key = await readKey(USERS_ENV.LINK_KEY_PARAMETER);
    const forged = [
      'x',
      'A'.repeat(64),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      tokenOf(key, 'verify-email', id, nonce),
      tokenOf(key, 'invitation', id, 'another-nonce'),
      tokenOf(key, 'invitation', ulid(), nonce),
      tokenOf(new Uint8Array(32), 'invitation', id, nonce),
    ];
    for (const each of forged) {
      expect(await accept(invited, each), each).toMatchObject(GONE);
      expect(await world.ask(undefined, SHOW, {}, { token: each }), each).toMatchObject(GONE);
    }
    expect((await sessionNow(invited)).memberships).toEqual([]);
  });

  it('ends after seven days, also where the table has not dropped anything yet', async () => {
    const invited = await world.somebody();
    const { token } = await world.invited(olga, organizationId, invited.email);
    const who = { token, userId: invited.userId };
    const late = Date.now() + INVITATION_LIVES_MS;
    expect(await showOffer(world.invitations, token, late)).toMatchObject({ ok: false });
    expect(await acceptInvitation(world.invitations, who, occasion(late))).toMatchObject({
      ok: false,
      error: { code: 'TOKEN_INVALID_OR_EXPIRED' },
    });
    // It makes room for another one.
    const wish = {
      organizationId,
      email: invited.email,
      posts: [{ post: 'gate' as const }],
      locale: 'en',
      invitedBy: olga.userId,
    };
    expect(await inviteMember(world.invitations, wish, occasion(late + 1))).toMatchObject({ ok: true });
  });

  it('that is revoked is gone at once and twice is once', async () => {
    const invited = await world.somebody();
    const { id, token } = await world.invited(olga, organizationId, invited.email);
    expect((await world.ask(olga, REVOKE, { organizationId, invitationId: id })).status).toBe(204);
    expect(await accept(invited, token)).toMatchObject(GONE);
    expect(await world.ask(undefined, SHOW, {}, { token })).toMatchObject(GONE);
    expect(await tracesOf(id)).toEqual([]);
    expect(await world.ask(olga, REVOKE, { organizationId, invitationId: id })).toMatchObject({
      status: 404,
      json: { code: 'INVITATION_NOT_FOUND' },
    });
    expect(JSON.stringify((await world.ask(olga, LIST, { organizationId })).json)).not.toContain(id);
    // A mail that comes too late is not sent.
    expect(await findInvitation(world.db.table, id)).toMatchObject({ state: 'REVOKED', by: olga.userId });
  });

  it('exists for organizers of its organisation alone', async () => {
    const [oscar, stefan] = [await world.somebody(), await world.somebody()];
    const other = await world.founded(oscar, 'Elsewhere');
    await world.setPosts(organizationId, stefan.userId, [{ post: 'box-office' }]);
    const { id } = await world.invited(olga, organizationId, 'hidden@example.com');
    for (const [route, params, body] of [
      [INVITE, { organizationId }, { email: 'a@example.com', posts: [{ post: 'gate' }] }],
      [LIST, { organizationId }, undefined],
      [REVOKE, { organizationId, invitationId: id }, undefined],
      // Below a parent of their own it is not theirs either.
      [REVOKE, { organizationId: other, invitationId: id }, undefined],
    ] as const) {
      expect((await world.ask(oscar, route, params, body)).status, route).toBe(404);
      expect((await world.ask(stefan, route, params, body)).status, route).toBe(403);
    }
    expect((await world.ask(olga, REVOKE, { organizationId: other, invitationId: id })).status).toBe(404);
    expect(await findInvitation(world.db.table, id)).toMatchObject({ state: 'OPEN' });
  });

  it.each([
    ['no address', { email: 'nobody', posts: [{ post: 'gate' }] }, 400],
    ['several addresses', { email: 'a@example.com, b@example.com', posts: [{ post: 'gate' }] }, 400],
    ['a header', { email: 'a@example.com\r\nBcc: b@example.com', posts: [{ post: 'gate' }] }, 400],
    ['no posts', { email: 'a@example.com', posts: [] }, 400],
    [
      'an organizer for a time',
      { email: 'a@example.com', posts: [{ post: 'organizer', until: '2027-01-01T00:00:00Z' }] },
      400,
    ],
    ['an event of others', { email: 'a@example.com', posts: [{ post: 'gate', eventId: ulid() }] }, 404],
    ['an unknown field', { email: 'a@example.com', posts: [{ post: 'gate' }], role: 'admin' }, 400],
  ])('to %s is refused', async (_case, body, status) => {
    const before = await world.db.items();
    expect((await world.ask(olga, INVITE, { organizationId }, body)).status).toBe(status);
    expect(await world.db.items()).toHaveLength(before.length);
  });
});

describe('invitations are bounded', () => {
  it('by one for an address, also of two at once', async () => {
    const organizer = await world.somebody();
    const own = await world.founded(organizer, 'Bounded');
    const body = { email: 'twice@example.com', posts: [{ post: 'gate' }] };
    const answers = await Promise.all([1, 2, 3].map(() => world.ask(organizer, INVITE, { organizationId: own }, body)));
    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([201, 409, 409]);
    const refused = answers.find(({ status }) => status === 409);
    const made = answers.find(({ status }) => status === 201);
    expect(refused?.json).toMatchObject({ code: 'ALREADY_INVITED', invitationId: made?.json['id'] });
  });

  it('by a number for an organisation', async () => {
    const organizer = await world.somebody();
    const own = await world.founded(organizer, 'Many');
    const invite = (index: number): Promise<TestAnswer> =>
      world.ask(
        organizer,
        INVITE,
        { organizationId: own },
        { email: `many-${index}@example.com`, posts: [{ post: 'gate' }] },
      );
    for (let index = 0; index < MOST_INVITATIONS; index += 1) expect((await invite(index)).status).toBe(201);
    expect(await invite(MOST_INVITATIONS)).toMatchObject({ status: 409, json: { code: 'TOO_MANY_INVITATIONS' } });
    expect((await world.ask(organizer, LIST, { organizationId: own })).json['items']).toHaveLength(MOST_INVITATIONS);
  });

  it('by mails to one mailbox a day, whichever organisations invite it and by whichever of its aliases', async () => {
    const answers: (readonly [status: number, waits: boolean])[] = [];
    for (let index = 0; index < 6; index += 1) {
      const organizer = await world.somebody();
      const own = await world.founded(organizer, `Spam ${index}`);
      const body = { email: `victim${index % 2 === 0 ? '' : `+${index}`}@example.com`, posts: [{ post: 'gate' }] };
      const answer = await world.ask(organizer, INVITE, { organizationId: own }, body);
      answers.push([answer.status, Number(answer.headers['retry-after']) > 0]);
    }
    expect(answers).toEqual([...Array.from({ length: 5 }, () => [201, false]), [429, true]]);
  });
});

describe('an invitation dies with the right of who sent it', () => {
  async function sentBy(): Promise<{ oscar: Somebody; invited: Somebody; id: string; token: string }> {
    const [oscar, invited] = [await world.somebody(), await world.somebody()];
    await world.setPosts(organizationId, oscar.userId, [{ post: 'organizer' }]);
    return { oscar, invited, ...(await world.invited(oscar, organizationId, invited.email, [{ post: 'organizer' }])) };
  }

  it.each<[string, (oscar: Somebody) => Promise<unknown>]>([
    ['is removed', ({ userId }) => world.setPosts(organizationId, userId, [])],
    ['becomes staff', ({ userId }) => world.setPosts(organizationId, userId, [{ post: 'gate' }])],
    ['is barred', ({ userId }) => banUser(world.db.table, userId, occasion())],
    [
      'is erased',
      ({ userId }) => beginErasure(world.db.table, world.invitations.book, { userId, occasion: occasion() }),
    ],
  ])('who %s', async (_case, happens) => {
    const { oscar, invited, id, token } = await sentBy();
    await happens(oscar);
    expect(await accept(invited, token)).toMatchObject(GONE);
    expect(await world.ask(undefined, SHOW, {}, { token })).toMatchObject(GONE);
    expect(JSON.stringify((await world.ask(olga, LIST, { organizationId })).json)).not.toContain(id);
    expect((await sessionNow(invited)).memberships).toEqual([]);
  });

  it('an admin who leads nothing invites too, for as long as they are one', async () => {
    const [ada, root] = [await world.somebody({ roles: ['customer', 'admin'] }), await world.somebody()];
    for (const { userId } of [ada, root])
      await setRoles(world.db.table, userId, ['admin'], { ...occasion(), by: ada.userId });
    const [one, two] = [await world.somebody(), await world.somebody()];
    const first = await world.invited(ada, organizationId, one.email);
    const second = await world.invited(ada, organizationId, two.email);
    expect((await accept(one, first.token)).status).toBe(200);
    await setRoles(world.db.table, ada.userId, [], { ...occasion(), by: root.userId });
    expect(await accept(two, second.token)).toMatchObject(GONE);
  });
});

describe('an invitation in a race', () => {
  it('is accepted once by two requests of its person at once, which are answered the same', async () => {
    for (let race = 0; race < 5; race += 1) {
      const invited = await world.somebody();
      const { id, token } = await world.invited(olga, organizationId, invited.email);
      const answers = await Promise.all([1, 2, 3].map(() => accept(invited, token)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await findInvitation(world.db.table, id)).toMatchObject({ ver: 2, state: 'ACCEPTED' });
      expect((await sessionNow(invited)).memberships).toHaveLength(1);
    }
  });

  it('does not come back: accepted once, and the person removed since', async () => {
    const invited = await world.somebody();
    const { token } = await world.invited(olga, organizationId, invited.email);
    await accept(invited, token);
    await world.setPosts(organizationId, invited.userId, []);
    expect(await accept(invited, token)).toMatchObject(GONE);
    expect((await sessionNow(invited)).memberships).toEqual([]);
  });

  it('is either accepted or revoked, never both', async () => {
    for (let race = 0; race < 5; race += 1) {
      const invited = await world.somebody();
      const { id, token } = await world.invited(olga, organizationId, invited.email);
      const [accepted] = await Promise.all([
        accept(invited, token),
        world.ask(olga, REVOKE, { organizationId, invitationId: id }),
      ]);
      const { state } = (await findInvitation(world.db.table, id)) ?? {};
      const isMember = (await sessionNow(invited)).memberships.length === 1;
      expect([accepted.status, state, isMember]).toEqual(
        accepted.status === 200 ? [200, 'ACCEPTED', true] : [410, 'REVOKED', false],
      );
      expect(await tracesOf(id)).toEqual([]);
    }
  });

  it.each<[string, (parts: { oscar: Somebody; invited: Somebody; id: string }) => Promise<unknown>]>([
    ['revoked', ({ id }) => world.ask(olga, REVOKE, { organizationId, invitationId: id })],
    ['sent by who is removed', ({ oscar }) => world.setPosts(organizationId, oscar.userId, [])],
    ['sent by who is barred', ({ oscar }) => banUser(world.db.table, oscar.userId, occasion())],
    ['for who is barred', ({ invited }) => banUser(world.db.table, invited.userId, occasion())],
  ])('lets nobody in when it is %s between the decision and the write', async (_case, happens) => {
    const [oscar, invited] = [await world.somebody(), await world.somebody()];
    await world.setPosts(organizationId, oscar.userId, [{ post: 'organizer' }]);
    const { id, token } = await world.invited(oscar, organizationId, invited.email);
    const slow = world.interrupted(() => happens({ oscar, invited, id }));
    const late = await acceptInvitation(slow, { token, userId: invited.userId }, occasion());
    expect(late.ok).toBe(false);
    const { members = [] } = (await findOrganization(world.db.table, organizationId)) ?? {};
    expect(members.map(({ userId }) => userId)).not.toContain(invited.userId);
    slow.table.client.destroy();
  });
});

describe('who is erased', () => {
  it('is invited by nobody any more: nothing leads to the address', async () => {
    const invited = await world.somebody();
    const { id } = await world.invited(olga, organizationId, invited.email);
    await beginErasure(world.db.table, world.invitations.book, { userId: invited.userId, occasion: occasion() });
    expect(await findInvitation(world.db.table, id)).toMatchObject({ state: 'WITHDRAWN' });
    expect(await tracesOf(id)).toEqual([]);
    expect(JSON.stringify((await world.ask(olga, LIST, { organizationId })).json)).not.toContain(id);
  });
});
