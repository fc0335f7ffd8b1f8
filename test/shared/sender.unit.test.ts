import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ok } from '../../functions/shared/kernel/result.ts';
import { httpFunction, serve, type HttpHandler } from '../../functions/shared/runtime/http.ts';
import { route } from '../../functions/shared/runtime/route.ts';
import { senderOf } from '../../functions/shared/runtime/sender.ts';
import { apiEvent, call } from '../support/http.ts';

const OWN = 'https://tickets.example';

describe('who sent a request, by what a browser says', () => {
  it.each([
    ['own page', { 'sec-fetch-site': 'same-origin' }],
    ['own page', { 'sec-fetch-site': 'none' }],
    ['own page', { origin: OWN }],
    // Loaded by another name of the same host, which only the browser can know.
    ['own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }],
    ['own page', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['other site', { 'sec-fetch-site': 'cross-site' }],
    ['other site', { 'sec-fetch-site': 'cross-site', origin: OWN }],
    ['other site', { 'sec-fetch-site': 'same-site', origin: 'https://shop.tickets.example' }],
    ['other site', { 'sec-fetch-site': 'same-origin,cross-site' }],
    ['other site', { 'sec-fetch-site': '' }],
    ['other site', { origin: 'null' }],
    ['other site', { origin: '' }],
    ['other site', { origin: 'http://tickets.example' }],
    ['other site', { origin: 'https://tickets.example:8443' }],
    ['other site', { origin: 'https://tickets.example.evil.example' }],
    ['other site', { origin: 'https://eviltickets.example' }],
    ['other site', { origin: `${OWN},https://evil.example` }],
    ['unknown', {}],
    ['unknown', { referer: `${OWN}/` }],
  ] as const)('%s: %j', (sender, headers) => {
    expect(senderOf(apiEvent({ route: 'POST /x', headers }), OWN)).toBe(sender);
  });
});

describe('a route that anyone may call', () => {
  const open = (method: 'GET' | 'POST') =>
    route({
      id: 'open',
      method,
      path: '/open',
      summary: 'Open',
      access: { who: 'anyone' },
      responses: { 204: null },
      problems: [],
    });
  const served = vi.fn<() => void>();
  let handler: HttpHandler;

  beforeEach(() => {
    vi.stubEnv('ORIGIN_KEYS_PARAMETER', '');
    vi.stubEnv('PUBLIC_URL', `${OWN}/`);
    const useCase = async () => {
      served();
      return ok({ status: 204 });
    };
    handler = httpFunction({}, [serve(open('GET'), useCase), serve(open('POST'), useCase)]);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    served.mockClear();
  });

  it.each([{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])(
    'does nothing that a page of another site asks for: %j',
    async (headers) => {
      expect(await call(handler, { route: 'POST /open', headers })).toMatchObject({
        status: 403,
        json: { code: 'CROSS_SITE_REQUEST' },
      });
      expect(served).not.toHaveBeenCalled();
      expect((await call(handler, { route: 'GET /open', headers })).status).toBe(204);
    },
  );

  it.each([{ origin: OWN }, { 'sec-fetch-site': 'same-origin' }, {}])(
    'serves our own pages and programs: %j',
    async (headers) => {
      expect((await call(handler, { route: 'POST /open', headers })).status).toBe(204);
    },
  );
});
