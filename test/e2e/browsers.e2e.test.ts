import { beforeAll, describe, expect, inject, it } from 'vitest';

import { SESSION_COOKIE } from '../../functions/shared/runtime/authenticate.ts';
import { createMember, PASSWORD, sessionOf, useSystemSecrets, type Member } from '../support/matrix-people.ts';
import { call, publishEvent, systemTable, type ApiAnswer } from '../support/shop.ts';
import { findLiveSessions } from '../../functions/users/reads.ts';

/** What another site's page can send without asking first: forms of the three kinds, and scripts with a plain body. */
const SIMPLE_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''];
/** By what a browser shows that a page of another site sends; a very old one shows nothing. */
const FOREIGN_PAGES = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://shop.onsale.example' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
];

type Headers = Readonly<Record<string, string>>;

let member: Member;
let ticketTypeId: string;
let ownPage: Headers;

beforeAll(async () => {
  useSystemSecrets();
  ({ ticketTypeId } = await publishEvent());
  member = await createMember('another customer', { own: '', other: '' });
  ownPage = { origin: new URL(inject('system').url).origin };
});

const sessions = async (): Promise<number> => {
  const live = await findLiveSessions(systemTable(), member.userId, Date.now());
  return live.length;
};
const logIn = (body: unknown, headers: Headers): Promise<ApiAnswer> => call('POST', '/api/auth/login', body, headers);
const typed = (): object => ({ email: member.email, password: PASSWORD });

describe('a page of another site', () => {
  it.each(FOREIGN_PAGES)('logs nobody in, whatever it sends: %j', async (page) => {
    const before = await sessions();
    for (const type of [...SIMPLE_TYPES, 'application/json']) {
      const answer = await logIn(JSON.stringify(typed()), { ...page, 'content-type': type });
      expect(answer, type).toMatchObject({ status: 403, json: { code: 'CROSS_SITE_REQUEST' } });
      expect(answer.headers.getSetCookie(), type).toEqual([]);
    }
    expect(await sessions()).toBe(before);
  });

  it.each(FOREIGN_PAGES)('does nothing with the cookie of its visitor, even with the CSRF token: %j', async (page) => {
    const { accessToken, csrfToken } = await sessionOf(member);
    const cookie = { cookie: `${SESSION_COOKIE}=${accessToken}`, 'x-xsrf-token': csrfToken };
    const body = JSON.stringify({ items: [{ ticketTypeId, quantity: 1 }] });
    for (const type of [...SIMPLE_TYPES, 'application/json']) {
      const headers = { ...cookie, ...page, 'content-type': type };
      expect((await call('POST', '/api/reservations', body, headers)).json?.code, type).toBe('CROSS_SITE_REQUEST');
      expect((await call('POST', '/api/auth/logout', '', headers)).json?.code, type).toBe('CROSS_SITE_REQUEST');
    }
    expect((await call('GET', '/api/auth/me', undefined, { ...cookie, ...page })).status).toBe(200);
  });

  it('that a browser says nothing of cannot send JSON without asking first, and asking is answered with nothing', async () => {
    for (const type of SIMPLE_TYPES) {
      const answer = await logIn(JSON.stringify(typed()), { 'content-type': type });
      expect(answer, type).toMatchObject({ status: 415, json: { code: 'NOT_JSON' } });
    }
    const asked = await fetch(new URL('/api/auth/login', inject('system').url), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('a page of the site', () => {
  it('is signed in by a cookie that no script reads, no other host gets, and that goes with no form of another site', async () => {
    const answer = await logIn(typed(), ownPage);
    expect(answer.status, answer.text).toBe(200);
    const cookies = answer.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      const [pair = '', ...attributes] = cookie.split('; ');
      expect(pair).toMatch(/^__Host-[\w-]+=[\w.-]+$/);
      expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'Secure', 'HttpOnly']));
      expect(attributes.some((attribute) => /^SameSite=(?:Lax|Strict)$/.test(attribute))).toBe(true);
      expect(attributes.some((attribute) => /^domain=/i.test(attribute))).toBe(false);
    }
  });

  it.each([
    ['its Origin', () => ownPage],
    ['what the browser says of its site', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])(
    'changes something with the cookie, its CSRF token and %s; a body of another kind is no request',
    async (_by, page) => {
      const { accessToken, csrfToken } = await sessionOf(member);
      const headers = { cookie: `${SESSION_COOKIE}=${accessToken}`, 'x-xsrf-token': csrfToken, ...page() };
      const body = JSON.stringify({ locale: 'de' });
      for (const type of SIMPLE_TYPES) {
        const refused = await call('PATCH', '/api/auth/me', body, { ...headers, 'content-type': type });
        expect(refused, type).toMatchObject({ status: 415, json: { code: 'NOT_JSON' } });
      }
      const changed = await call('PATCH', '/api/auth/me', body, headers);
      expect(changed.status, changed.text).toBe(200);
    },
  );

  it('needs the CSRF token of its own session, not of another one of the same person', async () => {
    const [mine, other] = [await sessionOf(member), await sessionOf(member)];
    const headers = { cookie: `${SESSION_COOKIE}=${mine.accessToken}`, ...ownPage };
    const answer = await call('POST', '/api/auth/logout', {}, { ...headers, 'x-xsrf-token': other.csrfToken });
    expect(answer.json?.code).toBe('CSRF_TOKEN_INVALID');
  });
});

describe('credentials that come together', () => {
  it('a Bearer token counts, whatever cookie comes with it', async () => {
    const [mine, cookie] = [
      await sessionOf(member),
      await sessionOf({ ...member, userId: '01J00000000000000000000009' }),
    ];
    const headers = { authorization: `Bearer ${mine.accessToken}`, cookie: `${SESSION_COOKIE}=${cookie.accessToken}` };
    expect((await call('GET', '/api/auth/me', undefined, headers)).json?.id).toBe(member.userId);
  });

  it.each(['authorization', 'cookie'])('an API key beside %s is refused, also where anyone may call', async (name) => {
    const { accessToken } = await sessionOf(member);
    const session = name === 'cookie' ? `${SESSION_COOKIE}=${accessToken}` : `Bearer ${accessToken}`;
    for (const path of ['/api/auth/me', '/api/events']) {
      const answer = await call('GET', path, undefined, { [name]: session, 'x-api-key': 'osk_live_anything' });
      expect(answer, path).toMatchObject({ status: 400, json: { code: 'CREDENTIALS_CONFLICT' } });
    }
  });
});
