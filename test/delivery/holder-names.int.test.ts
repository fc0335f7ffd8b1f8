import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ticketView } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { offerLink } from '../../functions/delivery/offers.ts';
import { holderNamesOf, namesFor } from '../../functions/delivery/holder-names.ts';
import { findOffer, findTicket } from '../../functions/delivery/reads.ts';
import { findAttendees, openAttendees } from '../../functions/orders/attendees.ts';
import { attendeesKey } from '../../functions/orders/keys.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { readKey, SecretUnavailableError } from '../../functions/shared/runtime/secrets.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { personalDataIn, type PersonalData } from '../../functions/users/personal-data.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { signInOrganizer, type TestPerson } from '../support/sessions.ts';
import { givenAccount, USERS_ENV } from '../users/accounts.ts';
import { destroyKey } from '../users/kept-keys.ts';
import { HoldersWorld } from './holders-world.ts';
import { pdfText } from './pixels.ts';

let world: HoldersWorld;
let orders: HttpHandler;
let buyer: TestPerson;
let stranger: TestPerson;
let gate: TestPerson;
let addresses = 0;

const withAccount = async (as: { firstName?: string; lastName?: string } = {}): Promise<TestPerson> =>
  world.personWith(await givenAccount(world.db.table, { email: `named-${(addresses += 1)}@example.com`, ...as }));

beforeAll(async () => {
  world = await HoldersWorld.start();
  ({ handler: orders } = await import('../../functions/orders/handlers/http-orders.ts'));
  [buyer, stranger, gate] = await Promise.all([withAccount(), withAccount(), world.gatekeeper()]);
});
afterAll(() => world.close());

const NAME = 'PATCH /api/tickets/{ticketId}';
const rename = (ticketId: string, holderName: unknown, as = buyer): Promise<TestAnswer> =>
  world.ask(as, NAME, { ticketId }, { holderName });

interface Bought {
  readonly orderId: string;
  readonly ids: readonly string[];
}

async function bought(names: readonly string[], as = buyer, quantity = names.length): Promise<Bought> {
  const { orderId } = await world.bought(as, quantity, world.type, names);
  return { orderId, ids: Array.from({ length: quantity }, (_unused, index) => ticketIdOf(orderId, '1', index)) };
}

async function shownNames({ ids }: Bought, as = buyer): Promise<readonly (string | null)[]> {
  return Promise.all(ids.map(async (id) => (await world.show(as, id)).holderName));
}

async function attendeesOf({ orderId }: Bought, as = buyer): Promise<unknown> {
  const asked = { route: 'GET /api/orders/{orderId}', params: { orderId }, token: as.accessToken };
  const { json, status, text } = await call(orders, asked);
  expect(status, text).toBe(200);
  const { attendees } = z.parse(
    z.object({ attendees: z.optional(z.array(z.object({ name: z.nullable(z.string()) }))) }),
    json,
  );
  return attendees?.map(({ name }) => name);
}

async function pdfOf(ticketId: string, as = buyer): Promise<string> {
  const answer = await world.ask(as, 'GET /api/tickets/{ticketId}/pdf', { ticketId });
  expect(answer.status, answer.text).toBe(200);
  const kept = [...world.bucket.objects].findLast(([key]) => key.includes(ticketId));
  return pdfText(kept?.[1].bytes ?? new Uint8Array());
}

async function passOn(id: string, to: TestPerson): Promise<string> {
  await world.ask(buyer, 'POST /api/tickets/{ticketId}/transfer', { ticketId: id }, { email: `to-${id}@example.com` });
  const open = await findOffer(world.db.table, id);
  if (open === undefined) throw new Error('Nothing is offered');
  const link = new URL(offerLink('https://onsale.test', await readKey(USERS_ENV.LINK_KEY_PARAMETER), id, open));
  const token = new URLSearchParams(link.hash.slice(1)).get('token');
  const answer = await world.ask(to, 'POST /api/tickets/{ticketId}/transfer/accept', { ticketId: id }, { token });
  expect(answer.status, answer.text).toBe(200);
  return z.parse(ticketView, answer.json).id;
}

describe('holders who were named with the order', () => {
  it('are on their tickets, in the order of these, and nobody on the others', async () => {
    const two = await bought(['Ada Lovelace', 'Grace Hopper'], buyer, 3);
    expect(await shownNames(two)).toEqual(['Ada Lovelace', 'Grace Hopper', null]);
    expect(await attendeesOf(two)).toEqual(['Ada Lovelace', 'Grace Hopper', null]);
    expect((await world.list(buyer)).slice(0, 3).map(({ holderName }) => holderName)).toEqual([
      'Ada Lovelace',
      'Grace Hopper',
      null,
    ]);
  });

  it('are printed, and shown by the ticket’s link', async () => {
    const { ids } = await bought(['Ada Lovelace']);
    const [id = ''] = ids;
    expect(await pdfOf(id)).toContain('Ada Lovelace');
    const { json } = await world.ask(buyer, 'GET /api/tickets/{ticketId}/link', { ticketId: id });
    const token = new URLSearchParams(new URL(String(json['url'])).hash.slice(1)).get('token');
    expect((await world.ask(undefined, 'POST /api/tickets/show', {}, { token })).json).toMatchObject({
      holderName: 'Ada Lovelace',
    });
  });

  it('are known to organizers of the event and its staff, and their tickets to nobody else', async () => {
    const order = await bought(['Ada Lovelace']);
    const organizer = await signInOrganizer(
      world.db.table,
      USERS_ENV.SESSION_KEYS_PARAMETER,
      world.type.organizationId,
    );
    expect(await attendeesOf(order, organizer)).toEqual(['Ada Lovelace']);
    expect(await shownNames(order, gate)).toEqual(['Ada Lovelace']);
    const { orderId } = order;
    const asked = { route: 'GET /api/orders/{orderId}', params: { orderId }, token: stranger.accessToken };
    expect((await call(orders, asked)).status).toBe(404);
  });

  it('cost an order without names no row, and are not there for it', async () => {
    const none = await bought([], buyer, 1);
    expect([await shownNames(none), await attendeesOf(none)]).toEqual([[null], undefined]);
    expect(await getItem(world.db.table, attendeesKey(none.orderId), 'strong')).toBeUndefined();
  });

  it('are kept until a year after the event once the order is paid', async () => {
    const { orderId } = await bought(['Ada Lovelace']);
    const row = await getItem(world.db.table, attendeesKey(orderId), 'strong');
    expect(Number(row?.['ttl']) * 1_000).toBeGreaterThan(world.type.eventStartsAt + 365 * 24 * 3_600_000);
  });

  it('are in no copy of any row, in clear or sealed', async () => {
    const { orderId, ids } = await bought(['Zacharias Unverwechselbar']);
    await rename(ids[0] ?? '', 'Yolanda Unverwechselbar');
    const rows = await world.db.items();
    expect(JSON.stringify(rows)).not.toContain('Unverwechselbar');
    expect(rows.filter((row) => row['name1'] !== undefined && row['orderId'] === orderId)).toHaveLength(1);
  });
});

describe('while no key can be had', () => {
  const failing = (error: Error): PersonalData => ({
    ...personalDataIn(world.db.table, USERS_ENV),
    persons: async () => {
      throw error;
    },
  });

  it('named tickets are shown without their names, and those without names ask for no key', async () => {
    const [named, nameless] = [await bought(['Ada Lovelace']), await bought([], buyer, 1)];
    const silent = failing(new SecretUnavailableError('KMS did not give a data key'));
    const [withName, without] = await Promise.all(
      [named, nameless].map(async ({ ids }) => findTicket(world.db.table, ids[0] ?? '', 'strong')),
    );
    if (withName === undefined || without === undefined) throw new Error('No ticket');
    expect([...(await namesFor(world.db.table, silent)([withName, without]))]).toEqual([]);
    const strictly = holderNamesOf(world.db.table, silent, [withName]);
    await expect(strictly).rejects.toBeInstanceOf(SecretUnavailableError);
    expect([...(await holderNamesOf(world.db.table, silent, [without]))]).toEqual([]);
  });

  it('what is a bug stays one', async () => {
    const { ids } = await bought(['Ada Lovelace']);
    const ticket = await findTicket(world.db.table, ids[0] ?? '', 'strong');
    if (ticket === undefined) throw new Error('No ticket');
    const broken = namesFor(world.db.table, failing(new Error('sealed elsewhere')));
    await expect(broken([ticket])).rejects.toThrow('sealed elsewhere');
  });
});

describe('naming a holder', () => {
  it('changes the name on a ticket and its print, of an order with names and of one without', async () => {
    for (const names of [['Ada Lovelace'], []]) {
      const order = await bought(names, buyer, 2);
      const [id = ''] = order.ids;
      await pdfOf(id);
      const answer = await rename(id, '  Grace Hopper ');
      expect(answer.json, answer.text).toMatchObject({ holderName: 'Grace Hopper' });
      expect(await shownNames(order)).toEqual(['Grace Hopper', null]);
      expect(await attendeesOf(order)).toEqual(['Grace Hopper', null]);
      expect(await pdfOf(id)).toContain('Grace Hopper');
      expect([...world.bucket.objects.keys()].filter((key) => key.includes(id))).toHaveLength(1);
    }
  });

  it('leaves the code as it is, and says only that somebody was named', async () => {
    const { ids } = await bought(['Ada Lovelace']);
    const [id = ''] = ids;
    const before = await world.show(buyer, id);
    await rename(id, 'Grace Hopper');
    expect((await world.show(buyer, id)).qr).toBe(before.qr);
  });

  it('takes a name away', async () => {
    const order = await bought(['Ada Lovelace', 'Grace Hopper']);
    expect((await rename(order.ids[0] ?? '', null)).json).toMatchObject({ holderName: null });
    expect(await shownNames(order)).toEqual([null, 'Grace Hopper']);
  });

  it('changes nothing where the name is the same', async () => {
    const { ids } = await bought(['Ada Lovelace']);
    const [id = ''] = ids;
    for (let count = 0; count < 25; count += 1) expect((await rename(id, 'Ada Lovelace')).status).toBe(200);
  });

  it('ends with the twentieth name of a ticket', async () => {
    const { ids } = await bought(['Nobody 0']);
    const [id = ''] = ids;
    for (let count = 1; count < 20; count += 1) expect((await rename(id, `Nobody ${count}`)).status).toBe(200);
    expect(await rename(id, 'Nobody 20')).toMatchObject({ status: 409, json: { code: 'TOO_MANY_NAMES' } });
  });

  it('of two tickets of an order at once names both', async () => {
    const order = await bought(['Ada', 'Grace', 'Alan', 'Edsger']);
    const answers = await Promise.all(order.ids.map((id, index) => rename(id, `New ${index}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await shownNames(order)).toEqual(['New 0', 'New 1', 'New 2', 'New 3']);
  });

  it('ends when the ticket is used', async () => {
    const order = await bought(['Ada Lovelace']);
    const [id = ''] = order.ids;
    expect(await world.scan(gate, (await world.show(buyer, id)).qr)).toMatchObject({ result: 'ADMIT' });
    expect(await rename(id, 'Grace Hopper')).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
    expect(await shownNames(order)).toEqual(['Ada Lovelace']);
  });

  it.each([
    ['a stranger', () => stranger, 404],
    ['the gate', () => gate, 404],
  ])('is nothing for %s', async (_who, as, status) => {
    const { ids } = await bought(['Ada Lovelace']);
    expect((await rename(ids[0] ?? '', 'Mallory', as())).status).toBe(status);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['a line break', 'Ada\r\nBcc: everybody@example.com'],
    ['a control character', 'Ada\u0000'],
    ['half a character', 'Ada \ud800'],
    ['more than 300 letters', 'x'.repeat(301)],
    ['a number', 7],
  ])('refuses %s', async (_what, name) => {
    const { ids } = await bought(['Ada Lovelace']);
    expect(await rename(ids[0] ?? '', name)).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT' } });
  });

  it.each([
    '=HYPERLINK("https://evil.example","x")',
    '{{constructor.constructor("return 1")()}}',
    '<script>alert(1)</script>',
    'محمد الخوارزمي',
    '山田太郎',
    '👩‍👩‍👧‍👦 ⚡',
    'x'.repeat(300),
  ])('keeps %s as it is', async (name) => {
    const order = await bought([name]);
    expect(await shownNames(order)).toEqual([name]);
    expect((await pdfOf(order.ids[0] ?? '')).length).toBeGreaterThan(50);
  });
});

describe('a named ticket that changes hands', () => {
  it('shows its new holder by their account, and the name of its place is gone everywhere', async () => {
    const order = await bought(['Ada Lovelace', 'Grace Hopper']);
    const [id = ''] = order.ids;
    await pdfOf(id);
    const friend = await withAccount({ firstName: 'Alan', lastName: 'Turing' });
    const theirs = await passOn(id, friend);
    expect((await world.show(friend, theirs)).holderName).toBe('Alan Turing');
    expect(await pdfOf(theirs, friend)).toContain('Alan Turing');
    expect(await shownNames(order)).toEqual([null, 'Grace Hopper']);
    expect(await attendeesOf(order)).toEqual([null, 'Grace Hopper']);
    const rows = await findAttendees(world.db.table, [order.orderId]);
    const opened = await openAttendees(personalDataIn(world.db.table, USERS_ENV), rows);
    expect([...(opened.get(order.orderId) ?? [])]).toEqual([[2, 'Grace Hopper']]);
    expect(await rename(theirs, 'Mallory', friend)).toMatchObject({ status: 422, json: { code: 'NAME_FROM_PROFILE' } });
    expect(await rename(id, 'Mallory')).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
  });

  it('has either its new holder or its new name, whichever was first, when both come at once', async () => {
    for (let count = 0; count < 6; count += 1) {
      const order = await bought(['Ada Lovelace']);
      const [id = ''] = order.ids;
      const friend = await withAccount({ firstName: 'Alan', lastName: 'Turing' });
      const [theirs, renamed] = await Promise.all([passOn(id, friend), rename(id, 'Grace Hopper')]);
      expect([200, 409]).toContain(renamed.status);
      expect((await world.show(friend, theirs)).holderName).toBe('Alan Turing');
      const row = await getItem(world.db.table, attendeesKey(order.orderId), 'strong');
      expect(row?.['name1']).toBeUndefined();
    }
  });

  it('shows nobody once its new holder is erased', async () => {
    const { ids } = await bought(['Ada Lovelace']);
    const friend = await withAccount();
    const theirs = await passOn(ids[0] ?? '', friend);
    await destroyKey(world.db.table, friend.userId);
    expect((await world.show(gate, theirs)).holderName).toBeNull();
  });

  it('is accepted although its names were dropped meanwhile', async () => {
    const { ids, orderId } = await bought(['Ada Lovelace']);
    await commit(world.db.table, [{ kind: 'delete', key: attendeesKey(orderId), otherwise: () => 'never' }]);
    const theirs = await passOn(ids[0] ?? '', await withAccount());
    expect(theirs).not.toBe(ids[0]);
    expect(await getItem(world.db.table, attendeesKey(orderId), 'strong')).toBeUndefined();
  });
});

describe('names of holders go', () => {
  it('from a ticket that is given back', async () => {
    const order = await bought(['Ada Lovelace']);
    await world.set(order.ids[0] ?? '', { status: 'ARCHIVED' });
    expect(await shownNames(order)).toEqual([null]);
  });

  it('from all tickets of a buyer who is erased, who stay valid', async () => {
    const once = await withAccount();
    const order = await bought(['Ada Lovelace'], once);
    const [id = ''] = order.ids;
    const { qr } = await world.show(gate, id);
    await destroyKey(world.db.table, once.userId);
    expect(await shownNames(order, gate)).toEqual([null]);
    expect(await world.scan(gate, qr)).toMatchObject({ result: 'ADMIT' });
  });
});
