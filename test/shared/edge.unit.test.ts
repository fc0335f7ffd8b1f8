import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';

import { ok } from '../../functions/shared/kernel/result.ts';
import { clientAt, type ClientAddress } from '../../functions/shared/runtime/edge.ts';
import { httpFunction, serve, type HttpHandler } from '../../functions/shared/runtime/http.ts';
import { route } from '../../functions/shared/runtime/route.ts';
import { call, type TestRequest } from '../support/http.ts';
import { randomKey, serveParameters, type TestParameters } from '../support/parameters.ts';

const [OLD, NEW] = [randomKey(), randomKey()];

const probe = route({
  id: 'probe',
  method: 'GET',
  path: '/probe',
  summary: 'Whom the functions take for the client',
  access: { who: 'anyone' },
  responses: { 200: z.looseObject({}) },
  problems: [],
});

/** A function of a stage with `keys` in front of it (two live ones), or with nothing in front. */
function functionWith(parameter: string): HttpHandler {
  vi.stubEnv('ORIGIN_KEYS_PARAMETER', parameter);
  return httpFunction({}, [serve(probe, async ({ client }) => ok({ status: 200, body: client }))]);
}

const asked = (headers: TestRequest['headers']): TestRequest => ({
  route: 'GET /probe',
  ...(headers === undefined ? {} : { headers }),
});

describe('the client address', () => {
  it.each<[string, Partial<ClientAddress>]>([
    ['203.0.113.77', { address: '203.0.113.77', limitKey: '203.0.113.77', network: '203.0.113.0/24' }],
    [
      '2001:0DB8:0000:0001:0000:0000:0000:00FF',
      { address: '2001:db8:0:1::ff', limitKey: '2001:db8:0:1::/64', network: '2001:db8:0::/48' },
    ],
    ['2001:db8::1', { limitKey: '2001:db8:0:0::/64', network: '2001:db8:0::/48' }],
    ['::1', { address: '::1', limitKey: '0:0:0:0::/64' }],
    ['::ffff:203.0.113.77', { address: '203.0.113.77', limitKey: '203.0.113.77' }],
    ['fe80::1%eth0', { limitKey: 'unknown' }],
    ['203.0.113.777', { address: 'unknown', limitKey: 'unknown', network: 'unknown' }],
    ['', { limitKey: 'unknown' }],
  ])('reads %s', (text, expected) => {
    expect(clientAt(text)).toMatchObject(expected);
  });

  it('gives every address of one IPv6 /64 one limit, and addresses of two /64 two', () => {
    const group = fc.integer({ min: 0, max: 0xff_ff }).map((value) => value.toString(16));
    const address = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(address, address, (one, other) => {
        const limitOf = (groups: readonly string[]): string => clientAt(groups.join(':')).limitKey;
        expect(limitOf([...one.slice(0, 4), ...other.slice(4)])).toBe(limitOf(one));
        expect(limitOf(one) === limitOf(other)).toBe(one.slice(0, 4).join() === other.slice(0, 4).join());
        const log = clientAt(one.join(':')).network;
        expect(clientAt([...one.slice(0, 3), ...other.slice(3)].join(':')).network).toBe(log);
      }),
    );
  });
});

describe('a stage behind a distribution', () => {
  let parameters: TestParameters;
  let handler: HttpHandler;
  beforeEach(async () => {
    parameters = await serveParameters({ '/edge/keys': JSON.stringify({ current: 'b', keys: { a: OLD, b: NEW } }) });
    handler = functionWith('/edge/keys');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await parameters.close();
  });

  it.each([
    ['198.51.100.10:46532', '198.51.100.10'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['2001:db8::7:443', '2001:db8::7'],
    ['nonsense', 'unknown'],
  ])('takes the client from CloudFront-Viewer-Address %s', async (viewer, address) => {
    const answer = await call(handler, asked({ 'x-onsale-origin': NEW, 'cloudfront-viewer-address': viewer }));
    expect(answer).toMatchObject({ status: 200, json: { address } });
  });

  it('believes both live keys, so that the distribution can be given the new one while the old is in use', async () => {
    for (const key of [OLD, NEW]) expect((await call(handler, asked({ 'x-onsale-origin': key }))).status).toBe(200);
  });

  it.each([
    ['nothing', {}],
    ['an empty header', { 'x-onsale-origin': '' }],
    ['another key', { 'x-onsale-origin': randomKey() }],
    ['a key and more', { 'x-onsale-origin': `${NEW},${NEW}` }],
    ['the name of the key', { 'x-onsale-origin': 'b' }],
  ])('refuses %s, whatever the request says of its sender', async (_what, headers) => {
    const forged = { 'cloudfront-viewer-address': '192.0.2.1:1', 'x-forwarded-for': '192.0.2.1' };
    const answer = await call(handler, asked({ ...forged, ...headers }));
    expect(answer).toMatchObject({ status: 403, json: { code: 'PAST_THE_EDGE' } });
    expect(answer.text).not.toMatch(new RegExp(`192\\.0\\.2\\.1|${NEW}|edge/keys`));
  });

  it('refuses them on routes that there are not as well', async () => {
    expect(await call(handler, { route: '$default' })).toMatchObject({ status: 403 });
  });
});

describe('a stage without one', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('takes who opened the connection, and believes no header', async () => {
    const handler = functionWith('');
    const forged = { 'cloudfront-viewer-address': '192.0.2.1:1', 'x-forwarded-for': '192.0.2.1' };
    expect((await call(handler, asked(forged))).json).toMatchObject({ address: '127.0.0.1' });
  });

  it('logs one line for a request: route, status, latency, id, network; no address, URL or header', async () => {
    const lines: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    await call(functionWith(''), { ...asked({ 'x-forwarded-for': '192.0.2.1' }), query: { secret: 'a-token' } });
    await call(functionWith(''), { route: 'GET /nowhere' });
    write.mockRestore();
    const [served, unknown] = lines.map((line) => z.parse(z.looseObject({}), JSON.parse(line)));
    expect(served).toEqual({
      _aws: expect.anything(),
      route: 'GET /probe',
      status: 200,
      requestId: expect.any(String),
      client: '127.0.0.0/24',
      requests: 1,
      faults: 0,
      latency: expect.any(Number),
    });
    // What is refused is no fault of ours, and its line has the status of its answer.
    expect(unknown).toMatchObject({ status: 404, faults: 0 });
    expect(lines.join('')).not.toMatch(/127\.0\.0\.1|192\.0\.2\.1|a-token|\/nowhere\?/);
  });
});
