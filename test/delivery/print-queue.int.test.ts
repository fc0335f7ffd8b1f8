import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { claimPrints, queuePrints, settlePrint } from '../../functions/delivery/app/print-queue.ts';
import { findPrintJob, openPrintJobs } from '../../functions/delivery/reads.ts';
import { relayOf, timelineEntries } from '../../functions/outbox/domain/relay.ts';
import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { marked } from '../../functions/shared/table/aggregate.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { interrupted } from '../support/interrupted.ts';
import { signIn, type TestPerson } from '../support/sessions.ts';
import { USERS_ENV } from '../users/accounts.ts';
import { HoldersWorld } from './holders-world.ts';

let world: HoldersWorld;
let clerk: TestPerson;
let buyer: TestPerson;

beforeAll(async () => {
  world = await HoldersWorld.start();
});
afterAll(() => world.close());
beforeEach(async () => {
  // A queue of its own for each test.
  world.type = await putOnSale(world.db.table, Date.now(), { capacity: 50 });
  await world.putEvent();
  [clerk, buyer] = await Promise.all([staff('box-office', world.type.organizationId), world.person()]);
});

const staff = (post: 'box-office' | 'gate', organizationId: string): Promise<TestPerson> =>
  signIn(world.db.table, USERS_ENV.SESSION_KEYS_PARAMETER, {
    roles: ['customer', 'staff'],
    memberships: [{ organizationId, post }],
  });

const QUEUE = 'POST /api/events/{eventId}/print-jobs';
const LIST = 'GET /api/events/{eventId}/print-jobs';
const CLAIM = 'POST /api/events/{eventId}/print-jobs/claim';
const RESULT = 'POST /api/events/{eventId}/print-jobs/{printJobId}/result';

function ask(
  route: string,
  body?: unknown,
  as: TestPerson = clerk,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  return call(world.tickets, {
    route,
    token: as.accessToken,
    params: { eventId: world.type.eventId, ...params },
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

type Job = Readonly<Record<string, unknown>> & { readonly id: string; readonly leaseId: string };
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract's schema is what the route answers by
const itemsOf = ({ json }: TestAnswer): readonly Job[] => json['items'] as readonly Job[];

async function claim(station: string, most = 1, as = clerk): Promise<readonly Job[]> {
  const answer = await ask(CLAIM, { station, most }, as);
  expect(answer.status, answer.text).toBe(200);
  return itemsOf(answer);
}

const settle = (jobId: string, body: unknown, as = clerk) => ask(RESULT, body, as, { printJobId: jobId });

const occasion = (now: number) => ({ now, correlationId: 'test', by: 'system' }) as const;

describe('the print queue of a box office', () => {
  it('goes from the counter to paper: queued, taken, fetched as a PDF of ticket stock, acknowledged', async () => {
    const ticketId = await world.ticketOf(buyer);
    const [queued] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }));
    expect(queued).toMatchObject({ ticketId, state: 'WAITING', format: 'stock', copy: 1, reprint: null, attempts: 0 });
    expect(itemsOf(await ask(LIST))).toEqual([queued]);
    const [taken] = await claim('Window 2');
    expect(taken).toMatchObject({ id: queued?.id, state: 'CLAIMED', station: 'Window 2', attempts: 1 });
    const url = new URL(String(taken?.['documentUrl']), 'https://onsale.test');
    expect(url.pathname).toBe(`/api/tickets/${ticketId}/pdf`);
    const pdf = await call(world.holders, {
      route: 'GET /api/tickets/{ticketId}/pdf',
      params: { ticketId },
      query: Object.fromEntries(url.searchParams),
      token: clerk.accessToken,
    });
    expect([pdf.status, pdf.headers['content-type']]).toEqual([200, 'application/pdf']);
    const done = { leaseId: taken?.leaseId, outcome: 'PRINTED' };
    expect((await settle(taken?.id ?? '', done)).json).toMatchObject({ state: 'PRINTED', leaseUntil: null });
    // Said again, as after a lost answer, it is the same; and nothing waits any more.
    expect((await settle(taken?.id ?? '', done)).json).toMatchObject({ state: 'PRINTED' });
    expect((await settle(taken?.id ?? '', { ...done, outcome: 'FAILED', failure: 'PAPER' })).json).toMatchObject({
      code: 'PRINT_LEASE_LOST',
    });
    expect(itemsOf(await ask(LIST))).toEqual([]);
  });

  it('prints a ticket twice only with a reason, counts it, and keeps who asked, took and printed', async () => {
    const ticketId = await world.ticketOf(buyer);
    const print = async (): Promise<void> => {
      const [job] = await claim('A');
      expect((await settle(job?.id ?? '', { leaseId: job?.leaseId, outcome: 'PRINTED' })).status).toBe(200);
    };
    await ask(QUEUE, { ticketIds: [ticketId] });
    await print();
    const again = await ask(QUEUE, { ticketIds: [ticketId, await world.ticketOf(buyer)] });
    expect(again).toMatchObject({ status: 409, json: { code: 'TICKET_PRINTED_ALREADY', ticketIds: [ticketId] } });
    // All or none: the other ticket was not queued either.
    expect(itemsOf(await ask(LIST))).toEqual([]);
    const [second] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId], reprint: 'DAMAGED' }));
    expect(second).toMatchObject({ copy: 2, reprint: 'DAMAGED' });
    await print();
    const [third] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId], reprint: 'LOST' }));
    expect(third).toMatchObject({ copy: 3, reprint: 'LOST' });
    // Each change of a job is an event that its timeline keeps, with its actor.
    const row = await findPrintJob(world.db.table, second?.id ?? '');
    if (row === undefined) throw new Error('No job');
    expect(row).toMatchObject({ ver: 3, ev: 'delivery.TicketPrinted.v1', by: clerk.userId, copy: 2, station: 'A' });
    expect(relayOf({ before: undefined, after: marked(row) })).toBeUndefined();
    expect(timelineEntries([{ before: undefined, after: marked(row) }])[0]?.key.pk).toBe(`PRINTJOB#${row.jobId}`);
  });

  it('queues a ticket once however often and at once it is asked to', async () => {
    const ticketIds = [await world.ticketOf(buyer), await world.ticketOf(buyer)];
    const asked = await Promise.all([1, 2, 3, 4].map(() => ask(QUEUE, { ticketIds })));
    expect(new Set(asked.map((answer) => JSON.stringify(itemsOf(answer).map(({ id }) => id)))).size).toBe(1);
    expect(itemsOf(await ask(LIST))).toHaveLength(2);
    // By its key also once it is on paper.
    const ticketId = await world.ticketOf(buyer);
    const key = { 'idempotency-key': ulid() };
    const [first] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }, clerk, {}, key));
    for (const job of await claim('A', 10)) await settle(job.id, { leaseId: job.leaseId, outcome: 'PRINTED' });
    const [same] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }, clerk, {}, key));
    expect(same).toMatchObject({ id: first?.id, state: 'PRINTED' });
    expect(itemsOf(await ask(LIST))).toEqual([]);
  });

  it('gives each job to one of many stations, the oldest first', async () => {
    const order = await world.bought(buyer, 6);
    const tickets = (await world.list(buyer)).filter(({ orderId }) => orderId === order.orderId);
    for (const { id } of tickets.slice(0, 6)) await ask(QUEUE, { ticketIds: [id] });
    const waiting = itemsOf(await ask(LIST)).map(({ id }) => id);
    expect((await claim('First')).map(({ id }) => id)).toEqual(waiting.slice(0, 1));
    const taken = (await Promise.all(['A', 'B', 'C', 'D'].map((station) => claim(station, 5)))).flat();
    const ids = taken.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // Whoever lost a race may have got fewer; nothing is lost by it.
    const rest = (await claim('E', 10)).map(({ id }) => id);
    expect([...waiting.slice(0, 1), ...ids, ...rest].toSorted()).toEqual(waiting.toSorted());
  });

  it('leaves a job to the next station when its lease has ended, after which the first has lost it', async () => {
    const ticketId = await world.ticketOf(buyer);
    const { eventId } = world.type;
    const { table } = world.db;
    const now = Date.now();
    await queuePrints(table, { eventId, ticketIds: [ticketId], format: 'stock', language: 'en' }, occasion(now));
    const take = (station: string, at: number) => claimPrints(table, { eventId, station, most: 1 }, occasion(at));
    const [first] = await take('A', now);
    expect(await take('B', now + 2 * MINUTE - 1)).toEqual([]);
    const [second] = await take('B', now + 2 * MINUTE);
    expect(second).toMatchObject({ jobId: first?.jobId, station: 'B', attempts: 2 });
    const printed = async (leaseId = '') => {
      if (second === undefined) throw new Error('Nothing was taken');
      return settlePrint(table, second, { leaseId, outcome: 'PRINTED' }, occasion(now));
    };
    expect(await printed(first?.leaseId)).toMatchObject({ ok: false, error: { code: 'PRINT_LEASE_LOST' } });
    // Late, but nobody has taken it since: the paper is there.
    expect(await printed(second?.leaseId)).toMatchObject({ ok: true, value: { state: 'PRINTED' } });
  });

  it('whose paper comes out while the next station takes the job counts one print', async () => {
    const ticketId = await world.ticketOf(buyer);
    const { eventId } = world.type;
    const { table } = world.db;
    const now = Date.now();
    await queuePrints(table, { eventId, ticketIds: [ticketId], format: 'stock', language: 'en' }, occasion(now));
    const [job] = await claimPrints(table, { eventId, station: 'A', most: 1 }, occasion(now));
    const slow = interrupted(world.db, () =>
      claimPrints(table, { eventId, station: 'B', most: 1 }, occasion(now + 3 * MINUTE)),
    );
    const result = { leaseId: job?.leaseId ?? '', outcome: 'PRINTED' } as const;
    if (job === undefined) throw new Error('Nothing was taken');
    const said = await settlePrint(slow, job, result, occasion(now + 3 * MINUTE));
    slow.client.destroy();
    expect(said).toMatchObject({ ok: false, error: { code: 'PRINT_LEASE_LOST' } });
    expect(await openPrintJobs(table, eventId)).toMatchObject([{ station: 'B', attempts: 2 }]);
  });

  it('lays a job aside that five stations took and nobody finished, and one whose ticket was given up', async () => {
    const [stuck, gone] = [await world.ticketOf(buyer), await world.ticketOf(buyer)];
    const { eventId } = world.type;
    const { table } = world.db;
    let now = Date.now();
    const queue = (ticketId: string) =>
      queuePrints(table, { eventId, ticketIds: [ticketId], format: 'stock', language: 'en' }, occasion(now));
    await queue(stuck);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await claimPrints(table, { eventId, station: 'A', most: 1 }, occasion(now))).toHaveLength(1);
      now += 2 * MINUTE;
    }
    const queued = await queue(gone);
    await world.set(gone, { status: 'ARCHIVED' });
    expect(await claimPrints(table, { eventId, station: 'A', most: 5 }, occasion(now))).toEqual([]);
    expect(await openPrintJobs(table, eventId)).toEqual([]);
    const [job] = queued.ok ? queued.value : [];
    expect(await findPrintJob(table, job?.jobId ?? '')).toMatchObject({ state: 'FAILED', failure: 'TICKET_NOT_VALID' });
    // It was never on paper, so it is the first print still.
    expect(await queue(stuck)).toMatchObject({ ok: true, value: [{ copy: 1, attempts: 0 }] });
    expect(await queue(gone)).toMatchObject({ ok: false, error: { code: 'TICKET_NOT_VALID' } });
  });

  it('after a failure the ticket is queued again as the same print', async () => {
    const ticketId = await world.ticketOf(buyer);
    await ask(QUEUE, { ticketIds: [ticketId] });
    const [job] = await claim('A');
    const failed = await settle(job?.id ?? '', { leaseId: job?.leaseId, outcome: 'FAILED', failure: 'PAPER' });
    expect(failed.json).toMatchObject({ state: 'FAILED', failure: 'PAPER' });
    expect(itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }))).toMatchObject([{ copy: 1, reprint: null }]);
  });
});

describe('nobody but the box office of the event', () => {
  it('queues, sees, takes or settles its prints', async () => {
    const ticketId = await world.ticketOf(buyer);
    const [job] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }));
    const strangers = [buyer, await staff('gate', world.type.organizationId), await staff('box-office', ulid())];
    for (const stranger of strangers) {
      const answers = [
        await ask(QUEUE, { ticketIds: [ticketId] }, stranger),
        await ask(LIST, undefined, stranger),
        await ask(CLAIM, { station: 'A' }, stranger),
        await settle(job?.id ?? '', { leaseId: ulid(), outcome: 'PRINTED' }, stranger),
      ];
      for (const { status } of answers) expect([403, 404]).toContain(status);
    }
    expect(await openPrintJobs(world.db.table, world.type.eventId)).toMatchObject([{ state: 'WAITING', attempts: 0 }]);
  });

  it('reaches a ticket or a job of another event by naming it within its own', async () => {
    const ours = world.type;
    const ticketId = await world.ticketOf(buyer);
    const [job] = itemsOf(await ask(QUEUE, { ticketIds: [ticketId] }));
    const [taken] = await claim('A');
    world.type = await putOnSale(world.db.table, Date.now(), { capacity: 50 });
    await world.putEvent();
    const other = await staff('box-office', world.type.organizationId);
    expect((await ask(QUEUE, { ticketIds: [ticketId] }, other)).json['code']).toBe('TICKET_NOT_FOUND');
    const result = { leaseId: taken?.leaseId, outcome: 'PRINTED' };
    expect((await settle(job?.id ?? '', result, other)).json['code']).toBe('PRINT_JOB_NOT_FOUND');
    expect(await claim('B', 10, other)).toEqual([]);
    expect(await openPrintJobs(world.db.table, ours.eventId)).toHaveLength(1);
  });

  it('takes no free text: stations are places, reasons are words of a list', async () => {
    const ticketIds = [await world.ticketOf(buyer)];
    for (const [route, body] of [
      [CLAIM, { station: 'Ada <ada@example.com>' }],
      [CLAIM, { station: '' }],
      [CLAIM, { station: 'A', most: 11 }],
      [QUEUE, { ticketIds, reprint: 'Ada has lost it' }],
      [QUEUE, { ticketIds: [] }],
      [QUEUE, { ticketIds: [...ticketIds, ...ticketIds] }],
      [QUEUE, { ticketIds, format: 'zpl' }],
    ] as const)
      expect((await ask(route, body)).json['code'], JSON.stringify(body)).toBe('INVALID_INPUT');
  });
});
