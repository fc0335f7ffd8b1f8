import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser, type ParsedMail } from 'mailparser';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { createApiKey } from '../../functions/organizations/app/api-keys.ts';
import { changeMember } from '../../functions/organizations/app/change-members.ts';
import { createOrganization } from '../../functions/organizations/app/create-organization.ts';
import { setRoles } from '../../functions/organizations/app/set-roles.ts';
import { findAdmins, findKeyList, findOrganization } from '../../functions/organizations/reads.ts';
import { putOrganization, setAdmins } from '../../functions/organizations/writes.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { beginErasure } from '../../functions/privacy/app/begin-erasure.ts';
import { finishErasures, repeatErasures, type ErasureDeps } from '../../functions/privacy/app/finish-erasures.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import type { Role } from '../../functions/shared/runtime/route.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { tableOn, type Table } from '../../functions/shared/table/client.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { updateProfile } from '../../functions/users/app/update-profile.ts';
import { findRecipient } from '../../functions/users/recipients.ts';
import { inAccount, personalDataIn, PersonErasedError } from '../../functions/users/personal-data.ts';
import { personKeyKey } from '../../functions/users/keys.ts';
import { findAccount, findUserIdByAddress } from '../../functions/users/reads.ts';
import { dropRow } from '../../functions/users/writes.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, testClient, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, logInAs, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { copyToTimeline, givenPurchase } from './dossier.ts';
import { STAGES } from '../../lib/stages.ts';

const ERASE = 'DELETE /api/users/{userId}';
const KEYS = USERS_ENV.SESSION_KEYS_PARAMETER;
let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let type: TicketTypeCopy;
const ses = mockClient(SESClient);

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ ...usersParameters(), '/cursor': randomKey() });
  useTestEnvironment(db, {
    ...USERS_ENV,
    CURSOR_KEY_PARAMETER: '/cursor',
    MAIL_SENDER: 'tickets@onsale.example',
    BRAND: JSON.stringify(STAGES.local.brand),
    MAIL_CONFIGURATION_SET: '',
  });
  ({ handler } = await import('../../functions/privacy/handlers/http-privacy.ts'));
  type = await putOnSale(db.table, Date.now());
});

afterAll(() => {
  ses.restore();
  return Promise.all([parameters.close(), db.drop()]);
});
beforeEach(() => {
  ses.reset();
  ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
});

let people = 0;
const nextEmail = (): string => `person-${(people += 1)}@example.com`;

async function erased(
  userId: string,
  by: { readonly userId?: string; readonly roles?: Role[]; readonly now?: number } = {},
): Promise<TestAnswer> {
  const { accessToken: token } = await signIn(db.table, KEYS, { userId, ...by });
  return call(handler, { route: ERASE, params: { userId }, token });
}

function depsOn(table: Table, noted: string[] = []): ErasureDeps {
  return {
    table,
    addresses: {
      personalData: personalDataIn(table, USERS_ENV),
      emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    },
    register: {
      note: async (userId) => {
        noted.push(userId);
      },
    },
    documents: {
      forget: async (userId) => {
        noted.push(`documents of ${userId}`);
      },
    },
  };
}

/** What the relay does with the latest change of an account: its timeline, and the due-list of erasures. */
async function relay(userId: string): Promise<void> {
  const row = (await db.items()).find(({ pk, sk }) => pk === `USER#${userId}` && sk === 'USER');
  if (row === undefined) throw new Error('There is no such account');
  const after = marked({ ...row, pk: `USER#${userId}`, sk: 'USER' });
  // No queue wants to hear of it, so none is there.
  const nowhere = { table: db.table, sqs: new SQSClient({}), queueUrls: { tickets: '', mail: '', payments: '' } };
  await relayChanges(nowhere, [{ before: undefined, after }], Date.now());
}

/** Rows of a person's partition, by sort key. */
async function rowsOf(userId: string): Promise<readonly string[]> {
  return (await db.items()).filter(({ pk }) => pk === `USER#${userId}`).map(({ sk }) => String(sk));
}

describe('erasure', () => {
  it('leaves nothing that opens, signs in or names the person, and orders as they were', async () => {
    const email = nextEmail();
    const userId = await givenAccount(db.table, { email, firstName: 'Zerlina', lastName: 'Quastenflosser' });
    const personalData = personalDataIn(db.table, USERS_ENV);
    const patch = { phone: '+4915112345678', address: { line1: 'Elbchaussee 987', city: 'Hamburg', country: 'DE' } };
    await updateProfile(db.table, personalData, { userId, patch, ifMatch: undefined, occasion: occasion() });
    await copyToTimeline(db, userId);
    const order = await givenPurchase(db, userId, type);
    const before = (await db.items()).filter(({ pk }) => String(pk).startsWith('ORDER#'));
    const sealed = (await findAccount(db.table, userId))?.email ?? '';
    const { accessToken: token } = await signIn(db.table, KEYS, { userId });

    const answer = await call(handler, { route: ERASE, params: { userId }, token });
    expect(answer).toMatchObject({ status: 202, json: { userId, status: 'ERASING', erasedAt: null } });
    // At once: no session, no log-in, no mail, nothing that opens, and the address is free.
    expect(await call(handler, { route: ERASE, params: { userId }, token })).toMatchObject({ status: 401 });
    expect(await logInAs(db.table, email)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_CREDENTIALS' },
    });
    expect(await findRecipient(db.table, personalData, userId)).toBeUndefined();
    const person = await personalDataIn(db.table, USERS_ENV).person(userId);
    await expect(person.open(inAccount(userId, 'email'), sealed)).rejects.toThrow(PersonErasedError);
    const again = await givenAccount(db.table, { email });
    expect(again).not.toBe(userId);
    const row = await findAccount(db.table, userId);
    expect(row).toMatchObject({ email: '', firstName: '', roles: [], by: userId, ev: 'users.UserErasureBegun.v1' });
    for (const gone of ['phone', 'address', 'dateOfBirth', 'consents']) expect(row).not.toHaveProperty(gone);

    // A session that a log-in put meanwhile is among what is left, and goes with the job.
    await signIn(db.table, KEYS, { userId });
    await relay(userId);
    const noted: string[] = [];
    expect(await finishErasures(depsOn(db.table, noted), occasion(Date.now()))).toMatchObject({ erased: 0 });
    const due = occasion(Date.now() + 3 * MINUTE);
    expect(await finishErasures(depsOn(db.table, noted), due)).toMatchObject({ erased: 1, faults: 0 });
    expect(noted).toEqual([`documents of ${userId}`, userId]);
    expect((await rowsOf(userId)).filter((sk) => sk !== 'USER' && !sk.startsWith('TL#'))).toEqual([]);
    expect((await findAccount(db.table, userId))?.erasedAt).toBe(due.now);
    // Once is once.
    expect(await finishErasures(depsOn(db.table, noted), occasion(due.now + MINUTE))).toMatchObject({ erased: 0 });
    expect(noted).toHaveLength(2);

    const after = (await db.items()).filter(({ pk }) => String(pk).startsWith('ORDER#'));
    expect(after).toEqual(before);
    expect(after.some(({ orderId }) => orderId === order.orderId)).toBe(true);
  });

  const farewells = (): Promise<readonly ParsedMail[]> =>
    Promise.all(
      ses
        .commandCalls(SendRawEmailCommand)
        .map(({ args }) => simpleParser(Buffer.from(args[0].input.RawMessage?.Data ?? []))),
    );

  it.each([
    ['en', 'Your account was erased'],
    ['de', 'Ihr Konto wurde gelöscht'],
    ['fr', 'Votre compte a été effacé'],
    ['es', 'Se ha borrado su cuenta'],
  ])(
    'is told in %s to who was erased, once however many ask, and leaves no address behind',
    async (locale, subject) => {
      const email = nextEmail();
      const userId = await givenAccount(db.table, { email, locale, firstName: 'Zerlina' });
      const admin = { userId: ulid(), roles: ['customer', 'admin'] as Role[] };
      const answers = await Promise.all([erased(userId, admin), erased(userId, admin), erased(userId, admin)]);
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
      expect((await erased(userId, admin)).status).toBe(202);
      const [mail, ...others] = await farewells();
      expect(others).toEqual([]);
      expect(mail).toMatchObject({ subject, to: { text: expect.stringContaining(email) } });
      expect(mail?.text).toContain('Zerlina');
      expect(JSON.stringify(await db.items())).not.toMatch(/Zerlina|person-\d+@/);
      await relay(userId);
      await repeatErasures(depsOn(db.table), [userId], occasion());
      expect((await rowsOf(userId)).filter((sk) => sk !== 'USER' && !sk.startsWith('TL#'))).toEqual([]);
    },
  );

  it.each<[string, string]>([
    ['refuses', 'MessageRejected'],
    ['does not answer', 'TimeoutError'],
  ])('stands where the mail provider %s, and nobody is told of an erasure that was refused', async (_what, name) => {
    ses.reset();
    ses.on(SendRawEmailCommand).rejects(Object.assign(new Error('the address a@b.example'), { name }));
    const userId = await givenAccount(db.table, { email: nextEmail() });
    expect((await erased(userId)).status).toBe(202);
    expect((await findAccount(db.table, userId))?.deletedAt).toBeTypeOf('number');

    ses.resetHistory();
    const organizationId = ulid();
    const memberships = [{ organizationId, post: 'organizer' as const }];
    const last = await givenAccount(db.table, { email: nextEmail(), roles: ['customer', 'organizer'], memberships });
    const members = [{ userId: last, posts: [{ post: 'organizer' as const }], since: 1 }];
    const row = { organizationId, name: 'Last', createdAt: 1, members };
    await commit(db.table, [putOrganization(row, occasion(), () => 'TAKEN')]);
    expect((await erased(last)).status).toBe(409);
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(0);
  });

  it('is for the person and for admins, who have logged in lately; asking again tells how far it is', async () => {
    const userId = await givenAccount(db.table, { email: nextEmail() });
    expect(await erased(userId, { userId: ulid() })).toMatchObject({ status: 404, json: { code: 'USER_NOT_FOUND' } });
    expect(await erased(userId, { now: Date.now() - 11 * MINUTE })).toMatchObject({
      json: { code: 'RECENT_LOGIN_REQUIRED' },
    });
    const admin = { userId: ulid(), roles: ['customer', 'admin'] as Role[] };
    const first = await erased(userId, admin);
    expect(first).toMatchObject({ status: 202, json: { status: 'ERASING' } });
    const second = await erased(userId, admin);
    expect(second.json).toEqual(first.json);
  });

  it('takes the person out of organisations and off their keys, unless nobody would lead them', async () => {
    const [anna, bob] = [
      await givenAccount(db.table, { email: nextEmail() }),
      await givenAccount(db.table, { email: nextEmail() }),
    ];
    const founded = await createOrganization(
      db.table,
      { name: 'Harbour Lights', founderId: anna, idempotencyKey: undefined },
      occasion(),
    );
    if (!founded.ok) throw new Error('Not founded');
    const { organizationId } = founded.value;
    const annas = await findAccount(db.table, anna);
    const session = { sessionId: 'x', csrf: '', expiresAt: 0, userId: anna, roles: [], memberships: [] };
    const wish = { name: 'shop', scopes: ['orders:read' as const] };
    const posts = annas?.memberships.map((held) => ({ ...held })) ?? [];
    await createApiKey(db.table, { ...session, memberships: posts }, wish, occasion());

    const refused = await erased(anna);
    expect(refused).toMatchObject({
      status: 409,
      json: { code: 'LAST_ORGANIZER', organizationIds: [organizationId] },
    });
    expect((await findAccount(db.table, anna))?.deletedAt).toBeUndefined();
    expect(await logInAs(db.table, `person-${people - 1}@example.com`)).toMatchObject({ ok: true });

    const promote = {
      organizationId,
      userId: bob,
      posts: () => [{ post: 'organizer' as const }],
      actor: { userId: anna, isAdmin: false },
    };
    expect((await changeMember(db.table, promote, occasion())).ok).toBe(true);
    expect((await erased(anna)).status).toBe(202);
    expect((await findOrganization(db.table, organizationId))?.members.map(({ userId }) => userId)).toEqual([bob]);
    const [key] = (await findKeyList(db.table, organizationId))?.keys ?? [];
    expect(key).toMatchObject({ name: 'shop' });
    expect(key).not.toHaveProperty('createdBy');
  });

  it('of the only two organizers of an organisation, both at once, leaves one', async () => {
    const organizationId = ulid();
    const two = await Promise.all(
      [1, 2].map(() =>
        givenAccount(db.table, {
          email: nextEmail(),
          roles: ['customer', 'organizer'],
          memberships: [{ organizationId, post: 'organizer' }],
        }),
      ),
    );
    const members = two.map((userId) => ({ userId, posts: [{ post: 'organizer' as const }], since: 1 }));
    const row = { organizationId, name: 'Two', createdAt: 1, members };
    await commit(db.table, [putOrganization(row, occasion(), () => 'TAKEN')]);
    const answers = await Promise.all(two.map((userId) => erased(userId)));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['202', '409']);
    expect((await findOrganization(db.table, organizationId))?.members).toHaveLength(1);
  });

  it('does not take the last admin', async () => {
    const [ada, ben] = [
      await givenAccount(db.table, { email: nextEmail(), roles: ['customer', 'admin'] }),
      await givenAccount(db.table, { email: nextEmail() }),
    ];
    await commit(db.table, [setAdmins(undefined, [ada], occasion(), () => 'TAKEN')]);
    expect(await erased(ada, { roles: ['customer', 'admin'] })).toMatchObject({
      status: 409,
      json: { code: 'LAST_ADMIN' },
    });
    await setRoles(db.table, ben, ['admin'], { ...occasion(), by: ada });
    expect((await erased(ada, { roles: ['customer', 'admin'] })).status).toBe(202);
    expect((await findAdmins(db.table))?.adminIds).toEqual([ben]);
  });

  it('dies between any two requests to the table and is taken up where it was', async () => {
    const email = nextEmail();
    const userId = await givenAccount(db.table, { email });
    for (let session = 0; session < 3; session += 1) await signIn(db.table, KEYS, { userId });
    // Every run gets one request further than the one before, and dies then.
    let runs = 0;
    const endings = new Set<string>();
    for (let done = false; !done; runs += 1) {
      const { table, requests } = dyingTable(runs);
      try {
        const begun = await beginErasure(table, depsOn(table).addresses, { userId, occasion: occasion() });
        expect(begun.ok).toBe(true);
        await relay(userId);
        await repeatErasures(depsOn(table), [userId], occasion());
        done = requests() <= runs;
      } catch (error) {
        endings.add(String(error));
      }
      const account = await findAccount(db.table, userId);
      const claimed = (await rowsOf(userId)).includes('KEY');
      // Never half: as long as the account is open its key is there, and no longer.
      expect(account?.deletedAt === undefined).toBe(claimed);
      if (runs > 60) throw new Error('It did not come to an end');
    }
    expect(runs).toBeGreaterThan(5);
    expect([...endings].filter((ending) => !ending.includes('The process died'))).toEqual([]);
    expect((await findAccount(db.table, userId))?.erasedAt).toBeTypeOf('number');
    expect((await rowsOf(userId)).filter((sk) => sk !== 'USER' && !sk.startsWith('TL#'))).toEqual([]);
  });

  it('leaves nobody signed in who has more sessions than fit, though it dies right after', async () => {
    const userId = await givenAccount(db.table, { email: nextEmail() });
    await Promise.all(Array.from({ length: 120 }, () => signIn(db.table, KEYS, { userId })));
    const { table } = dyingTable({ after: 'TransactWriteItemsCommand' });
    const begun = beginErasure(table, depsOn(table).addresses, { userId, occasion: occasion() });
    await expect(begun).rejects.toThrow('The process died');
    expect((await findAccount(db.table, userId))?.deletedAt).toBeTypeOf('number');
    const sessions = (await db.items()).filter(
      ({ pk, sk }) => pk === `USER#${userId}` && String(sk).startsWith('SESSION#'),
    );
    expect(sessions).toHaveLength(120);
    expect(sessions.filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
  });

  it('is repeated on a restored table, whoever it was, and as often as one likes', async () => {
    const organizationId = ulid();
    const email = nextEmail();
    const memberships = [{ organizationId, post: 'organizer' as const }];
    const userId = await givenAccount(db.table, { email, roles: ['customer', 'organizer'], memberships });
    const members = [{ userId, posts: [{ post: 'organizer' as const }], since: 1 }];
    const organization = { organizationId, name: 'Alone', createdAt: 1, members };
    await commit(db.table, [putOrganization(organization, occasion(), () => 'TAKEN')]);
    const noted: string[] = [];
    const again = () => repeatErasures(depsOn(db.table, noted), [userId, ulid()], occasion());
    expect(await again()).toEqual({ asked: 2, erased: 1, absent: 1 });
    expect(await again()).toEqual({ asked: 2, erased: 0, absent: 1 });
    expect(noted).toEqual([`documents of ${userId}`, userId]);
    expect((await findOrganization(db.table, organizationId))?.members).toEqual([]);
    expect((await findAccount(db.table, userId))?.erasedAt).toBeTypeOf('number');
  });

  it('races a log-in, a change of the profile and itself, and wins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const email = nextEmail();
      const userId = await givenAccount(db.table, { email });
      const personalData = personalDataIn(db.table, USERS_ENV);
      const patch = { phone: '+4915112345678' };
      const outcomes = await Promise.allSettled([
        erased(userId),
        logInAs(db.table, email),
        updateProfile(db.table, personalData, { userId, patch, ifMatch: undefined, occasion: occasion() }),
        beginErasure(db.table, depsOn(db.table).addresses, { userId, occasion: occasion() }),
      ]);
      expect(outcomes[0]).toMatchObject({ status: 'fulfilled', value: { status: expect.toBeOneOf([202, 401]) } });
      const account = await findAccount(db.table, userId);
      expect(account?.deletedAt).toBeTypeOf('number');
      expect(account).not.toHaveProperty('phone');
      expect(await rowsOf(userId)).not.toContain('KEY');
      const live = (await db.items()).filter(
        ({ pk, sk, endedAt }) => pk === `USER#${userId}` && String(sk).startsWith('SESSION#') && endedAt === undefined,
      );
      expect(live).toEqual([]);
    }
  });

  it('that is asked for again ends a session that was put after the first had looked for them', async () => {
    const userId = await givenAccount(db.table, { email: nextEmail() });
    const begun = await beginErasure(db.table, depsOn(db.table).addresses, { userId, occasion: occasion() });
    expect(begun.ok).toBe(true);
    // What the race above comes to when the machine is slow: a session that no log-in has held against the account.
    expect((await erased(userId)).status).toBe(202);
    const live = (await db.items()).filter(
      ({ pk, sk, endedAt }) => pk === `USER#${userId}` && String(sk).startsWith('SESSION#') && endedAt === undefined,
    );
    expect(live).toEqual([]);
  });

  it('answers who reads their account at that very moment like anybody whose session has ended', async () => {
    const userId = await givenAccount(db.table, { email: nextEmail() });
    const { accessToken: token } = await signIn(db.table, KEYS, { userId });
    const admin = await signIn(db.table, KEYS, { userId: ulid(), roles: ['customer', 'admin'] });
    // As a reader sees it that has read the account before the erasure, and looks for the key after.
    await commit(db.table, [dropRow(personKeyKey(userId))]);
    const { handler: profile } = await import('../../functions/users/handlers/http-profile.ts');
    expect(await call(profile, { route: 'GET /api/auth/me', token })).toMatchObject({
      status: 401,
      json: { code: 'NOT_SIGNED_IN' },
    });
    const route = 'GET /api/users/{userId}/export';
    expect(await call(handler, { route, params: { userId }, token: admin.accessToken })).toMatchObject({
      status: 404,
      json: { code: 'USER_NOT_FOUND' },
    });
    expect(await findRecipient(db.table, personalDataIn(db.table, USERS_ENV), userId)).toBeUndefined();
  });

  it('does not take an address that somebody else has by now', async () => {
    const email = nextEmail();
    const first = await givenAccount(db.table, { email });
    await erased(first);
    const second = await givenAccount(db.table, { email });
    await repeatErasures(depsOn(db.table), [first], occasion());
    const claims = (await db.items()).filter(({ sk, userId }) => sk === 'EMAIL' && userId === second);
    expect(claims).toHaveLength(1);
    expect(await findUserIdByAddress(db.table, String(claims[0]?.['pk']).slice('EMAIL#'.length))).toBe(second);
  });
});

/**
 * The test's table behind a client that answers up to some request and then fails for good, as a killed process does.
 *
 * @param until how many requests it answers, or after which command it answers no more
 */
function dyingTable(until: number | { readonly after: string }): {
  readonly table: Table;
  readonly requests: () => number;
} {
  let [count, dead] = [0, false];
  const client = testClient({ maxAttempts: 1 });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      count += 1;
      if (dead || (typeof until === 'number' && count > until)) throw new Error('The process died');
      const answer = await next(args);
      dead = typeof until === 'object' && context['commandName'] === until.after;
      return answer;
    },
    { step: 'initialize', name: 'dies' },
  );
  return { table: tableOn(client, db.table.name), requests: () => count };
}
