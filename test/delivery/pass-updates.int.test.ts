import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { registrationsKey } from '../../functions/delivery/keys.ts';
import { MOST_DEVICES } from '../../functions/delivery/domain/registration.ts';
import { phonesOf, tellPhones, type PassNewsDeps } from '../../functions/delivery/pass-news.ts';
import { findRegistrations } from '../../functions/delivery/reads.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { sweepPerson } from '../../functions/users/erasure.ts';
import { destroyDataKey } from '../../functions/users/writes.ts';
import { personalDataIn } from '../../functions/users/recipients.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { PushService } from '../../local/services/apple-push.ts';
import {
  googleWalletAccount,
  LOCAL_PASS_TYPE,
  newPrivateKey,
  passCertificates,
} from '../../local/services/wallet-accounts.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { call, type TestAnswer } from '../support/http.ts';
import type { TestPerson } from '../support/sessions.ts';
import { USERS_ENV } from '../users/accounts.ts';
import { HoldersWorld } from './holders-world.ts';
import { openPass, type PassFile } from './pass-file.ts';

const key = newPrivateKey();
const certificates = passCertificates(key);
const root = certificates.slice(certificates.lastIndexOf('-----BEGIN'));

let world: HoldersWorld;
let wallets: HttpHandler;
let buyer: TestPerson;
let apple: PushService;
let news: PassNewsDeps;

beforeAll(async () => {
  apple = await PushService.start();
  world = await HoldersWorld.start(
    {
      APPLE_PASS_KEY_PARAMETER: '/apple-key',
      APPLE_PASS_CERTIFICATES_PARAMETER: '/apple-certificates',
      GOOGLE_WALLET_PARAMETER: '/google',
    },
    { '/apple-key': key, '/apple-certificates': certificates, '/google': googleWalletAccount() },
  );
  ({ handler: wallets } = await import('../../functions/delivery/handlers/http-wallets.ts'));
  news = {
    table: world.db.table,
    personalData: personalDataIn(world.db.table, {
      PERSONAL_DATA_KEY_PARAMETER: USERS_ENV.PERSONAL_DATA_KEY_PARAMETER,
      PERSONAL_DATA_KMS_KEY: '',
    }),
    applePassKey: '/apple-key',
    applePassCertificates: '/apple-certificates',
    applePushUrl: apple.url,
  };
  buyer = await holder();
});
afterAll(async () => {
  await world.close();
  await apple.close();
});

/** Somebody with an account and a data key. */
async function holder(): Promise<TestPerson> {
  const person = await world.person();
  const { keep } = await news.personalData.newPerson(person.userId);
  await commit(world.db.table, [keep]);
  return person;
}

/** A pass as it lies in a phone. */
interface InPhone {
  readonly ticketId: string;
  readonly serial: string;
  readonly token: string;
}

async function passOf(as: TestPerson, ticketId: string): Promise<InPhone> {
  const route = 'GET /api/tickets/{ticketId}/wallet/apple';
  const answer = await call(wallets, { route, token: as.accessToken, params: { ticketId } });
  const { pass } = openPass(answer.bytes, root);
  expect(pass.webServiceURL).toBe('https://onsale.test/api/wallet');
  return { ticketId, serial: pass.serialNumber, token: pass.authenticationToken ?? '' };
}

interface Phone {
  readonly device?: string;
  readonly token?: string;
  readonly passType?: string;
}
const ask = (
  method: string,
  rest: string,
  params: Readonly<Record<string, string>>,
  more: object = {},
): Promise<TestAnswer> => call(wallets, { route: `${method} /api/wallet/v1/${rest}`, params, ...more });
const REGISTRATION = 'devices/{device}/registrations/{passType}/{serial}';
const headersOf = (token: string): object => ({ headers: { authorization: `ApplePass ${token}` } });

function register(
  pass: InPhone,
  pushToken: string,
  { device = 'phone', token = pass.token, passType = LOCAL_PASS_TYPE }: Phone = {},
): Promise<TestAnswer> {
  const params = { device, passType, serial: pass.serial };
  return ask('POST', REGISTRATION, params, { ...headersOf(token), body: { pushToken } });
}
function unregister(pass: InPhone, { device = 'phone', token = pass.token }: Phone = {}): Promise<TestAnswer> {
  return ask('DELETE', REGISTRATION, { device, passType: LOCAL_PASS_TYPE, serial: pass.serial }, headersOf(token));
}
async function changed(
  device: string,
  since?: string,
): Promise<{ readonly serialNumbers: readonly string[]; readonly lastUpdated: string } | undefined> {
  const query = since === undefined ? {} : { query: { passesUpdatedSince: since } };
  const answer = await ask(
    'GET',
    'devices/{device}/registrations/{passType}',
    { device, passType: LOCAL_PASS_TYPE },
    query,
  );
  if (answer.status === 204) return undefined;
  return z.parse(z.object({ serialNumbers: z.array(z.string()), lastUpdated: z.string() }), answer.json);
}
async function latest(pass: InPhone, token = pass.token): Promise<PassFile | number> {
  const params = { passType: LOCAL_PASS_TYPE, serial: pass.serial };
  const answer = await ask('GET', 'passes/{passType}/{serial}', params, headersOf(token));
  return answer.status === 200 ? openPass(answer.bytes, root) : answer.status;
}
const fileOf = async (pass: InPhone): Promise<PassFile> => {
  const file = await latest(pass);
  if (typeof file === 'number') throw new Error(`Answered ${file}`);
  return file;
};
const toldTo = (token: string): number => apple.all().filter((push) => push.token === token).length;
const fresh = async (): Promise<InPhone> => passOf(buyer, await world.ticketOf(buyer));
const newsOf = async ({ ticketId }: InPhone): Promise<{ eventId: string; ticketId: string }> => ({
  eventId: (await world.show(buyer, ticketId)).eventId,
  ticketId,
});

describe('a phone with a pass', () => {
  it('registers, is told, asks what has changed, and fetches that', async () => {
    const type = await putOnSale(world.db.table, world.now, { capacity: 5 });
    const pass = await passOf(buyer, await world.ticketOf(buyer, type));
    expect((await register(pass, 'abc1', { device: 'one' })).status).toBe(201);
    expect((await register(pass, 'abc1', { device: 'one' })).status).toBe(200);
    const first = await changed('one');
    expect(first?.serialNumbers).toEqual([pass.serial]);
    expect(await changed('one', String(Date.now() + 1_000))).toBeUndefined();
    // Whoever writes may have a clock that is behind: the next question is not about after the latest change alone.
    expect(Number(first?.lastUpdated)).toBeLessThan(Date.now());

    const before = world.type;
    world.type = type;
    await world.putEvent({ title: 'Moved', startsAt: Date.now() + 40 * DAY }, Date.now());
    world.type = before;
    await tellPhones(news, { eventId: type.eventId });
    expect(toldTo('abc1')).toBe(1);
    expect(apple.all().at(-1)).toMatchObject({ topic: LOCAL_PASS_TYPE });
    expect((await changed('one', first?.lastUpdated))?.serialNumbers).toEqual([pass.serial]);
    expect((await fileOf(pass)).pass.eventTicket.primaryFields[0]?.value).toBe('Moved');
  });

  it('learns that its pass is void, and nothing of the new code, once there is one', async () => {
    const pass = await fresh();
    await register(pass, 'abc2', { device: 'two' });
    const seen = await changed('two');
    await world.ask(buyer, 'POST /api/tickets/{ticketId}/reissue', { ticketId: pass.ticketId }, {});
    await tellPhones(news, await newsOf(pass));
    expect(toldTo('abc2')).toBe(1);
    expect((await changed('two', seen?.lastUpdated))?.serialNumbers).toEqual([pass.serial]);
    const { pass: now } = await fileOf(pass);
    expect(now).toMatchObject({ voided: true, serialNumber: pass.serial });
    expect(now.barcodes).toBeUndefined();
    const renewed = await passOf(buyer, pass.ticketId);
    expect(renewed.token).not.toBe(pass.token);
    // The old token opens no new pass.
    expect(await latest(renewed, pass.token)).toBe(401);
  });

  it.each(['ARCHIVED', 'TRANSFERRED', 'USED'])('is shown a ticket as void that is %s', async (status) => {
    const pass = await fresh();
    await world.set(pass.ticketId, { status });
    expect((await fileOf(pass)).pass.voided).toBe(true);
  });

  it('is told nothing any more once it has the pass no longer', async () => {
    const pass = await fresh();
    await register(pass, 'abc3', { device: 'three' });
    expect((await unregister(pass, { device: 'three' })).status).toBe(200);
    expect((await unregister(pass, { device: 'three' })).status).toBe(200);
    await tellPhones(news, await newsOf(pass));
    expect(toldTo('abc3')).toBe(0);
    expect(await changed('three')).toBeUndefined();
    expect(await world.db.items()).not.toContainEqual(
      expect.objectContaining(registrationsKey(buyer.userId, pass.serial)),
    );
  });

  it('is forgotten when Apple says that it is of no device any more', async () => {
    const pass = await fresh();
    await register(pass, 'dead1', { device: 'gone' });
    await register(pass, 'abc4', { device: 'four' });
    await tellPhones(news, await newsOf(pass));
    expect(toldTo('abc4')).toBe(1);
    expect(await changed('gone')).toBeUndefined();
    expect((await findRegistrations(world.db.table, buyer.userId, pass.serial))?.devices).toHaveLength(1);
  });

  it('is answered 401 without the very token of the very pass', async () => {
    const [pass, other] = [await fresh(), await fresh()];
    for (const token of ['', 'x', other.token, `${pass.token.slice(0, -1)}${pass.token.endsWith('A') ? 'B' : 'A'}`]) {
      expect((await register(pass, 'abc5', { token })).status, token).toBe(401);
      expect((await unregister(pass, { token })).status).toBe(401);
      expect(await latest(pass, token)).toBe(401);
    }
    expect((await register(pass, 'abc5', { passType: 'pass.com.example.other' })).status).toBe(401);
    const nobody = { ...pass, serial: `${pass.ticketId}.2` };
    expect((await register(nobody, 'abc5')).status).toBe(401);
    // Nor is a session one, or the token of the pass a session.
    const params = { passType: LOCAL_PASS_TYPE, serial: pass.serial };
    const bySession = await ask('GET', 'passes/{passType}/{serial}', params, { token: buyer.accessToken });
    expect(bySession.status).toBe(401);
    expect(await changed('nobody')).toBeUndefined();
  });

  it('is one of ten at the most, also of thirty at once', async () => {
    const pass = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_unused, index) => register(pass, `many${index}`, { device: `many-${index}` })),
    );
    // Whoever met too many others is asked to try again, as a phone does.
    for (const { status } of answers) expect([201, 503]).toContain(status);
    for (let index = 0; index < 12; index += 1) await register(pass, `late${index}`, { device: `late-${index}` });
    const found = await findRegistrations(world.db.table, buyer.userId, pass.serial);
    expect(found?.devices).toHaveLength(MOST_DEVICES);
    await tellPhones(news, await newsOf(pass));
    expect([toldTo('late0'), toldTo('late1'), toldTo('late2'), toldTo('late11')]).toEqual([0, 0, 1, 1]);
    expect(await changed('late-0')).toBeUndefined();
  });
});

describe('the token of a phone', () => {
  it('lies sealed, and goes with its holder', async () => {
    const person = await holder();
    const pass = await passOf(person, await world.ticketOf(person));
    await register(pass, 'c0ffee', { device: 'my-very-own-phone' });
    const rows = JSON.stringify(await world.db.items());
    expect(rows).not.toContain('c0ffee');
    expect(rows).not.toContain('my-very-own-phone');

    expect(await phonesOf(world.db.table, news.personalData, person.userId)).toEqual([
      { pass: pass.serial, pushTokens: ['c0ffee'] },
    ]);
    const { eventId } = await world.show(person, pass.ticketId);
    await commit(world.db.table, [destroyDataKey(person.userId)]);
    await tellPhones(news, { eventId, ticketId: pass.ticketId });
    expect(toldTo('c0ffee')).toBe(0);
    expect((await register(pass, 'c0ffee', { device: 'another' })).status).toBe(401);
    await sweepPerson(world.db.table, person.userId);
    expect(await findRegistrations(world.db.table, person.userId, pass.serial)).toBeUndefined();
  });
});

describe('while Apple does not answer', () => {
  it('nothing else is kept from going on', async () => {
    const pass = await fresh();
    await register(pass, 'abc6', { device: 'six' });
    await tellPhones({ ...news, applePushUrl: 'http://127.0.0.1:9' }, await newsOf(pass));
    expect((await findRegistrations(world.db.table, buyer.userId, pass.serial))?.devices).toHaveLength(1);
  });
});
