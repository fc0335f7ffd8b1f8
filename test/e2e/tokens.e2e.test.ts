import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import { parseKeyRing } from '../../functions/shared/runtime/secrets.ts';
import type { MintedSession } from '../../functions/users/app/mint-session.ts';
import { createMember, sessionOf, signedIn, useSystemSecrets, type Member } from '../support/matrix-people.ts';
import { buyTicket } from '../support/matrix-rows.ts';
import { audit, call, publishEvent, settled } from '../support/shop.ts';

type Claims = Readonly<Record<string, unknown>>;

const HOUR_SECONDS = 3_600;

let anna: Member;
let ben: Member;
let annas: MintedSession;
let bens: MintedSession;
let key: Uint8Array;
let keyId: string;
let ticketTypeId: string;

beforeAll(async () => {
  useSystemSecrets();
  const ring = parseKeyRing(inject('system').sessionKeys);
  keyId = ring.current;
  key = ring.keys.get(keyId) ?? new Uint8Array();
  anna = await createMember('another customer', { own: '', other: '' });
  ben = await createMember('another customer', { own: '', other: '' });
  annas = await sessionOf(anna);
  bens = await sessionOf(ben);
  ({ ticketTypeId } = await publishEvent({ quantity: 100 }));
});

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const hmac =
  (with_: Uint8Array, hash = 'sha256') =>
  (input: string): string =>
    createHmac(hash, with_).update(input).digest('base64url');
/** The claims of a token that would be good now. */
const claims = (): Claims => {
  const iat = Math.floor(Date.now() / 1_000);
  return { sid: annas.sessionId, sub: anna.userId, iss: 'onsale', aud: 'onsale-api', iat, exp: iat + HOUR_SECONDS };
};
const without = (name: string): Claims =>
  Object.fromEntries(Object.entries(claims()).filter(([each]) => each !== name));
const header = (more: Claims = {}): Claims => ({ alg: 'HS256', kid: keyId, ...more });
const token = (head: unknown, body: unknown, signed: (input: string) => string = hmac(key)): string => {
  const input = `${encode(head)}.${encode(body)}`;
  return `${input}.${signed(input)}`;
};
const later = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });

describe('a token', () => {
  it('made by hand with our key is good, so that each of the others is refused for what is wrong with it', async () => {
    const answer = await call('GET', '/api/auth/me', undefined, {
      authorization: `Bearer ${token(header(), claims())}`,
    });
    expect(answer.json?.id, answer.text).toBe(anna.userId);
  });

  it.each<[string, () => string]>([
    ['alg none and no signature', () => token({ alg: 'none' }, claims(), () => '')],
    ['alg None with our key', () => token(header({ alg: 'None' }), claims())],
    ['alg none with our signature', () => token(header({ alg: 'none' }), claims())],
    ['no alg', () => token({ kid: keyId }, claims())],
    ['alg HS512 with our key', () => token(header({ alg: 'HS512' }), claims(), hmac(key, 'sha512'))],
    ['alg HS384 with our key', () => token(header({ alg: 'HS384' }), claims(), hmac(key, 'sha384'))],
    ['alg HS256 said, HS512 done', () => token(header(), claims(), hmac(key, 'sha512'))],
    [
      'alg RS256 with a key of its own',
      () =>
        token(header({ alg: 'RS256' }), claims(), (input) =>
          sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url'),
        ),
    ],
    ['alg RS256 with our key', () => token(header({ alg: 'RS256' }), claims())],
    [
      'its key in its header',
      () => {
        const mine = randomBytes(32);
        const jwk = { kty: 'oct', k: mine.toString('base64url') };
        return token({ alg: 'HS256', jwk, kid: keyId }, claims(), hmac(mine));
      },
    ],
    [
      'the address of a key',
      () => token(header({ jku: 'https://evil.example/keys', kid: 'x' }), claims(), hmac(randomBytes(32))),
    ],
    ['another key', () => token(header(), claims(), hmac(randomBytes(32)))],
    ['an empty key', () => token(header(), claims(), hmac(new Uint8Array()))],
    ['no key id', () => token({ alg: 'HS256' }, claims())],
    ['an unknown key id', () => token(header({ kid: 'unknown' }), claims())],
    ['a key id that is a path', () => token(header({ kid: '../../dev/null' }), claims(), hmac(new Uint8Array()))],
    ['a key id that is a list', () => token(header({ kid: [keyId] }), claims())],
    ['a key id that is an object', () => token(header({ kid: { [keyId]: true } }), claims())],
    ['a demand that nobody understands', () => token(header({ crit: ['x-own'], 'x-own': 1 }), claims())],
    ['an empty demand', () => token(header({ crit: [] }), claims())],
    ['a body that is not encoded', () => token(header({ crit: ['b64'], b64: false }), claims())],
    ['another issuer', () => token(header(), { ...claims(), iss: 'elsewhere' })],
    ['no issuer', () => token(header(), without('iss'))],
    ['another audience', () => token(header(), { ...claims(), aud: 'onsale-gate' })],
    ['no audience', () => token(header(), without('aud'))],
    ['an end that has come', () => token(header(), { ...claims(), exp: later(-1) })],
    ['no end', () => token(header(), without('exp'))],
    ['an end that is a text', () => token(header(), { ...claims(), exp: '2099-01-01' })],
    ['a beginning to come', () => token(header(), { ...claims(), nbf: later(60) })],
    ['an issue to come', () => token(header(), { ...claims(), iat: later(60), exp: later(HOUR_SECONDS) })],
    ['no issue', () => token(header(), without('iat'))],
    ['no session', () => token(header(), without('sid'))],
    ['a session that is a list', () => token(header(), { ...claims(), sid: [annas.sessionId] })],
    ['no person', () => token(header(), without('sub'))],
    ['somebody else’s session', () => token(header(), { ...claims(), sid: bens.sessionId })],
    ['somebody else as its person', () => token(header(), { ...claims(), sub: ben.userId })],
    ['another row as its session', () => token(header(), { ...claims(), sid: '#PROFILE' })],
    ['claims that are a list', () => token(header(), [claims()])],
    ['a header that is null', () => token(null, claims())],
    ['two signatures', () => `${token(header(), claims())}.${token(header(), claims()).split('.')[2] ?? ''}`],
    ['a cut signature', () => token(header(), claims()).slice(0, -4)],
    [
      'claims changed after it was signed',
      () => {
        const [head = '', , signature = ''] = annas.accessToken.split('.');
        return `${head}.${encode({ ...claims(), sub: ben.userId, sid: bens.sessionId })}.${signature}`;
      },
    ],
  ])('with %s is nobody, as Bearer and as cookie', async (_what, forge) => {
    const forged = forge();
    for (const headers of [{ authorization: `Bearer ${forged}` }, { cookie: `${SESSION_COOKIE}=${forged}` }]) {
      const answer = await call('GET', '/api/auth/me', undefined, headers);
      expect(answer.status, answer.text).toBe(401);
      expect(answer.json?.code).toBe('NOT_SIGNED_IN');
      expect(answer.text).not.toContain(forged);
    }
  });

  it('of another kind is nobody: a refresh token, a ticket’s code, a page’s cursor, a CSRF token, a session’s id', async () => {
    const owner = await signedIn({ members: new Map([['owner', anna]]) }, 'owner');
    const { ticket } = await buyTicket({ owner, ticketTypeId });
    await buyTicket({ owner, ticketTypeId });
    const { nextCursor } = (await owner.call('GET', '/api/orders?limit=1')).json;
    expect(nextCursor).toEqual(expect.any(String));
    for (const other of [ticket.qr, ticket.code, nextCursor, annas.csrfToken, annas.refreshToken, annas.sessionId]) {
      const answer = await call('GET', '/api/auth/me', undefined, { authorization: `Bearer ${other}` });
      expect(answer.json?.code).toBe('NOT_SIGNED_IN');
    }
    const access = annas.accessToken;
    expect((await owner.call('GET', `/api/orders?limit=1&cursor=${encodeURIComponent(access)}`)).status).toBe(400);
  });
});

describe('a session that ends', () => {
  it('while requests are under way lets each be done or refused, and none after', async () => {
    const session = await sessionOf(ben);
    const headers = { authorization: `Bearer ${session.accessToken}` };
    const hold = () => call('POST', '/api/reservations', { items: [{ ticketTypeId, quantity: 1 }] }, headers);
    const underWay = [hold(), hold(), hold(), call('GET', '/api/auth/me', undefined, headers)];
    const out = call('POST', '/api/auth/logout', {}, headers);
    const more = [hold(), hold(), call('GET', '/api/orders', undefined, headers)];
    expect((await out).status).toBe(204);
    const after = await Promise.all([hold(), call('GET', '/api/orders', undefined, headers)]);
    expect(after.map(({ json }) => json?.code)).toEqual(['NOT_SIGNED_IN', 'NOT_SIGNED_IN']);
    for (const { status, text } of await Promise.all([...underWay, ...more]))
      expect([200, 201, 401], text).toContain(status);
    // Logging out twice, as two tabs do, is a refusal and no fault.
    expect((await call('POST', '/api/auth/logout', {}, headers)).status).toBe(401);
    await settled();
    expect(await audit()).toEqual([]);
  });

  it('by a ban while requests are under way serves none that comes after', async () => {
    const banned = await createMember('another customer', { own: '', other: '' });
    const admin = await signedIn(
      { members: new Map([['admin', await createMember('admin', { own: '', other: '' })]]) },
      'admin',
    );
    const sessions = await Promise.all([sessionOf(banned), sessionOf(banned), sessionOf(banned)]);
    const asAll = (): Promise<readonly number[]> =>
      Promise.all(
        sessions.map(async ({ accessToken }) => {
          const items = [{ ticketTypeId, quantity: 1 }];
          const answer = await call('POST', '/api/reservations', { items }, { authorization: `Bearer ${accessToken}` });
          return answer.status;
        }),
      );
    const [during, ban] = await Promise.all([asAll(), admin.call('POST', `/api/users/${banned.userId}/ban`, {})]);
    expect(ban.status, ban.text).toBeLessThan(300);
    for (const status of during) expect([201, 401]).toContain(status);
    expect(await asAll()).toEqual([401, 401, 401]);
  });
});
