import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ticketView } from '../../functions/delivery/contract.ts';
import { offerLink } from '../../functions/delivery/offers.ts';
import { readTicketsOf } from '../../functions/delivery/operations.ts';
import { findOffer, findTicket, findTicketsOf } from '../../functions/delivery/reads.ts';
import { archiveTicket } from '../../functions/delivery/writes.ts';
import { personLimitKey } from '../../functions/inventory/keys.ts';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { readTicketSeeds, verifyQr } from '../../functions/delivery/codes.ts';
import { ticketTypeKey } from '../../functions/inventory/keys.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { readKey } from '../../functions/shared/runtime/secrets.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { getItem } from '../../functions/shared/table/read.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import type { TestAnswer } from '../support/http.ts';
import type { TestPerson } from '../support/sessions.ts';
import { givenAccount, USERS_ENV } from '../users/accounts.ts';
import { HoldersWorld } from './holders-world.ts';

let world: HoldersWorld;
let giver: TestPerson;
let friend: TestPerson;
let stranger: TestPerson;
let gate: TestPerson;

beforeAll(async () => {
  world = await HoldersWorld.start();
  [giver, friend, stranger, gate] = await Promise.all([
    world.person(),
    world.person(),
    world.person(),
    world.gatekeeper(),
  ]);
});
afterAll(() => world.close());

const OFFER = 'POST /api/tickets/{ticketId}/transfer';
const ACCEPT = 'POST /api/tickets/{ticketId}/transfer/accept';
const CANCEL = 'POST /api/tickets/{ticketId}/transfer/cancel';
let addresses = 0;
const nextAddress = (): string => `friend-${(addresses += 1)}@example.com`;

const offer = (
  ticketId: string,
  email = nextAddress(),
  headers: Record<string, string> = {},
  as = giver,
): Promise<TestAnswer> => world.ask(as, OFFER, { ticketId }, { email }, headers);
const accept = (ticketId: string, token?: string, as = friend): Promise<TestAnswer> =>
  world.ask(as, ACCEPT, { ticketId }, token === undefined ? {} : { token });
const cancel = (ticketId: string, as = giver): Promise<TestAnswer> => world.ask(as, CANCEL, { ticketId }, {});

/** The token of the mail that an offer leads to. */
async function tokenFor(ticketId: string): Promise<string> {
  const open = await findOffer(world.db.table, ticketId);
  if (open === undefined) throw new Error('Nothing is offered');
  const { hash } = new URL(
    offerLink('https://onsale.test', await readKey(USERS_ENV.LINK_KEY_PARAMETER), ticketId, open),
  );
  return new URLSearchParams(hash.slice(1)).get('token') ?? '';
}

/** A ticket of the giver that is offered, with the token of its mail. */
async function offered(type = world.type): Promise<{ readonly id: string; readonly token: string }> {
  const id = await world.ticketOf(giver, type);
  const answer = await offer(id);
  expect(answer.status, answer.text).toBe(202);
  return { id, token: await tokenFor(id) };
}

describe('passing a ticket on', () => {
  it('gives who accepts a ticket with a code of its own; the old code is dead at once (I16, failure 48)', async () => {
    const { id, token } = await offered();
    const before = await world.show(giver, id);
    expect(before).toMatchObject({ status: 'VALID' });
    const answer = await accept(id, token);
    expect(answer.status, answer.text).toBe(200);
    const mine = z.parse(ticketView, answer.json);
    expect(mine).toMatchObject({ customerId: friend.userId, status: 'VALID', ticketNumber: before.ticketNumber });
    expect(mine.id).not.toBe(id);
    expect(mine.code).not.toBe(before.code);
    expect(await world.scan(gate, before.qr)).toMatchObject({ result: 'REFUSE', reason: 'SUPERSEDED' });
    expect(await world.scan(gate, mine.qr)).toMatchObject({ result: 'ADMIT' });
    expect(await world.show(giver, id)).toMatchObject({ status: 'TRANSFERRED', qr: null, qrImage: null });
  });

  it('goes by the times that its event has now: past the old end, with a code that says the new one', async () => {
    const over = await putOnSale(world.db.table, world.now, { capacity: 5, eventStartsAt: world.now - 2 * DAY });
    const id = await world.ticketOf(giver, over);
    expect((await offer(id)).json).toMatchObject({ code: 'TICKET_NOT_VALID' });
    const startsAt = world.now + 40 * DAY;
    const moved = { ...over, eventStartsAt: startsAt };
    const { ticketTypeId } = over;
    await world.db.table.client.send(
      new PutCommand({ TableName: world.db.table.name, Item: { ...ticketTypeKey(ticketTypeId), ...moved } }),
    );
    const seeds = await readTicketSeeds('/seed');
    const answer = await offer(id);
    expect(answer.status, answer.text).toBe(202);
    const accepted = await accept(id, await tokenFor(id));
    expect(accepted.status, accepted.text).toBe(200);
    const mine = z.parse(ticketView, accepted.json);
    const code = verifyQr(seeds, mine.qr ?? '');
    expect(code).toMatchObject({ ok: true, value: { validUntil: Math.floor((startsAt + DAY) / 1_000) * 1_000 } });
  });

  it('admits its giver until it is accepted, and nobody else after that', async () => {
    const { id, token } = await offered();
    const { qr } = await world.show(giver, id);
    expect(await world.scan(gate, qr)).toMatchObject({ result: 'ADMIT' });
    expect(await accept(id, token)).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
  });

  it('shows it in the new holder’s list and the old one as passed on in the giver’s', async () => {
    const person = await world.person();
    const { id, token } = await offered();
    const mine = z.parse(ticketView, (await accept(id, token, person)).json);
    const theirs = await world.list(person);
    expect(theirs.map((each) => [each.id, each.status])).toEqual([[mine.id, 'VALID']]);
    const former = (await world.list(giver)).find((each) => each.id === id);
    expect(former?.status).toBe('TRANSFERRED');
    // Whose it is now is nobody's business but theirs.
    expect((await world.list(giver)).map((each) => each.id)).not.toContain(mine.id);
    expect((await world.show(person, mine.id)).qr).not.toBeNull();
  });

  it('is accepted without the mail by an account with the address that it went to, and by no other', async () => {
    const email = nextAddress();
    const userId = await givenAccount(world.db.table, { email });
    const own = await world.personWith(userId);
    const id = await world.ticketOf(giver);
    await offer(id, email.toUpperCase());
    expect((await accept(id, undefined, stranger)).json).toMatchObject({
      status: 410,
      code: 'TOKEN_INVALID_OR_EXPIRED',
    });
    expect((await accept(id, undefined, own)).status).toBe(200);
  });

  it('keeps neither address nor token on the ticket, in its timeline or in what is left of the offer', async () => {
    const { id, token } = await offered();
    await accept(id, token);
    const rows = (await world.db.items()).filter(({ pk }) => String(pk).includes(id));
    expect(JSON.stringify(rows)).not.toContain('@example.com');
    expect(rows.some(({ sk }) => sk === 'OFFER')).toBe(false);
    expect(JSON.stringify(await world.db.items())).not.toContain(token);
  });

  it('goes on to others, five times at most', async () => {
    const people = [giver, ...(await Promise.all(Array.from({ length: 6 }, () => world.person())))];
    let id = await world.ticketOf(giver);
    const hand = async (from: TestPerson, next: TestPerson): Promise<string> => {
      const answer = await offer(id, nextAddress(), {}, from);
      if (answer.status !== 202) return String(answer.json['code']);
      const accepted = await accept(id, await tokenFor(id), next);
      id = String(accepted.json['id']);
      return String(accepted.status);
    };
    const outcomes: string[] = [];
    for (const [index, next] of people.slice(1).entries()) outcomes.push(await hand(people[index] ?? giver, next));
    expect(outcomes).toEqual(['200', '200', '200', '200', '200', 'TOO_MANY_TRANSFERS']);
  });
});

describe('an offer', () => {
  it('ends when its giver takes it back: the link is dead, the ticket is as before', async () => {
    const { id, token } = await offered();
    const { qr } = await world.show(giver, id);
    expect((await cancel(id)).status).toBe(204);
    expect((await cancel(id)).status).toBe(204);
    expect(await accept(id, token)).toMatchObject({ status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } });
    expect((await world.show(giver, id)).qr).toBe(qr);
    expect((await offer(id)).status).toBe(202);
    expect((await accept(id, token)).status).toBe(410);
    expect((await accept(id, await tokenFor(id))).status).toBe(200);
    expect(await cancel(id)).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
  });

  it('ends by itself after seven days, and another may be made', async () => {
    const { id, token } = await offered();
    const found = await findTicket(world.db.table, id, 'strong');
    expect(found?.offer?.until).toBeLessThanOrEqual(Date.now() + 7 * DAY);
    await world.set(id, { offer: { offerId: found?.offer?.offerId ?? '', until: Date.now() - 1 } });
    expect((await accept(id, token)).status).toBe(410);
    expect((await offer(id)).status).toBe(202);
  });

  it('is one at a time; the same key is answered the same', async () => {
    const id = await world.ticketOf(giver);
    const [email, key] = [nextAddress(), { 'idempotency-key': 'give' }];
    const answers = await Promise.all(Array.from({ length: 5 }, () => offer(id, email, key)));
    expect(new Set(answers.map(({ status, json }) => `${status} ${String(json['offerId'])}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(await offer(id)).toMatchObject({ status: 409, json: { code: 'TICKET_OFFERED_ALREADY' } });
  });

  it('is made, taken back and seen by the holder alone', async () => {
    const { id } = await offered();
    for (const as of [stranger, gate]) {
      expect((await offer(id, nextAddress(), {}, as)).json['code']).toBe('TICKET_NOT_FOUND');
      expect((await cancel(id, as)).json['code']).toBe('TICKET_NOT_FOUND');
    }
    expect((await accept(id, 'A'.repeat(64), stranger)).status).toBe(410);
    expect((await accept(ulid(), await tokenFor(id), stranger)).status).toBe(410);
  });

  it('is nothing for its giver to accept', async () => {
    const { id, token } = await offered();
    expect(await accept(id, token, giver)).toMatchObject({ status: 409, json: { code: 'TICKET_IS_YOURS' } });
  });

  it.each([
    '',
    'nobody',
    'a@b@c',
    'x\r\nBcc: victim@example.com',
    '{{constructor}}@x',
    `${'a'.repeat(400)}@example.com`,
  ])('is not made to %j', async (email) => {
    const id = await world.ticketOf(giver);
    expect((await offer(id, email)).status).toBe(400);
    expect((await findTicket(world.db.table, id, 'strong'))?.ver).toBe(1);
  });

  it('is not made of a ticket that is used or given back', async () => {
    const id = await world.ticketOf(giver);
    await world.scan(gate, (await world.show(giver, id)).qr);
    expect((await offer(id)).json['code']).toBe('TICKET_NOT_VALID');
  });
});

describe('races', () => {
  it('of two who accept, one has the ticket; the other, and whoever comes later, nothing', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, token } = await offered();
      const answers = await Promise.all([accept(id, token, friend), accept(id, token, stranger)]);
      expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '410']);
    }
  });

  it('of one who accepts twice, both answers are the same ticket', async () => {
    const { id, token } = await offered();
    const answers = await Promise.all([accept(id, token), accept(id, token), accept(id, token)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1);
    expect((await accept(id, token)).json['id']).toBe(answers[0]?.json['id']);
  });

  it('of accepting and taking back, one happens', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, token } = await offered();
      const [accepted, taken] = await Promise.all([accept(id, token), cancel(id)]);
      const outcome = [accepted.status, taken.status];
      expect([
        [200, 409],
        [410, 204],
      ]).toContainEqual(outcome);
      const { status } = await world.show(giver, id);
      expect(status).toBe(accepted.status === 200 ? 'TRANSFERRED' : 'VALID');
    }
  });

  it('of accepting and the gate, one happens: nobody goes in on both codes', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { id, token } = await offered();
      const { qr } = await world.show(giver, id);
      const [accepted, seen] = await Promise.all([accept(id, token), world.scan(gate, qr)]);
      const mine = accepted.status === 200 ? await world.scan(gate, String(accepted.json['qr'])) : {};
      expect([seen['result'], mine['result']].filter((result) => result === 'ADMIT')).toHaveLength(1);
    }
  });

  it('of accepting and giving back, one happens: no live ticket is left of a refunded one', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { id, token } = await offered();
      const ticket = await findTicket(world.db.table, id, 'strong');
      if (ticket === undefined) throw new Error('The ticket is gone');
      const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };
      const refund = commit(world.db.table, [archiveTicket(ticket, occasion, () => 'MOVED_ON' as const)]);
      const [accepted, archived] = await Promise.all([accept(id, token), refund]);
      expect(archived.ok).toBe(accepted.status !== 200);
      const { status } = await world.show(giver, id);
      expect(status).toBe(archived.ok ? 'ARCHIVED' : 'TRANSFERRED');
    }
  });

  it('of accepting and a new code, whatever happens first, one code admits', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, token } = await offered();
      const reissue = world.ask(giver, 'POST /api/tickets/{ticketId}/reissue', { ticketId: id }, {});
      const [accepted, renewed] = await Promise.all([accept(id, token), reissue]);
      const codes = [accepted, renewed].flatMap(({ status, json }) => (status === 200 ? [String(json['qr'])] : []));
      const verdicts = [];
      for (const qr of codes) verdicts.push((await world.scan(gate, qr))['result']);
      expect(verdicts.filter((result) => result === 'ADMIT')).toHaveLength(1);
    }
  });
});

describe('giving back what was passed on', () => {
  it('is not for who has given it away, and takes it from whoever has it where the organizer does', async () => {
    const order = await world.bought(giver, 2);
    const [kept, given] = await findTicketsOf(world.db.table, [order], 'strong');
    await offer(given?.ticketId ?? '');
    const mine = z.parse(ticketView, (await accept(given?.ticketId ?? '', await tokenFor(given?.ticketId ?? ''))).json);
    const tickets = await readTicketsOf(world.db.table, order, Date.now());
    expect([tickets.use('1', 0), tickets.use('1', 1)]).toEqual(['VALID', 'USED']);
    const occasion = { now: Date.now(), correlationId: 'test', by: 'system' };
    await commit(world.db.table, tickets.giveUp('1', 1, occasion, mustHold('nothing else changes it')));
    expect(await world.scan(gate, mine.qr)).toMatchObject({ result: 'REFUSE', reason: 'CANCELLED' });
    expect((await findTicket(world.db.table, kept?.ticketId ?? '', 'strong'))?.status).toBe('VALID');
    expect((await readTicketsOf(world.db.table, order, Date.now())).use('1', 1)).toBe('GONE');
  });

  it('is impossible while the bank decides about the payment: a frozen ticket stays where it is', async () => {
    const { id, token } = await offered();
    await world.set(id, { frozen: true });
    expect(await accept(id, token)).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
  });
});

describe('limits per person', () => {
  it('count what somebody receives, and free what they pass on (I12)', async () => {
    const type = await putOnSale(world.db.table, world.now, { capacity: 50, maxPerPerson: 1 });
    const { ticketTypeId } = type;
    const held = async (personId: string): Promise<unknown> =>
      (await getItem(world.db.table, personLimitKey(ticketTypeId, personId), 'strong'))?.['held'] ?? 0;
    const [first, second] = await Promise.all([world.person(), world.person()]);
    const one = await offered(type);
    expect((await accept(one.id, one.token, first)).status).toBe(200);
    expect(await held(first.userId)).toBe(1);
    const two = await offered(type);
    expect(await accept(two.id, two.token, first)).toMatchObject({
      status: 422,
      json: { code: 'LIMIT_EXCEEDED', limit: 1 },
    });
    // The refused one is still to be had by who may have it.
    expect((await accept(two.id, two.token, second)).status).toBe(200);
    const mine = (await world.list(first))[0]?.id ?? '';
    await offer(mine, nextAddress(), {}, first);
    const third = await world.person();
    expect((await accept(mine, await tokenFor(mine), third)).status).toBe(200);
    expect([await held(first.userId), await held(third.userId)]).toEqual([0, 1]);
  });
});
