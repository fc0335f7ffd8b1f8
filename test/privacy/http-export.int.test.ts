import { Decrypter } from 'age-encryption';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { addKey, putOrganization } from '../../functions/organizations/writes.ts';
import type { Order } from '../../functions/orders/domain/order.ts';
import { putAttendees } from '../../functions/orders/attendees.ts';
import { personExport, type PersonExport } from '../../functions/privacy/contract.ts';
import { exportPerson } from '../../functions/privacy/app/export-person.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import type { Ticket } from '../../functions/delivery/contract.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { updateProfile } from '../../functions/users/app/update-profile.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { findAccount } from '../../functions/users/reads.ts';
import { CannotOpenError, isEncrypted, openExport } from '../../scripts/export/open.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn } from '../support/sessions.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { copyToTimeline, givenPurchase, givenReceived } from './dossier.ts';
import { STAGES } from '../../lib/stages.ts';

const EXPORT = 'GET /api/users/{userId}/export';
const KEYS = USERS_ENV.SESSION_KEYS_PARAMETER;
const ORGANIZATION = ulid();
const PASSPHRASE = 'correct horse battery staple';

let db: TestTable;
let parameters: TestParameters;
let handler: HttpHandler;
let type: TicketTypeCopy;
let annaId: string;
let order: Order;
let received: Ticket;

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters({ ...usersParameters(), '/cursor': randomKey() });
  const mail = {
    MAIL_SENDER: 'tickets@onsale.example',
    BRAND: JSON.stringify(STAGES.local.brand),
    MAIL_CONFIGURATION_SET: '',
  };
  useTestEnvironment(db, { ...USERS_ENV, ...mail, CURSOR_KEY_PARAMETER: '/cursor' });
  ({ handler } = await import('../../functions/privacy/handlers/http-privacy.ts'));
  type = await putOnSale(db.table, Date.now());
  annaId = await givenAccount(db.table, { memberships: [{ organizationId: ORGANIZATION, post: 'gate' }] });
  const members = [{ userId: annaId, posts: [{ post: 'gate' as const }], since: Date.now() }];
  const organization = { organizationId: ORGANIZATION, name: 'Harbour Lights', createdAt: Date.now(), members };
  await commit(db.table, [putOrganization(organization, occasion(), () => 'TAKEN')]);
  await copyToTimeline(db, annaId);
  // From when she led it.
  const entry = {
    apiKeyId: ulid(),
    name: 'box office',
    scopes: ['orders:read' as const],
    createdAt: 1,
    createdBy: annaId,
  };
  const keys = { organizationId: ORGANIZATION, keys: [entry], changedKeyId: entry.apiKeyId };
  await commit(
    db.table,
    addKey(undefined, keys, { ...entry, hash: 'hash-of-a-key' }, { ...occasion(), by: annaId }, () => 'TAKEN'),
  );
  const patch = {
    lastName: 'Neumann',
    phone: '+4915112345678',
    dateOfBirth: '1990-02-28',
    address: { line1: 'Elbchaussee 987', city: 'Hamburg', country: 'DE' },
    consents: [{ name: 'terms' as const, version: '3', given: true }],
  };
  const cause = { ...occasion(), by: annaId };
  const update = { userId: annaId, patch, ifMatch: undefined, occasion: cause };
  await updateProfile(db.table, personalDataIn(db.table, USERS_ENV), update);
  await copyToTimeline(db, annaId);
  order = await givenPurchase(db, annaId, type);
  received = await givenReceived(db, annaId, await givenPurchase(db, ulid(), type));
});

afterAll(() => Promise.all([parameters.close(), db.drop()]));

async function exported(
  by: { readonly userId?: string; readonly roles?: ('customer' | 'admin')[]; readonly now?: number } = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  const { accessToken: token } = await signIn(db.table, KEYS, { userId: annaId, ...by });
  return call(handler, { route: EXPORT, params: { userId: annaId }, token, headers });
}

describe('export of a person', () => {
  it('has everything that is kept, opened, in one file to be saved', async () => {
    const answer = await exported();
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="onsale-.+\.json"$/);
    const { person, orders, nextCursor } = personExport.parse(answer.json);
    expect(nextCursor).toBeNull();
    expect(person?.account).toMatchObject({
      email: 'Anna@Example.com',
      firstName: 'Anna',
      lastName: 'Neumann',
      phone: '+4915112345678',
      dateOfBirth: '1990-02-28',
      address: { line1: 'Elbchaussee 987' },
      consents: [{ name: 'terms', version: '3', withdrawnAt: null }],
    });
    // What was before counts too.
    expect(person?.history.map(({ by, set }) => [by, set['lastName']])).toEqual([
      ['system', 'Muster'],
      ['person', 'Neumann'],
    ]);
    expect(person?.organizations).toMatchObject([
      { id: ORGANIZATION, name: 'Harbour Lights', posts: [{ post: 'gate' }] },
    ]);
    expect(person?.apiKeys).toMatchObject([{ organizationId: ORGANIZATION, name: 'box office' }]);
    expect(person?.sessions.length).toBeGreaterThan(0);
    expect(person?.notifications).toMatchObject([
      { cause: `users.UserRolesChanged.v1#${order.orderId}`, status: 'SENDING' },
    ]);
    expect(orders).toMatchObject([
      {
        id: order.orderId,
        status: 'PAID',
        payment: { id: order.paymentIntentId },
        notifications: [{ cause: 'delivery.TicketsGenerated.v1/5', status: 'SENDING' }],
      },
    ]);
    expect(orders[0]?.tickets.map(({ status, admission }) => [status, admission?.gate])).toEqual([
      ['USED', 'North'],
      ['VALID', undefined],
    ]);
  });

  it('has all names that the person gave to tickets, also where those no longer show them', async () => {
    const personalData = personalDataIn(db.table, USERS_ENV);
    const person = await personalData.person(annaId);
    const kept = {
      names: new Map([
        [1, 'Ada Lovelace'],
        [2, 'Grace Hopper'],
      ]),
      asked: 'test',
      expiresAt: order.expiresAt,
    };
    await commit(db.table, [await putAttendees(person, order.orderId, kept, mustHold('fixture'))]);
    const { orders } = personExport.parse((await exported()).json);
    expect(orders.map(({ attendees }) => attendees?.map(({ name }) => name))).toEqual([
      ['Ada Lovelace', 'Grace Hopper'],
    ]);
  });

  it('has the tickets that others have passed on to the person, and not whose order they are of', async () => {
    const { person } = personExport.parse((await exported()).json);
    expect(person?.receivedTickets).toMatchObject([
      { id: received.ticketId, status: 'VALID', ticketTypeId: type.ticketTypeId, admission: null },
    ]);
    expect(JSON.stringify(person)).not.toContain(received.orderId);
  });

  it('tells nothing that would let somebody in, and nobody else’s id', async () => {
    const { text } = await exported();
    const rows = await db.items();
    const secrets = rows.flatMap((row) =>
      ['csrf', 'passwordHash', 'wrapped', 'hash', 'staffId'].flatMap((name) =>
        typeof row[name] === 'string' ? [row[name]] : [],
      ),
    );
    expect(secrets.length).toBeGreaterThan(4);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/gcm2:|kms1:|ssm1:/);
  });

  it('is for its person and for admins, who have logged in lately', async () => {
    const stranger = await exported({ userId: ulid() });
    expect(stranger).toMatchObject({ status: 404, json: { code: 'USER_NOT_FOUND' } });
    const old = await exported({ now: Date.now() - 11 * MINUTE });
    expect(old).toMatchObject({ status: 403, json: { code: 'RECENT_LOGIN_REQUIRED' } });
    const adminId = ulid();
    expect((await exported({ userId: adminId, roles: ['customer', 'admin'] })).status).toBe(200);
    const row = (await db.items()).find(({ pk, sk }) => pk === `USER#${annaId}` && sk === 'USER');
    expect(row).toMatchObject({ ev: 'users.PersonalDataExported.v1', by: adminId });
  });

  it('is an age file under a passphrase, which nothing repeats', async () => {
    const ninaId = await givenAccount(db.table, { email: 'nina@example.com', lastName: 'Neumann' });
    const lines: string[] = [];
    const keep = (chunk: unknown): boolean => lines.push(String(chunk)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep));
    const { accessToken } = await signIn(db.table, KEYS, { userId: ninaId });
    const event = apiEvent({
      route: EXPORT,
      params: { userId: ninaId },
      token: accessToken,
      headers: { 'x-export-passphrase': PASSPHRASE },
    });
    const answer = await handler(event, TEST_CONTEXT);
    for (const spy of spies) spy.mockRestore();
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringMatching(/\.json\.age"$/) as unknown,
    });
    const bytes = Buffer.from(answer.body ?? '', 'base64');
    expect(isEncrypted(bytes)).toBe(true);
    expect(bytes.includes('Neumann')).toBe(false);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(PASSPHRASE);

    const opened = personExport.parse(JSON.parse(await openExport(bytes, async () => PASSPHRASE)));
    expect(opened.person?.account.lastName).toBe('Neumann');
    await expect(openExport(bytes, async () => 'another passphrase')).rejects.toThrow(CannotOpenError);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    expect(JSON.parse(await decrypter.decrypt(bytes, 'text'))).toMatchObject({ userId: ninaId });
  });

  it('spends the second that a passphrase costs once in ten seconds, however many ask at once', async () => {
    const lucyId = await givenAccount(db.table, { email: 'lucy@example.com' });
    const { accessToken: token } = await signIn(db.table, KEYS, { userId: lucyId });
    const ask = (headers: Readonly<Record<string, string>>) =>
      call(handler, { route: EXPORT, params: { userId: lucyId }, token, headers });
    const answers = await Promise.all([1, 2, 3].map(() => ask({ 'x-export-passphrase': PASSPHRASE })));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '429', '429']);
    expect(Number(answers.find(({ status }) => status === 429)?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask({})).status).toBe(200);
  });

  it.each(['too short', 'x'.repeat(201), ' blanks at the end ', 'tab\tinside it'])(
    'refuses the passphrase %j without repeating it',
    async (passphrase) => {
      const answer = await exported({}, { 'x-export-passphrase': passphrase });
      expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
      expect(answer.text).toContain('header.x-export-passphrase');
      expect(answer.text).not.toContain(passphrase);
    },
  );

  it('that is refused for its cursor is not written down as one that was made', async () => {
    const userId = await givenAccount(db.table, { email: 'cara@example.com' });
    const { accessToken: token } = await signIn(db.table, KEYS, { userId });
    const query = { cursor: 'of-another-list' };
    const answer = await call(handler, { route: EXPORT, params: { userId }, token, query });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
    expect((await findAccount(db.table, userId))?.exportedAt).toBeUndefined();
  });

  it('comes in parts where there are many orders, each order once, for the same caller only', async () => {
    const buyerId = await givenAccount(db.table, { email: 'buyer@example.com' });
    const bought = await Promise.all(Array.from({ length: 30 }, () => givenPurchase(db, buyerId, type)));
    const account = await findAccount(db.table, buyerId);
    if (account === undefined) throw new Error('No account');
    const personalData = personalDataIn(db.table, USERS_ENV);
    const part = (cursor: string | undefined, callerId = buyerId): Promise<PersonExport> =>
      exportPerson(db.table, personalData, new Uint8Array(32), {
        account,
        cursor,
        callerId,
        now: Date.now(),
        partBytes: 1_000,
      });
    const first = await part(undefined);
    const second = await part(first.nextCursor ?? '');
    expect([first.orders.length, second.orders.length, second.nextCursor]).toEqual([25, 5, null]);
    expect(second.person).toBeUndefined();
    const ids = [...first.orders, ...second.orders].map(({ id }) => id);
    expect(ids.toSorted()).toEqual(bought.map(({ orderId }) => orderId).toSorted());
    await expect(part(first.nextCursor ?? '', ulid())).rejects.toThrow('INVALID_INPUT');
  });
});
