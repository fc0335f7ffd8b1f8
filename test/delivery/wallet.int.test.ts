import { createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

import { LONGEST_TOKEN } from '../../functions/delivery/wallet/google-pass.ts';
import { DAY, HOUR, MINUTE } from '../../functions/shared/kernel/clock.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import {
  googleWalletAccount,
  LOCAL_PASS_TYPE,
  LOCAL_TEAM,
  newPrivateKey,
  passCertificates,
} from '../../local/services/wallet-accounts.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { call, type TestAnswer } from '../support/http.ts';
import type { TestPerson } from '../support/sessions.ts';
import { HoldersWorld } from './holders-world.ts';
import { openPass, stringsOf, type PassFile } from './pass-file.ts';

const APPLE = 'GET /api/tickets/{ticketId}/wallet/apple';
const GOOGLE = 'GET /api/tickets/{ticketId}/wallet/google';
const WALLETS = 'POST /api/tickets/show/wallets';
const PASS = 'GET /api/wallet/v1/passes/{passType}/{serial}';

/** At an address, its token says which pass it is of. */
const ANY_SERIAL = `${'0'.repeat(26)}.1`;
const key = newPrivateKey();
const certificates = passCertificates(key);
const root = certificates.slice(certificates.lastIndexOf('-----BEGIN'));
const account: { readonly issuerId: string; readonly privateKey: string; readonly clientEmail: string } =
  JSON.parse(googleWalletAccount());
const secrets: Record<string, string> = {
  '/apple-key': key,
  '/apple-certificates': certificates,
  '/google': JSON.stringify(account),
};

let world: HoldersWorld;
let wallets: HttpHandler;
let withoutAccounts: HttpHandler;
let buyer: TestPerson;

beforeAll(async () => {
  const env = {
    APPLE_PASS_KEY_PARAMETER: '/apple-key',
    APPLE_PASS_CERTIFICATES_PARAMETER: '/apple-certificates',
    GOOGLE_WALLET_PARAMETER: '/google',
  };
  world = await HoldersWorld.start(env, { ...secrets, '/none': 'none' });
  ({ handler: wallets } = await import('../../functions/delivery/handlers/http-wallets.ts'));
  for (const name of Object.keys(env)) process.env[name] = '/none';
  const another: string = '../../functions/delivery/handlers/http-wallets.ts?none';
  ({ handler: withoutAccounts } = z.object({ handler: z.custom<HttpHandler>() }).parse(await import(another)));
  buyer = await world.person();
});
afterAll(() => world.close());

interface Asking {
  readonly as?: TestPerson;
  readonly ticketId?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly of?: HttpHandler;
}
const ask = (route: string, { as, ticketId, query, body, of = wallets }: Asking): Promise<TestAnswer> =>
  call(of, {
    route,
    params: ticketId === undefined ? { passType: LOCAL_PASS_TYPE, serial: ANY_SERIAL } : { ticketId },
    ...(as === undefined ? {} : { token: as.accessToken }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  });

async function passFor(as: TestPerson, ticketId: string): Promise<PassFile> {
  const answer = await ask(APPLE, { as, ticketId });
  expect(answer.status, answer.text).toBe(200);
  return openPass(answer.bytes, root);
}

async function linkTokenOf(ticketId: string): Promise<string> {
  const { json } = await world.ask(buyer, 'GET /api/tickets/{ticketId}/link', { ticketId });
  return new URLSearchParams(new URL(String(json['url'])).hash.slice(1)).get('token') ?? '';
}

/** A type of ticket of an event of its own. */
const soldAs = (as: Parameters<typeof putOnSale>[2]): ReturnType<typeof putOnSale> =>
  putOnSale(world.db.table, world.now, { capacity: 5, ...as });

describe('a pass for Apple Wallet', () => {
  it('is signed, complete, and says what a printed ticket does', async () => {
    const startsAt = Date.UTC(2027, 6, 9, 18, 30);
    const type = await soldAs({
      eventStartsAt: startsAt,
      timeZone: 'Europe/Amsterdam',
      venueName: 'Pakhuis Noord',
      city: 'Rotterdam',
    });
    const ticketId = await world.ticketOf(buyer, type);
    const { number } = { number: (await world.show(buyer, ticketId)).ticketNumber };
    const { pass, files } = await passFor(buyer, ticketId);
    expect(pass).toMatchObject({
      passTypeIdentifier: LOCAL_PASS_TYPE,
      teamIdentifier: LOCAL_TEAM,
      organizationName: 'Konzerthaus',
      logoText: 'Konzerthaus',
      serialNumber: `${ticketId}.1`,
      groupingIdentifier: type.eventId,
      voided: false,
    });
    expect(Date.parse(pass.relevantDate)).toBe(startsAt);
    expect(Date.parse(pass.expirationDate)).toBe(startsAt + 24 * HOUR);
    expect(pass.eventTicket.primaryFields.map(({ value }) => value)).toEqual([type.eventTitle]);
    expect(pass.eventTicket.secondaryFields).toMatchObject([
      { key: 'date', value: '2027-07-09T20:30+02:00', ignoresTimeZone: true },
      { key: 'place', value: 'Pakhuis Noord, Rotterdam' },
    ]);
    expect(pass.eventTicket.auxiliaryFields).toMatchObject([{ key: 'type', value: type.name }]);
    expect(pass.eventTicket.backFields[0]).toMatchObject({ key: 'number', value: number });
    // Apple asks for the icon, and takes a logo of 50 points in height at the most.
    for (const [name, height] of [
      ['icon', 29],
      ['logo', 50],
    ] as const)
      for (const [suffix, scale] of [
        ['', 1],
        ['@2x', 2],
        ['@3x', 3],
      ] as const)
        expect(PNG.sync.read(files.get(`${name}${suffix}.png`) ?? Buffer.of()).height).toBe(height * scale);
  });

  it('lets in who shows it, by the very code of the printed ticket', async () => {
    const ticketId = await world.ticketOf(buyer);
    const { pass } = await passFor(buyer, ticketId);
    const message = pass.barcodes?.[0]?.message ?? null;
    expect(message).toBe((await world.show(buyer, ticketId)).qr);
    // Latin-1 has one byte for each of its letters.
    expect(message).toMatch(/^[\u0020-\u007E]+$/);
    expect(await world.scan(await world.gatekeeper(), message)).toMatchObject({ result: 'ADMIT' });
  });

  it('speaks English, German, French and Spanish, each with all of our words', async () => {
    const file = await passFor(buyer, await world.ticketOf(buyer));
    const english = stringsOf(file, 'en');
    for (const language of ['de', 'fr', 'es'])
      expect([...stringsOf(file, language).keys()]).toEqual([...english.keys()]);
    expect(stringsOf(file, 'de').get('SEAT')).toBe('PLATZ');
    const { eventTicket } = file.pass;
    const labels = [...eventTicket.secondaryFields, ...eventTicket.auxiliaryFields, ...eventTicket.backFields];
    for (const { label = '' } of labels) expect([...english.keys()]).toContain(label);
  });

  it('takes any text for a text', async () => {
    const hostile = '"; "SEAT" = "x"; <b>%@ \\n </b> 👩‍👩‍👧 مرحبا';
    const type = await soldAs({ eventTitle: hostile, name: hostile, venueName: hostile });
    const file = await passFor(buyer, await world.ticketOf(buyer, type));
    expect(file.pass.eventTicket.primaryFields[0]?.value).toBe(hostile);
    expect(file.pass.eventTicket.auxiliaryFields[0]?.value).toBe(hostile);
    for (const { dataDetectorTypes } of file.pass.eventTicket.auxiliaryFields) expect(dataDetectorTypes).toEqual([]);
    expect(stringsOf(file, 'en').get('SEAT')).toBe('SEAT');
  });

  it('shows where its event takes place now, and what it is called now', async () => {
    const type = await soldAs({ eventStartsAt: world.now + 9 * DAY });
    const before = world.type;
    world.type = type;
    const startsAt = world.now + 20 * DAY;
    await world.putEvent({ title: 'Moved', startsAt });
    world.type = before;
    const { pass } = await passFor(buyer, await world.ticketOf(buyer, type));
    expect(pass.eventTicket.primaryFields[0]?.value).toBe('Moved');
    expect(Date.parse(pass.relevantDate)).toBe(startsAt);
  });

  it('is void once it was used, and of no ticket that was given back or passed on', async () => {
    const ticketId = await world.ticketOf(buyer);
    await world.set(ticketId, { status: 'USED' });
    expect((await passFor(buyer, ticketId)).pass).toMatchObject({ voided: true });
    for (const status of ['ARCHIVED', 'TRANSFERRED']) {
      await world.set(ticketId, { status });
      expect(await ask(APPLE, { as: buyer, ticketId })).toMatchObject({
        status: 409,
        json: { code: 'TICKET_NOT_VALID' },
      });
      expect((await ask(GOOGLE, { as: buyer, ticketId })).status).toBe(409);
    }
  });

  it('has another serial number with another code', async () => {
    const ticketId = await world.ticketOf(buyer);
    await world.ask(buyer, 'POST /api/tickets/{ticketId}/reissue', { ticketId }, {});
    expect((await passFor(buyer, ticketId)).pass.serialNumber).toBe(`${ticketId}.2`);
  });

  it('names nobody and no order', async () => {
    const ticketId = await world.ticketOf(buyer);
    const { json } = await ask(GOOGLE, { as: buyer, ticketId });
    const file = await passFor(buyer, ticketId);
    const { orderId } = await world.show(buyer, ticketId);
    const everything =
      JSON.stringify(file.pass) + Buffer.from(String(json['url']).split('.')[1] ?? '', 'base64url').toString();
    expect(everything).not.toContain(buyer.userId);
    expect(everything).not.toContain(orderId);
  });

  it('is the holder’s alone', async () => {
    const ticketId = await world.ticketOf(buyer);
    for (const route of [APPLE, GOOGLE]) {
      expect((await ask(route, { as: await world.person(), ticketId })).status).toBe(404);
      expect((await ask(route, { as: await world.gatekeeper(), ticketId })).status).toBe(404);
      expect((await ask(route, { ticketId })).status).toBe(401);
    }
  });
});

describe('a link to Google Wallet', () => {
  const payload = z.object({
    eventTicketClasses: z.tuple([z.looseObject({ id: z.string(), eventId: z.string() })]),
    eventTicketObjects: z.tuple([z.looseObject({ id: z.string(), classId: z.string() })]),
  });
  async function read(ticketId: string): Promise<z.infer<typeof payload>> {
    const { json, status, text } = await ask(GOOGLE, { as: buyer, ticketId, query: { language: 'de' } });
    expect(status, text).toBe(200);
    const url = new URL(String(json['url']));
    expect(url.href).toMatch(/^https:\/\/pay\.google\.com\/gp\/v\/save\/[\w.-]+$/);
    const token = url.pathname.slice('/gp/v/save/'.length);
    expect(token.length).toBeLessThanOrEqual(LONGEST_TOKEN);
    const verified = await jwtVerify(token, createPublicKey(account.privateKey), {
      algorithms: ['RS256'],
      issuer: account.clientEmail,
      audience: 'google',
    });
    expect(verified.payload).toMatchObject({ typ: 'savetowallet' });
    expect(verified.payload.iat).toBeLessThanOrEqual(Date.now() / 1_000);
    return payload.parse(verified.payload['payload']);
  }

  it('is signed for Google and holds the event and the ticket with its code', async () => {
    const type = await soldAs({
      eventStartsAt: Date.UTC(2027, 0, 9, 19, 0),
      timeZone: 'Asia/Kolkata',
      venueName: 'Pakhuis Noord',
      city: 'Rotterdam',
    });
    const ticketId = await world.ticketOf(buyer, type);
    const { eventTicketClasses, eventTicketObjects } = await read(ticketId);
    expect(eventTicketClasses[0]).toMatchObject({
      issuerName: 'Konzerthaus',
      reviewStatus: 'UNDER_REVIEW',
      eventName: { defaultValue: { language: 'de', value: type.eventTitle } },
      eventId: type.eventId,
      dateTime: { start: '2027-01-10T00:30+05:30' },
      venue: { name: { defaultValue: { value: 'Pakhuis Noord' } }, address: { defaultValue: { value: 'Rotterdam' } } },
    });
    expect(eventTicketObjects[0]).toMatchObject({
      id: `${account.issuerId}.${ticketId}-1`,
      classId: eventTicketClasses[0].id,
      state: 'ACTIVE',
      barcode: { type: 'QR_CODE', value: (await world.show(buyer, ticketId)).qr },
    });
    // https://developers.google.com/wallet/reference/rest/v1/eventticketclass: letters, digits, dot, underscore, hyphen.
    expect(eventTicketClasses[0].id).toMatch(new RegExp(`^${account.issuerId}\\.[\\w.-]+$`));
  });

  it('is no longer than browsers take, whatever the texts; the code is whole', async () => {
    for (const text of ['“Ω” 👩‍👩‍👧 '.repeat(9), '\\"'.repeat(90), '語'.repeat(180)]) {
      const type = await soldAs({ eventTitle: text, name: text, venueName: text, city: text });
      const ticketId = await world.ticketOf(buyer, type);
      await world.set(ticketId, {
        seat: { id: 'A-1', label: text, row: 'A', number: '1' },
        ticketVersion: 21,
        accessLevel: '語'.repeat(20),
      });
      const { eventTicketObjects } = await read(ticketId);
      expect(eventTicketObjects[0]).toMatchObject({ barcode: { value: (await world.show(buyer, ticketId)).qr } });
    }
  });

  it('names another class once the event has moved: Google keeps a class as it saw it first', async () => {
    const type = await soldAs({ eventStartsAt: world.now + 9 * DAY });
    const ticketId = await world.ticketOf(buyer, type);
    const [before] = (await read(ticketId)).eventTicketClasses;
    const kept = world.type;
    world.type = type;
    await world.putEvent({ startsAt: world.now + 20 * DAY });
    world.type = kept;
    const [after] = (await read(ticketId)).eventTicketClasses;
    expect(after.id).not.toBe(before.id);
    expect(after.eventId).toBe(before.eventId);
  });
});

describe('where there is no account', () => {
  it('says so, and offers nothing', async () => {
    const ticketId = await world.ticketOf(buyer);
    for (const route of [APPLE, GOOGLE])
      expect(await ask(route, { as: buyer, ticketId, of: withoutAccounts })).toMatchObject({
        status: 404,
        json: { code: 'WALLET_NOT_AVAILABLE' },
      });
    const token = await linkTokenOf(ticketId);
    expect((await ask(WALLETS, { body: { token }, of: withoutAccounts })).json).toEqual({ apple: null, google: null });
  });
});

describe('the wallets of a ticket’s link', () => {
  async function addressOf(ticketId: string): Promise<Record<string, string>> {
    const { json, status, text } = await ask(WALLETS, { body: { token: await linkTokenOf(ticketId) } });
    expect(status, text).toBe(200);
    const { apple } = z.object({ apple: z.object({ url: z.string() }) }).parse(json);
    const url = new URL(apple.url);
    expect(url.pathname).toBe(
      `/api/wallet/v1/passes/${LOCAL_PASS_TYPE}/${ticketId}.${url.pathname.split('.').at(-1) ?? ''}`,
    );
    return Object.fromEntries(url.searchParams);
  }

  it('hand out the pass without a log-in, for ten minutes', async () => {
    const ticketId = await world.ticketOf(buyer);
    const query = await addressOf(ticketId);
    const answer = await ask(PASS, { query });
    expect(answer.status, answer.text).toBe(200);
    expect(openPass(answer.bytes, root).pass.serialNumber).toBe(`${ticketId}.1`);
    const left = Number(query['until']) - Date.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10 * MINUTE);
  });

  it('end with the address: with its time, a new code, a return', async () => {
    const ticketId = await world.ticketOf(buyer);
    const query = await addressOf(ticketId);
    const gone = { status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } };
    // Neither may the time be stretched, nor is the token good for anything else.
    expect(await ask(PASS, { query: { ...query, until: String(Date.now() + HOUR) } })).toMatchObject(gone);
    expect(await ask(PASS, { query: { ...query, until: String(Date.now() - 1) } })).toMatchObject(gone);
    expect(await ask(PASS, { query: { ...query, token: await linkTokenOf(ticketId) } })).toMatchObject(gone);
    expect(await ask(WALLETS, { body: { token: query['token'] } })).toMatchObject(gone);
    await world.ask(buyer, 'POST /api/tickets/{ticketId}/reissue', { ticketId }, {});
    expect(await ask(PASS, { query })).toMatchObject(gone);
    const renewed = await addressOf(ticketId);
    await world.set(ticketId, { status: 'ARCHIVED' });
    expect(await ask(PASS, { query: renewed })).toMatchObject(gone);
  });

  it('are none for a ticket that was used', async () => {
    const ticketId = await world.ticketOf(buyer);
    const token = await linkTokenOf(ticketId);
    await world.set(ticketId, { status: 'USED' });
    expect((await ask(WALLETS, { body: { token } })).json).toEqual({ apple: null, google: null });
  });
});
