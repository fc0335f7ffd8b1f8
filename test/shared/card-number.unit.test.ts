import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { holdsCardNumber } from '../../functions/shared/kernel/card-number.ts';
import { encodeUlid, readableNumber } from '../../functions/shared/kernel/ids.ts';
import { ok } from '../../functions/shared/kernel/result.ts';
import { httpFunction, serve } from '../../functions/shared/runtime/http.ts';
import { route } from '../../functions/shared/runtime/route.ts';
import { call, type TestAnswer, type TestRequest } from '../support/http.ts';

/** Numbers that networks and Stripe publish for tests. */
const CARDS = [
  ['Visa', '4242424242424242'],
  ['Visa of 13 digits', '4222222222222'],
  ['Visa of 19 digits', '4000000000000000006'],
  ['Mastercard', '5555555555554444'],
  ['Mastercard, series 2', '2223003122003222'],
  ['American Express', '378282246310005'],
  ['Discover', '6011111111111117'],
  ['Diners Club', '3056930009020004'],
  ['Diners Club of 14 digits', '36227206271667'],
  ['JCB', '3566002020360505'],
  ['UnionPay', '6200000000000005'],
  ['UnionPay of 19 digits', '6205500000000000004'],
  ['Maestro', '6759649826438453'],
] as const;

describe('what is taken for a card number', () => {
  it.each(CARDS)('%s, wherever it is in a text', (_name, number) => {
    for (const text of [number, `my card ${number}.`, `"${number}"`, `(${number})`, `pan:${number},12/29`]) {
      expect(holdsCardNumber(text), text).toBe(true);
    }
  });

  it.each([
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    '4242.4242.4242.4242',
    '4242\u00A04242\u00A04242\u00A04242',
    '4242–4242–4242–4242',
    '3782 822463 10005',
    '3622-720627-1667',
    '4000 0000 0000 0000 006',
    'Card 4242 4242 4242 4242 12 29 123 Ms Doe',
    '+1 4242 4242 4242 4242',
  ])('%s, grouped as people write it', (text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });

  it.each([
    ['a wrong check digit', '4242424242424241'],
    ['no range of an issuer', '9111111111111111'],
    ['a length that the network does not have', '42424242424242428'],
    ['a telephone number (E.164)', '+4222222222222'],
    ['an IBAN', 'DE68 4242 4242 4242 4242 00'],
    ['a fraction', '48.4242424242424242'],
    ['part of a word', 'pi_4242424242424242'],
    ['part of a longer number', '42424242424242424242424242'],
    ['times', '2026-11-25 20:00, 2026-12-24T20:00:00.000Z'],
    ['milliseconds', '1790000000000'],
  ])('not %s', (_name, text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  it('none of the ids, numbers, hashes, times and telephone numbers that the system itself hands out or takes', () => {
    const digits = (least: number, most: number): fc.Arbitrary<string> =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((each) => each.join(''));
    const ours = fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 16 }).map(encodeUlid),
      fc.nat().map((time) => ulid(1_700_000_000_000 + time)),
      fc.string().map((id) => readableNumber('ON', id)),
      fc.constant(0).map(() => randomUUID()),
      fc.uint8Array({ minLength: 24, maxLength: 48 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      fc.integer({ min: 1_600_000_000_000, max: 1_999_999_999_999 }).map(String),
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
      digits(8, 15).map((number) => `+${number}`),
      fc.double({ min: -180, max: 180, noNaN: true }).map(String),
    );
    fc.assert(
      fc.property(ours, (text) => {
        expect(holdsCardNumber(text), text).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });

  // Whoever backtracks over one of these does not come to an end within the time that a test has.
  it.each(['4', '4242 ', '4-', 'DE68 ', '+4', '4242424242424242x'])(
    'finds one after a quarter of a megabyte of %j',
    (piece) => {
      expect(holdsCardNumber(`${piece.repeat(256 * 1024).slice(0, 256 * 1024)} | 4242424242424242`)).toBe(true);
    },
  );
});

const keep = route({
  id: 'keep',
  method: 'POST',
  path: '/keep',
  summary: 'Takes any object',
  access: { who: 'anyone' },
  query: z.strictObject({ q: z.optional(z.string()) }),
  body: z.looseObject({}),
  responses: { 200: z.looseObject({}) },
  problems: [],
});
const bodiless = route({
  id: 'bodiless',
  method: 'DELETE',
  path: '/keep',
  summary: 'Takes no body',
  access: { who: 'anyone' },
  responses: { 200: z.looseObject({}) },
  problems: [],
});
const webhook = route({
  id: 'webhook',
  method: 'POST',
  path: '/webhook',
  summary: 'Takes bytes',
  access: { who: 'signature' },
  rawBody: true,
  responses: { 200: z.looseObject({}) },
  problems: [],
});

describe('a request that holds a card number', () => {
  const served = vi.fn<() => void>();
  const lines: string[] = [];

  beforeEach(() => {
    vi.stubEnv('ORIGIN_KEYS_PARAMETER', '');
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    served.mockClear();
    lines.length = 0;
  });

  async function send(request: TestRequest): Promise<TestAnswer> {
    const useCase = async (): Promise<ReturnType<typeof ok<{ status: number; body: object }>>> => {
      served();
      return ok({ status: 200, body: {} });
    };
    const handler = httpFunction(
      {},
      [keep, bodiless, webhook].map((declared) => serve(declared, useCase)),
    );
    return call(handler, request);
  }

  const POST = { route: 'POST /keep' };
  const deep = `${'['.repeat(100_000)}"4242 4242 4242 4242"${']'.repeat(100_000)}`;

  it.each<[string, TestRequest, readonly string[]]>([
    ['in a member', { ...POST, body: { note: 'card 4242 4242 4242 4242' } }, ['note']],
    ['in a list', { ...POST, body: { attendees: [{ name: 'A' }, { name: '378282246310005' }] } }, ['attendees.1.name']],
    ['as a number', { ...POST, body: { n: 4_242_424_242_424_242 } }, ['n']],
    ['as a number beyond 2^53', { ...POST, text: '{"n":4000000000000000006}' }, ['n']],
    ['in escapes', { ...POST, text: '{"n":"\\u0034242 4242 4242 4242"}' }, ['n']],
    ['as a name', { ...POST, body: { a: { '4242424242424242': { pan: '4242424242424242' } } } }, ['a']],
    ['in the query', { ...POST, query: { q: '4242-4242-4242-4242' }, body: {} }, ['query.q']],
    ['in the name of a query', { ...POST, query: { '4242424242424242': '1' }, body: {} }, ['query']],
    ['where no body is taken', { route: 'DELETE /keep', body: { pan: '4242424242424242' } }, ['']],
    ['twice', { ...POST, body: { a: '4242424242424242', b: '5555555555554444' } }, ['a', 'b']],
  ])('%s is refused with its place, and its digits are neither answered nor logged', async (_name, request, paths) => {
    const { status, json, text } = await send({ ...request, headers: { 'x-request-id': '4242424242424242' } });
    expect({ status, code: json['code'] }).toEqual({ status: 422, code: 'CARD_NUMBER_REFUSED' });
    const told = z.array(z.object({ path: z.string() })).parse(json['errors']);
    expect(told.map(({ path }) => path).toSorted()).toEqual(paths);
    expect(served).not.toHaveBeenCalled();
    for (const word of [text, ...lines]) expect(word).not.toMatch(/4242|5555|8282|0{6}/);
    expect(lines.join('')).toContain('"status":422');
  });

  it('is found however deep it lies', async () => {
    expect((await send({ ...POST, text: `{"a":${deep}}` })).status).toBe(422);
  });

  it('is refused before its members are, so that no message of a schema repeats it', async () => {
    const { json } = await send({ ...POST, query: { surprise: '4242424242424242' }, body: {} });
    expect(json['code']).toBe('CARD_NUMBER_REFUSED');
  });

  it("is let through where the bytes are the payment provider's own", async () => {
    expect((await send({ route: 'POST /webhook', body: { number: '4242424242424242' } })).status).toBe(200);
  });
});
