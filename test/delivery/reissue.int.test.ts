import jsqr from 'jsqr';
import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { verdict } from '../../functions/access/contract.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { ticketArchived, ticketView, type TicketView } from '../../functions/delivery/contract.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { forgetDocumentsOf } from '../../functions/delivery/kept-documents.ts';
import { findTicket } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { ticketTypeKey } from '../../functions/inventory/keys.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { tellingPhones } from '../../functions/notifications/pass-consumers.ts';
import { s3Objects } from '../../functions/shared/runtime/object-store.ts';
import { envelopeOf } from '../../functions/shared/runtime/events.ts';
import { consumerOf } from '../../functions/shared/runtime/queue.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { personalDataIn } from '../../functions/users/recipients.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { TestBucket } from '../support/bucket.ts';
import { startTestTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { apiEvent, call, TEST_CONTEXT, type TestAnswer } from '../support/http.ts';
import { randomKey, randomKeyRing, serveParameters, type TestParameters } from '../support/parameters.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { HOLDERS_ENV } from './holders-world.ts';
import { placePaidOrder } from './paid-order.ts';
import { pdfText, renderPdf } from './pixels.ts';

const now = Date.now();
let db: TestTable;
let parameters: TestParameters;
let tickets: HttpHandler;
let holders: HttpHandler;
let gates: HttpHandler;
let bucket: TestBucket;
let type: TicketTypeCopy;
let buyer: TestPerson;
let stranger: TestPerson;
let support: TestPerson;
let gate: TestPerson;

const parameterSeed = { value: randomKey() };

beforeAll(async () => {
  db = await startTestTable();
  bucket = new TestBucket();
  parameters = await serveParameters({
    '/session-keys': randomKeyRing(),
    '/seed': parameterSeed.value,
    '/cursor': randomKey(),
    '/rotated': `${randomKey()},${parameterSeed.value}`,
  });
  useTestEnvironment(db, {
    SESSION_KEYS_PARAMETER: '/session-keys',
    TICKET_SEED_PARAMETER: '/seed',
    CURSOR_KEY_PARAMETER: '/cursor',
    DOCUMENTS_BUCKET: 'documents',
    ...HOLDERS_ENV,
  });
  ({ handler: tickets } = await import('../../functions/delivery/handlers/http-tickets.ts'));
  ({ handler: holders } = await import('../../functions/delivery/handlers/http-holders.ts'));
  // The gate has read the parameter after a rotation; whoever shows tickets still has the seed from before it.
  process.env['TICKET_SEED_PARAMETER'] = '/rotated';
  ({ handler: gates } = await import('../../functions/access/handlers/http-scan.ts'));
  type = await putOnSale(db.table, now, { capacity: 100 });
  const { organizationId } = type;
  [buyer, stranger, support, gate] = await Promise.all([
    signIn(db.table, '/session-keys', { roles: ['customer'] }),
    signIn(db.table, '/session-keys', { roles: ['customer'] }),
    signIn(db.table, '/session-keys', { roles: ['support'] }),
    signIn(db.table, '/session-keys', {
      roles: ['customer', 'staff'],
      memberships: [{ organizationId, post: 'gate' }],
    }),
  ]);
});
afterAll(async () => {
  bucket.close();
  await parameters.close();
  await db.drop();
});

async function newTicket(): Promise<string> {
  const order = await placePaidOrder(db.table, now, { lines: [{ type, quantity: 1 }], customerId: buyer.userId });
  await issueTickets(db.table, order.orderId, { now, correlationId: 'test', by: 'system' });
  return ticketIdOf(order.orderId, '1', 0);
}
async function show(ticketId: string): Promise<TicketView> {
  const answer = await call(tickets, {
    route: 'GET /api/tickets/{ticketId}',
    token: buyer.accessToken,
    params: { ticketId },
  });
  return z.parse(ticketView, answer.json);
}
const reissue = (ticketId: string, as = buyer, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  call(holders, {
    route: 'POST /api/tickets/{ticketId}/reissue',
    token: as.accessToken,
    params: { ticketId },
    body: {},
    headers,
  });
async function scan(qr: string | null): Promise<z.infer<typeof verdict>> {
  const answer = await call(gates, { route: 'POST /api/tickets/validate', token: gate.accessToken, body: { qr } });
  return z.parse(verdict, answer.json);
}

it('supersedes the code that was out, at once, and the new one admits (I16, failure 48)', async () => {
  const id = await newTicket();
  const before = await show(id);
  const answer = await reissue(id);
  expect(answer.status, answer.text).toBe(200);
  const after = z.parse(ticketView, answer.json);
  expect(after.id).toBe(id);
  expect(after.qr).not.toBe(before.qr);
  expect(await scan(before.qr)).toMatchObject({ result: 'REFUSE', reason: 'SUPERSEDED' });
  expect(await scan(after.qr)).toMatchObject({ result: 'ADMIT' });
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(2);
});

async function pdf(id: string, query: Record<string, string> = {}): Promise<Uint8Array> {
  const params = { ticketId: id };
  const event = { route: 'GET /api/tickets/{ticketId}/pdf', token: buyer.accessToken, params, query };
  const { body, statusCode } = await holders(apiEvent(event), TEST_CONTEXT);
  expect(statusCode).toBe(200);
  return Buffer.from(body ?? '', 'base64');
}
const kept = (id: string): string[] => [...bucket.objects.keys()].filter((key) => key.includes(id));

it('puts the new code into the PDF, and what was kept of the old one goes', async () => {
  const id = await newTicket();
  await pdf(id);
  await pdf(id, { format: 'stock', language: 'de' });
  expect(kept(id)).toHaveLength(2);
  const { qr } = z.parse(ticketView, (await reissue(id)).json);
  expect(kept(id)).toEqual([]);
  const [page] = await renderPdf(await pdf(id));
  expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(qr);
});

it('is drawn once and then kept, by version, format and language, below its holder', async () => {
  const id = await newTicket();
  const [first, second] = [await pdf(id), await pdf(id)];
  expect(Buffer.compare(first, second)).toBe(0);
  expect(kept(id)).toEqual([`documents/${buyer.userId}/${id}/1-a4-en.pdf`]);
  const before = bucket.writes;
  await pdf(id);
  expect(bucket.writes).toBe(before);
});

it('is drawn anew when what it says has changed', async () => {
  const id = await newTicket();
  await pdf(id);
  const before = bucket.writes;
  const key = ticketTypeKey(type.ticketTypeId);
  const rename = (eventTitle: string): Promise<unknown> =>
    commit(db.table, [{ kind: 'update', key, set: { eventTitle }, otherwise: mustHold('fixture') }]);
  await rename('Moved Lights');
  expect(await pdfText(await pdf(id))).toContain('Moved Lights');
  expect(bucket.writes).toBe(before + 1);
  await rename(type.eventTitle);
});

it('is served though the bucket does not answer', async () => {
  const id = await newTicket();
  bucket.fail();
  try {
    expect((await pdf(id)).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await reissue(id)).status).toBe(200);
  } finally {
    bucket.heal();
  }
});

it('is printed in known formats alone', async () => {
  const params = { ticketId: await newTicket() };
  const route = 'GET /api/tickets/{ticketId}/pdf';
  const asked = (query: Record<string, string>, as = buyer): Promise<TestAnswer> =>
    call(holders, { route, token: as.accessToken, params, query });
  expect((await asked({ format: 'letter' })).status).toBe(400);
  expect((await asked({ language: 'tlh' })).status).toBe(400);
  expect((await asked({}, stranger)).status).toBe(404);
});

it('goes with its holder’s erasure', async () => {
  const id = await newTicket();
  await pdf(id);
  await forgetDocumentsOf(s3Objects('documents'), buyer.userId);
  expect([...bucket.objects.keys()].filter((key) => key.includes(buyer.userId))).toEqual([]);
});

/** What follows a ticket that was given up, by a refund or with its event. */
async function archived(ticketId: string): Promise<void> {
  const deps = {
    table: db.table,
    personalData: personalDataIn(db.table, { PERSONAL_DATA_KEY_PARAMETER: '', PERSONAL_DATA_KMS_KEY: '' }),
    applePassKey: '',
    applePassCertificates: '',
    applePushUrl: '',
    store: s3Objects('documents'),
  };
  const ticket = await findTicket(db.table, ticketId, 'strong');
  if (ticket === undefined) throw new Error('There is no such ticket');
  const mailing = consumerOf(ticketArchived, async () => undefined);
  const consumer = tellingPhones(deps, [mailing]).find(({ name }) => name === ticketArchived.name);
  await consumer?.consume(envelopeOf(ticketArchived, { type: 'ticket', id: ticketId }, ticket));
}

it('goes once its ticket was given up, however often that is told, and no other with it', async () => {
  const [id, other] = [await newTicket(), await newTicket()];
  await pdf(id);
  await pdf(id, { format: 'stock' });
  await pdf(other);
  await archived(id);
  await archived(id);
  expect(kept(id)).toEqual([]);
  expect(kept(other)).toHaveLength(1);
});

it('stays until the bucket deletes it, and stops nothing, where it cannot be removed', async () => {
  const id = await newTicket();
  await pdf(id);
  bucket.fail();
  try {
    await expect(archived(id)).resolves.toBeUndefined();
  } finally {
    bucket.heal();
  }
  expect(kept(id)).toHaveLength(1);
});

it('is done once for one idempotency key, however often it is asked for', async () => {
  const id = await newTicket();
  const key = { 'idempotency-key': 'lost-phone' };
  const answers = await Promise.all(Array.from({ length: 6 }, () => reissue(id, buyer, key)));
  expect(new Set(answers.map(({ json }) => json['qr'])).size).toBe(1);
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(2);
  await reissue(id);
  await reissue(id, buyer, { 'idempotency-key': 'another' });
  expect((await findTicket(db.table, id, 'strong'))?.ticketVersion).toBe(4);
});

it('leaves one code that admits when many ask at once', async () => {
  const id = await newTicket();
  const answers = await Promise.all(Array.from({ length: 5 }, () => reissue(id)));
  const issued = answers.flatMap(({ status, json }) => (status === 200 ? [String(json['qr'])] : []));
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const verdicts = [];
  for (const qr of new Set(issued)) verdicts.push((await scan(qr)).result);
  expect(verdicts.filter((result) => result === 'ADMIT')).toHaveLength(1);
});

it('either admits by the old code or gives a new one, never both, when the gate and the holder meet', async () => {
  for (let round = 0; round < 8; round += 1) {
    const id = await newTicket();
    const { qr } = await show(id);
    const [seen, answer] = await Promise.all([scan(qr), reissue(id)]);
    const anew = answer.status === 200 ? (await scan(String(answer.json['qr']))).result : 'REFUSE';
    expect([seen.result, anew].filter((result) => result === 'ADMIT')).toHaveLength(1);
  }
});

it('is refused for a ticket that has been used, and does not exist for a stranger (failure 59)', async () => {
  const id = await newTicket();
  expect(await reissue(id, stranger)).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
  expect((await reissue(id, gate)).status).toBe(404);
  expect((await reissue(id, support)).status).toBe(200);
  expect((await reissue(ulid(), buyer)).status).toBe(404);
  await scan((await show(id)).qr);
  expect(await reissue(id)).toMatchObject({ status: 409, json: { code: 'TICKET_NOT_VALID' } });
});

it('has an end: a ticket is not given new codes for ever', async () => {
  const id = await newTicket();
  let last = await reissue(id);
  for (let count = 0; count < 30 && last.status === 200; count += 1) last = await reissue(id);
  expect(last).toMatchObject({ status: 409, json: { code: 'TOO_MANY_REISSUES' } });
});

it('admits tickets that are out when the seed is rotated (failure 52)', async () => {
  // Signed under the seed from before; the gate reads the new one first.
  const { qr } = await show(await newTicket());
  expect(await scan(qr)).toMatchObject({ result: 'ADMIT' });
});
