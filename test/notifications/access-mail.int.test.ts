import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser, type ParsedMail } from 'mailparser';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createEvent } from '../../functions/catalog/app/create-event.ts';
import { createApiKey, revokeApiKey } from '../../functions/organizations/app/api-keys.ts';
import { changeMember } from '../../functions/organizations/app/change-members.ts';
import { createOrganization } from '../../functions/organizations/app/create-organization.ts';
import { banUser, setRoles, unbanUser } from '../../functions/organizations/app/set-roles.ts';
import { apiKeyCreated, apiKeyRevoked } from '../../functions/organizations/api-keys-contract.ts';
import {
  userBanned,
  userPostsChanged,
  userRolesChanged,
  userUnbanned,
} from '../../functions/organizations/contract.ts';
import { keyListKey } from '../../functions/organizations/keys.ts';
import {
  sendBanMail,
  sendKeyMails,
  sendPostsMail,
  sendRolesMail,
  type AccessMailDeps,
} from '../../functions/notifications/app/send-access-mail.ts';
import { findNotifications } from '../../functions/notifications/reads.ts';
import { sesMailer } from '../../functions/notifications/ses.ts';
import { relayOf } from '../../functions/outbox/domain/relay.ts';
import { beginErasure } from '../../functions/privacy/app/begin-erasure.ts';
import type { Session } from '../../functions/shared/runtime/session.ts';
import { consumerOf, type Consumer } from '../../functions/shared/runtime/queue.ts';
import type { Assignment } from '../../functions/shared/runtime/membership.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import type { Key } from '../../functions/shared/table/keys.ts';
import { userKey } from '../../functions/users/keys.ts';
import { findRecipient, personalDataIn } from '../../functions/users/recipients.ts';
import { draftBody } from '../catalog/drafts.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { serveParameters, type TestParameters } from '../support/parameters.ts';
import { givenAccount, occasion, USERS_ENV, usersParameters } from '../users/accounts.ts';
import { STAGES } from '../../lib/stages.ts';

const ses = mockClient(SESClient);
let db: TestTable;
let parameters: TestParameters;
let deps: AccessMailDeps;
let consumers: readonly Consumer[];

beforeAll(async () => {
  db = await startTestTable();
  parameters = await serveParameters(usersParameters());
  useTestEnvironment(db, USERS_ENV);
  const { table } = db;
  const personalData = personalDataIn(table, USERS_ENV);
  const sender = 'tickets@onsale.example';
  deps = {
    table,
    sender,
    brand: STAGES.local.brand,
    addressHash: (address) => Promise.resolve(Buffer.from(address).toString('base64url')),
    clock: Date.now,
    recipientOf: (userId) => findRecipient(table, personalData, userId),
    mailer: sesMailer(new SESClient({ region: 'eu-central-1' }), sender, '', () => Promise.resolve()),
  };
  consumers = [
    consumerOf(userRolesChanged, (event) => sendRolesMail(deps, event)),
    consumerOf(userPostsChanged, (event) => sendPostsMail(deps, event)),
    consumerOf(userBanned, (event) => sendBanMail(deps, event, 'banned')),
    consumerOf(userUnbanned, (event) => sendBanMail(deps, event, 'unbanned')),
    consumerOf(apiKeyCreated, (event) => sendKeyMails(deps, event, 'keyCreated')),
    consumerOf(apiKeyRevoked, (event) => sendKeyMails(deps, event, 'keyRevoked')),
  ];
});
afterAll(() => Promise.all([parameters.close(), db.drop()]));
beforeEach(() => {
  ses.reset();
  ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
});

/** Delivers what the latest change of a row is relayed as, as the mail queue would. */
async function deliver(key: Key): Promise<void> {
  const item = await getItem(db.table, key, 'strong');
  if (item === undefined) throw new Error('There is no such row');
  const message = relayOf({ before: undefined, after: marked(item) });
  expect(message?.queue).toBe('mail');
  const consumer = consumers.find(({ name }) => name === message?.envelope.name);
  if (consumer === undefined || message === undefined) throw new Error('Nobody takes it');
  // Over the wire, as JSON.
  await consumer.consume(JSON.parse(JSON.stringify(message.envelope)));
}

const mails = (): Promise<readonly ParsedMail[]> =>
  Promise.all(
    ses
      .commandCalls(SendRawEmailCommand)
      .map(({ args }) => simpleParser(Buffer.from(args[0].input.RawMessage?.Data ?? []))),
  );

async function onlyMail(): Promise<ParsedMail> {
  const [mail, ...others] = await mails();
  if (mail === undefined || others.length > 0) throw new Error(`${others.length} more mails than one`);
  return mail;
}

let people = 0;
const someone = (as: Parameters<typeof givenAccount>[1] = {}): Promise<string> =>
  givenAccount(db.table, { email: `mailed-${(people += 1)}@example.com`, ...as });

async function founded(founderId: string, name: string): Promise<string> {
  const made = await createOrganization(db.table, { name, founderId, idempotencyKey: undefined }, occasion());
  if (!made.ok) throw new Error(made.error.detail);
  return made.value.organizationId;
}

async function join(organizationId: string, userId: string, posts: readonly Assignment[]): Promise<void> {
  const actor = { userId: await someone(), isAdmin: true };
  const changed = await changeMember(db.table, { organizationId, userId, posts: () => posts, actor }, occasion());
  if (!changed.ok) throw new Error(changed.error.detail);
}

const leading = (userId: string, organizationId: string): Session => ({
  userId,
  sessionId: ulid(),
  roles: ['customer', 'organizer'],
  memberships: [{ organizationId, post: 'organizer' }],
  csrf: '',
  expiresAt: Date.now() + 60_000,
});

describe('a person is told by mail', () => {
  it('of roles that an admin has given and taken, once for each change however often it is delivered', async () => {
    const adminId = await someone();
    await setRoles(db.table, adminId, ['admin'], { ...occasion(), by: adminId });
    const userId = await someone({ firstName: 'Berta' });
    await setRoles(db.table, userId, ['support'], { ...occasion(), by: adminId });
    await Promise.allSettled([1, 2, 3].map(() => deliver(userKey(userId))));
    await deliver(userKey(userId));
    const mail = await onlyMail();
    expect(mail.subject).toBe('Your roles at Onsale have changed');
    expect(mail.text).toContain('Hello Berta,');
    expect(mail.text).toContain('- Support');
    expect(mail.text).not.toContain('- Administrator');
    await setRoles(db.table, userId, [], { ...occasion(), by: adminId });
    await deliver(userKey(userId));
    expect((await mails())[1]?.text).toContain('You have no special role any more');
    expect(await findNotifications(db.table, { userId })).toMatchObject([
      { cause: 'users.UserRolesChanged.v1#2', status: 'SENT' },
      { cause: 'users.UserRolesChanged.v1#3', status: 'SENT' },
    ]);
  });

  it('of posts with their organisations, events and windows, in the language of the account', async () => {
    const [olga, stefan] = [await someone(), await someone({ firstName: 'Stefan', locale: 'de-CH' })];
    const organizationId = await founded(olga, 'Kai & <b>Söhne</b>');
    const drafted = await createEvent(
      db.table,
      { draft: draftBody(), session: leading(olga, organizationId), idempotencyKey: undefined },
      occasion(),
    );
    if (!drafted.ok) throw new Error(drafted.error.detail);
    const { eventId } = drafted.value.event;
    const from = Date.parse('2026-12-05T17:00:00Z');
    await join(organizationId, stefan, [{ post: 'gate', eventId, from }, { post: 'box-office' }]);
    await deliver(userKey(stefan));
    const mail = await onlyMail();
    expect(mail.subject).toBe('Ihre Aufgaben in Organisationen wurden geändert');
    expect(mail.text).toContain(`- Kai & <b>Söhne</b>: Einlass · Harbour at Night · ab 5. Dezember 2026 um 18:00 MEZ`);
    expect(mail.text).toContain('- Kai & <b>Söhne</b>: Abendkasse');
    expect(mail.html).toContain('<html lang="de" ');
    expect(mail.html).toContain('Kai &amp; &lt;b&gt;');
    expect(mail.html).not.toContain('<b>Söhne');
    await join(organizationId, stefan, []);
    await deliver(userKey(stefan));
    expect((await mails())[1]?.text).toContain('Sie haben in keiner mehr eine Aufgabe');
  });

  it.each([
    ['en', 'Your account is barred', 'Your account is open again'],
    ['de', 'Ihr Konto ist gesperrt', 'Ihr Konto ist wieder offen'],
    ['fr-CA', 'Votre compte est bloqué', 'Votre compte est de nouveau ouvert'],
    ['es', 'Su cuenta está bloqueada', 'Su cuenta está abierta de nuevo'],
    ['sv', 'Your account is barred', 'Your account is open again'],
  ])('of a ban and its end (%s)', async (locale, banned, unbanned) => {
    const userId = await someone({ locale });
    await banUser(db.table, userId, occasion());
    await deliver(userKey(userId));
    await unbanUser(db.table, userId, occasion());
    await deliver(userKey(userId));
    expect((await mails()).map(({ subject }) => subject)).toEqual([banned, unbanned]);
  });

  it('never at an address that nobody has shown to be theirs, and never once they are erased', async () => {
    const [unproven, gone] = [await someone({ status: 'UNVERIFIED' }), await someone()];
    await banUser(db.table, unproven, occasion());
    await deliver(userKey(unproven));
    await banUser(db.table, gone, occasion());
    const late = await getItem(db.table, userKey(gone), 'strong');
    if (late === undefined) throw new Error('There is no such row');
    const message = relayOf({ before: undefined, after: marked(late) });
    const addresses = {
      personalData: personalDataIn(db.table, USERS_ENV),
      emailIndexKey: USERS_ENV.EMAIL_INDEX_KEY_PARAMETER,
    };
    await beginErasure(db.table, addresses, { userId: gone, occasion: occasion() });
    const consumer = consumers.find(({ name }) => name === userBanned.name);
    if (consumer === undefined || message === undefined) throw new Error('Nobody takes it');
    await consumer.consume(message.envelope);
    expect(await mails()).toEqual([]);
    // Not even a row is left behind for the sweep to miss.
    expect(await findNotifications(db.table, { userId: gone })).toEqual([]);
  });
});

describe('organizers are told by mail', () => {
  it('that a key was made or revoked, each of them once, by whom, and never what it is', async () => {
    const [olga, oscar, stefan] = [
      await someone({ firstName: 'Olga' }),
      await someone({ firstName: 'Oscar', locale: 'fr' }),
      await someone(),
    ];
    const organizationId = await founded(olga, 'Quay');
    await join(organizationId, oscar, [{ post: 'organizer' }]);
    await join(organizationId, stefan, [{ post: 'gate' }]);
    const wish = { organizationId, name: 'Till 1', scopes: ['orders:read' as const] };
    const made = await createApiKey(db.table, leading(olga, organizationId), wish, { ...occasion(), by: olga });
    if (!made.ok) throw new Error(made.error.detail);

    // The second mail is refused for certain, and comes again alone.
    const refused = Object.assign(new Error('no'), { name: 'MessageRejected', $metadata: { httpStatusCode: 400 } });
    let sendings = 0;
    ses.on(SendRawEmailCommand).callsFake(() => {
      sendings += 1;
      if (sendings === 2) throw refused;
      return { MessageId: 'ses-1' };
    });
    await deliver(keyListKey(organizationId));
    await deliver(keyListKey(organizationId));
    expect(await mails()).toHaveLength(3);
    await deliver(keyListKey(organizationId));
    const told = (await mails()).map(({ to, subject }) => [
      JSON.stringify(to).includes('Olga') ? 'Olga' : 'Oscar',
      subject,
    ]);
    expect(told).toHaveLength(3);
    expect(new Set(told.map(([name]) => name))).toEqual(new Set(['Olga', 'Oscar']));
    const texts = (await mails()).map(({ text = '' }) => text).join('\n');
    expect(texts).toContain('The API key “Till 1” was made for Quay by Olga Muster.');
    expect(texts).toContain('La clé d’API « Till 1 » a été créée pour Quay par Olga Muster.');
    expect(texts).toContain('- orders:read');
    expect(texts).not.toContain(made.value.key);

    ses.resetHistory();
    await revokeApiKey(db.table, organizationId, made.value.id, { ...occasion(), by: ulid() });
    await deliver(keyListKey(organizationId));
    const revoked = (await mails()).map(({ subject }) => subject);
    expect(new Set(revoked)).toEqual(new Set(['API key of Quay revoked', 'Clé d’API de Quay révoquée']));
    // An admin did it, who is no colleague of theirs.
    expect((await mails())[0]?.text).not.toMatch(/ by | par Olga/);
  });
});
