import { randomInt } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { ERASED_PREFIX } from '../../functions/privacy/contract.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { putItems } from '../../functions/shared/table/batch.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { createAccount } from '../../functions/users/app/create-account.ts';
import { personalDataIn } from '../../functions/users/personal-data.ts';
import { secretName } from '../../lib/secrets.ts';
import { repeatErasures } from '../../scripts/erasures/repeat.ts';
import { openExport } from '../../scripts/export/open.ts';
import {
  executionPlaces,
  findCanaries,
  formsOf,
  logPlaces,
  placesBesideTheTable,
  queuePlaces,
  rowPlaces,
  type Canaries,
  type Place,
} from '../support/canary.ts';
import { getJson } from '../support/json.ts';
import { linkTo, tokenOfLink } from '../support/mailbox.ts';
import { useSystemSecrets } from '../support/matrix-people.ts';
import {
  audit,
  call,
  confirm,
  fire,
  gatekeeper,
  mailsAbout,
  order,
  payByCard,
  publishEvent,
  settled,
  systemRows,
  systemTable,
  type Person,
  type PlacedOrder,
} from '../support/shop.ts';

const word = ulid().toLowerCase().slice(-10);
/** What the person tells us: it may be known to nobody but to them and whom they write to. */
const told: Canaries = {
  email: `kanari.${word}@vogelhaus-${word}.example`,
  newEmail: `kanari.zwei.${word}@vogelhaus-${word}.example`,
  firstName: `Zsófia${word}`,
  lastName: `O’Kanarienvogel-${word}`,
  phone: `+49151${randomInt(10_000_000, 99_999_999)}`,
  street: `Vogelgasse ${word}`,
  city: `Nesthausen ${word}`,
  password: `Tirili-${word}-9!`,
  wrongPassword: `Tschilp-${word}-7!`,
  attendee: `Ottokar Mitvogel-${word}`,
  renamed: `Ottilie Nachvogel-${word}`,
  passphrase: `nobody sings ${word} twice`,
};
/** What the person is given, by which they are let in. */
const given: Record<string, string> = {};

let userId: string;
let canary: Person;
let eventId: string;
let bought: PlacedOrder;
let ticket: { readonly id: string; readonly qr: string };
let exported: string;

beforeAll(async () => {
  useSystemSecrets();
  userId = await register();
  canary = await signedIn('session');
});

/** Registers the canary as anybody would, by the link in the mail; a forgotten password is asked for on the way. */
async function register(): Promise<string> {
  const { email = '', password, firstName, lastName } = told;
  const person = { email, password, firstName, lastName, dateOfBirth: '1961-03-17' };
  const registered = await call('POST', '/api/auth/register', person);
  if (registered.status !== 201) throw new Error(`Registering: ${registered.text}`);
  const token = planted('verification', await linkTo(email, '/verify-email'));
  if ((await call('POST', '/api/auth/verify-email', { token })).status !== 200)
    throw new Error('The link is not taken');
  await call('POST', '/api/auth/forgot-password', { email });
  planted('reset', await linkTo(email, '/reset-password'));
  return registered.json.userId;
}

/** The token of a mailed link, to be searched for from here on: as it was sent, and what of it proves. */
function planted(name: string, link: URL): string {
  const token = tokenOfLink(link);
  const proof = Buffer.from(token, 'base64url').subarray(16);
  given[`${name}Link`] = token;
  given[`${name}Proof`] = proof.toString('base64url');
  given[`${name}ProofInHex`] = proof.toString('hex');
  return token;
}

/** An account of the canary's under `email`, as a table from before its erasure would have it. */
async function createCanary(email: string): Promise<string> {
  const { environment } = inject('system');
  const { password = '', firstName = '', lastName = '' } = told;
  const created = await createAccount(
    systemTable(),
    {
      personalData: personalDataIn(systemTable(), {
        PERSONAL_DATA_KEY_PARAMETER: secretName('local', 'personalDataKey'),
        PERSONAL_DATA_KMS_KEY: environment['KMS_KEY'] ?? '',
      }),
      emailIndexKey: secretName('local', 'emailIndexKey'),
      passwordPepper: secretName('local', 'passwordPepper'),
    },
    { email, password, firstName, lastName, locale: 'en', status: 'VERIFIED', roles: ['customer'], memberships: [] },
    { now: Date.now(), correlationId: 'canary', by: 'system' },
  );
  if (!created.ok) throw new Error('The address has an account already');
  return created.value.userId;
}

/** Logs the canary in, and remembers what it was given. */
async function signedIn(name: string): Promise<Person> {
  const { email, password } = told;
  const login = await call('POST', '/api/auth/login', { email, password });
  if (login.status !== 200) throw new Error(`Logging in: ${login.text}`);
  const { accessToken, csrfToken } = login.json;
  given[`${name}Token`] = accessToken.split('.')[2];
  given[`${name}CsrfToken`] = csrfToken;
  const authorization = `Bearer ${accessToken}`;
  return { userId, call: (method, path, body, headers) => call(method, path, body, { authorization, ...headers }) };
}

/** The last text message to the canary's phone. */
async function lastText(): Promise<string> {
  const { controlUrl } = inject('system');
  const sms = await getJson<readonly { readonly to: string; readonly text: string }[]>(`${controlUrl}/_local/sms`);
  return sms.findLast(({ to }) => to === told['phone'])?.text ?? '';
}

/** The code that was sent to it. */
async function phoneCode(): Promise<string> {
  return /^\d{6}/.exec(await lastText())?.[0] ?? '';
}

/** Rows keep a session's CSRF token as it is: it is worthless without the cookie, which they do not have. */
function secretsInRows(): Canaries {
  return Object.fromEntries(Object.entries({ ...told, ...given }).filter(([name]) => !name.endsWith('CsrfToken')));
}

describe('a person who uses everything', () => {
  it('lives: registration, profile, phone, purchase, mail, export, and the mistakes that people make', async () => {
    const {
      email,
      phone,
      street = '',
      city = '',
      passphrase = '',
      wrongPassword,
      firstName = '',
      lastName = '',
    } = told;
    const address = { line1: street, city, country: 'DE' };
    const changed = await canary.call('PATCH', '/api/auth/me', { phone, address });
    expect(changed.status, changed.text).toBe(200);
    expect((await canary.call('POST', '/api/auth/me/phone/verification', {})).status).toBe(202);
    expect((await canary.call('POST', '/api/auth/me/phone/confirm', { code: await phoneCode() })).status).toBe(200);

    expect((await canary.call('PATCH', '/api/auth/me', { deliveryChannel: 'sms' })).status).toBe(200);

    const sale = await publishEvent({ quantity: 5 });
    ({ eventId } = sale);
    const { attendee = '', renamed = '' } = told;
    bought = await order(canary, sale.ticketTypeId, 2, [{ name: attendee }, { name: attendee }]);
    await payByCard(bought);
    for (let again = 0; (await confirm(canary, bought)).status === 202 && again < 5; again += 1) await settled();
    await settled();
    [ticket] = (await canary.call('GET', `/api/tickets?orderId=${bought.orderId}`)).json.items;
    const named = await canary.call('PATCH', `/api/tickets/${ticket.id}`, { holderName: renamed });
    expect(named.json, named.text).toMatchObject({ holderName: renamed });
    const view = await canary.call('GET', `/api/orders/${bought.orderId}`);
    expect(view.json.attendees, view.text).toMatchObject([{ name: renamed }, { name: attendee }]);
    expect(JSON.stringify(await mailsAbout(bought.orderNumber))).toContain(email);
    // A text message says that there are tickets, leads to our own site, and holds nothing to get in by.
    const text = await lastText();
    expect(text).toMatch(new RegExp(`^Onsale: your tickets for .* https?://\\S+/orders/${bought.orderId}$`));
    const { items } = (await canary.call('GET', `/api/orders/${bought.orderId}/notifications`)).json;
    expect(items.map(({ channel, status }: Record<string, string>) => `${channel} ${status}`).toSorted()).toEqual([
      'email DELIVERED',
      'sms SENT',
    ]);
    expect(await (await fetch(`${inject('system').inboxUrl}/texts`)).text()).toContain(bought.orderId);

    // A link that is changed to another address is worth as much as a password.
    const moved = { newEmail: told['newEmail'], password: told['password'] };
    expect((await canary.call('POST', '/api/auth/change-email', moved)).status).toBe(202);
    planted('change', await linkTo(told['newEmail'] ?? '', '/confirm-email'));

    // What goes wrong is logged by its code alone.
    const spent = { token: given['verificationLink'] };
    expect((await call('POST', '/api/auth/verify-email', spent)).status).toBe(410);
    expect((await call('POST', '/api/auth/login', { email, password: wrongPassword })).status).toBe(401);
    expect((await call('POST', '/api/auth/login', `{"email":"${email}"`)).status).toBe(400);
    expect((await canary.call('PATCH', '/api/auth/me', { [lastName]: email, phone: street })).status).toBe(400);
    expect((await call('GET', `/api/events?q=${encodeURIComponent(`${firstName} ${lastName}`)}`)).status).toBe(200);
    expect((await call('GET', `/api/nowhere/${encodeURIComponent(email ?? '')}?phone=${phone}`)).status).toBe(404);

    const download = await fetch(`${inject('system').url}/api/users/${userId}/export`, {
      headers: { ...(await bearer()), 'x-export-passphrase': passphrase },
    });
    expect(download.status).toBe(200);
    exported = await openExport(Buffer.from(await download.arrayBuffer()), () => Promise.resolve(passphrase));
    // The search would mean nothing if what it looks for had not gone through.
    for (const kept of [
      email,
      firstName,
      lastName,
      phone,
      street,
      city,
      attendee,
      renamed,
      bought.orderNumber,
      ticket.id,
    ])
      expect(exported).toContain(kept);
    await settled();
  });

  it('leaves no name, address, number, password or token in clear anywhere', async () => {
    await fire('compact-index', Date.now());
    const rows = await rowPlaces();
    const beside = await placesBesideTheTable();
    const kinds = new Set(beside.map(({ name }) => name.split(' ')[0]));
    for (const kind of ['message', 'log', 'object', 'the']) expect(kinds).toContain(kind);
    expect((await executionPlaces()).length).toBeGreaterThan(0);
    expect(findCanaries({ ...told, ...given }, beside)).toEqual([]);
    expect(findCanaries(secretsInRows(), rows)).toEqual([]);
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(formsOf('Zsófia+kanarienvogel').map((form) => ({ form })))(
    'the search sees a canary as $form',
    async ({ form }) => {
      const place: Place = { name: 'somewhere', text: `before${form}after` };
      expect(findCanaries({ name: 'Zsófia+kanarienvogel' }, [place])).toHaveLength(1);
    },
  );

  it('would be found if it were there: in rows, messages, logs, executions, in Base64 within other text', async () => {
    const planted = `planted${word}`;
    const hidden = (before: string): string => Buffer.from(`${before}${planted} and on`).toString('base64url');
    const item = { deep: [{ in: hidden('x') }] };
    const key = { pk: `CANARY#${word}`, sk: 'CANARY' };
    await putItems(systemTable(), [{ kind: 'put', key, item, otherwise: mustHold('a put without a condition') }]);
    expect(findCanaries({ planted }, await rowPlaces())).toHaveLength(1);

    const { controlUrl, environment } = inject('system');
    const [queue] = await getJson<readonly { readonly name: string; readonly consumed: boolean }[]>(
      `${controlUrl}/_local/queues`,
    ).then((queues) => queues.filter(({ consumed }) => !consumed));
    const QueueUrl = `${environment['AWS_ENDPOINT_URL_SQS']}/000000000000/${queue?.name}`;
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl, MessageBody: hidden('xy') }));
    // As it was sent, and as it lies there.
    expect(findCanaries({ planted }, await queuePlaces())).toHaveLength(2);

    await call('GET', '/api/health', undefined, { 'x-request-id': planted });
    expect(findCanaries({ planted }, await logPlaces())).not.toEqual([]);
  });
});

async function bearer(): Promise<Readonly<Record<string, string>>> {
  const { email, password } = told;
  const { json } = await call('POST', '/api/auth/login', { email, password });
  given['exportToken'] = json.accessToken.split('.')[2];
  return { authorization: `Bearer ${json.accessToken}` };
}

describe('once they are erased', () => {
  it('nothing of them is left, and money, stock and chain are whole', async () => {
    const before = await moneyOf();
    const leaving = await signedIn('last');
    const answer = await leaving.call('DELETE', `/api/users/${userId}`);
    expect(answer.status, answer.text).toBe(202);
    expect(answer.json).toMatchObject({ status: 'ERASING' });
    // At once, whichever session it is.
    for (const person of [canary, leaving]) expect((await person.call('GET', '/api/auth/me')).status).toBe(401);
    const { email, password } = told;
    expect((await call('POST', '/api/auth/login', { email, password })).json.code).toBe('INVALID_CREDENTIALS');
    expect(JSON.stringify(await mailsAbout('Your account was erased'))).toContain(email);
    await settled();
    // Whom other tests have erased is finished with them.
    const finished = await fire('finish-erasures', Date.now() + 3 * MINUTE);
    expect(finished['erased']).toBeGreaterThan(0);
    expect(finished['faults']).toBe(0);
    await settled();
    expect(await leftWith(userId)).toEqual([]);
    expect(findCanaries({ ...told, ...given }, await rowPlaces())).toEqual([]);
    expect(findCanaries({ ...told, ...given }, await placesBesideTheTable())).toEqual([]);
    expect(await moneyOf()).toEqual(before);
    expect(await audit()).toEqual([]);
  });

  it('their ticket still lets in whoever shows it', async () => {
    const gate = await gatekeeper();
    const scanned = await gate.call('POST', '/api/tickets/validate', { qr: ticket.qr, gate: 'North', eventId });
    expect(scanned.json, scanned.text).toMatchObject({ result: 'ADMIT' });
  });

  it('who was erased is erased again where a restored table knows them again', async () => {
    const s3 = new S3Client({ forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const bucket = Buckets.map(({ Name = '' }) => Name).find((name) => /erasures/i.test(name)) ?? '';
    const functions = await getJson<readonly { readonly name: string }[]>(
      `${inject('system').controlUrl}/_local/functions`,
    );
    const functionName = functions.map(({ name }) => name).find((name) => /finish-?erasures/i.test(name)) ?? '';
    const clients = { s3, lambda: new LambdaClient({}) };
    const repeat = () => repeatErasures(clients, { bucket, functionName, dryRun: false }, () => undefined);
    const nothing = await repeat();
    expect(nothing).toMatchObject({ erased: 0, failed: 0 });
    expect(nothing.registered).toBeGreaterThan(0);

    // To a table of before their erasure they are somebody with an account, of whom the register says otherwise.
    const restored = await createCanary(`again.${told['email'] ?? ''}`);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${ERASED_PREFIX}${restored}`, Body: '' }));
    expect(await leftWith(restored)).toEqual(['KEY', 'PASSWORD']);
    expect(await repeat()).toMatchObject({ erased: 1, failed: 0 });
    expect(await leftWith(restored)).toEqual([]);
    await settled();
    expect(findCanaries({ ...told, ...given }, await rowPlaces())).toEqual([]);
    expect(await audit()).toEqual([]);
  });
});

/** What lies with a person beside the account and its timeline. */
async function leftWith(person: string): Promise<readonly string[]> {
  const rows = await systemRows();
  return rows
    .filter(({ pk, sk }) => pk === `USER#${person}` && sk !== 'USER' && !String(sk).startsWith('TL#'))
    .map(({ sk }) => String(sk))
    .toSorted();
}

/** The canary's orders, and the sum of all orders, as the table keeps them. */
async function moneyOf(): Promise<unknown> {
  const orders = (await systemRows()).filter(({ sk }) => sk === 'ORDER');
  return {
    own: orders.filter(({ customerId }) => customerId === userId),
    total: orders.reduce((sum, { total }) => sum + Number(total), 0),
  };
}
