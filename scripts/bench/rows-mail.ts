import * as z from 'zod/mini';

import { SECOND } from '../../functions/shared/kernel/clock.ts';
import { TICKETS_BATCH } from '../../lib/contexts/delivery.ts';
import { mailersFor, MAIL_BATCH, MAIL_WITHIN_SECONDS } from '../../lib/contexts/notifications.ts';
import { STREAM_BATCH } from '../../lib/contexts/outbox.ts';
import { STAGES } from '../../lib/stages.ts';
import { buyHeld, consume, placeHold, relayBatch, streamedChanges } from './flows.ts';
import { figure, type BenchContext, type BenchRow, type Measured } from './row.ts';
import { openTicketType, signIn, type BenchBuyer, type BenchWorld } from './world.ts';

/** Orders that are paid at once, and how many people they are of: an account costs a hash of its password. */
const BURST = { orders: 1_000, buyers: 50 } as const;
/** Purchases at a time, as nothing is measured of them here. */
const AT_A_TIME = 8;

/** How long what follows payments takes, in milliseconds by the clock. */
interface Delivery {
  readonly orders: number;
  /** Mails in the inbox, and how many orders they are about. */
  readonly mails: number;
  readonly about: number;
  readonly relay: number;
  readonly tickets: number;
  readonly mail: number;
}

/** Buys two tickets `orders` times, by `buyers` in turn, up to PAID. */
async function buy(context: BenchContext, orders: number, buyers: number): Promise<void> {
  const { world, handlers, progress } = context;
  const ticketTypeId = await openTicketType(world, 2 * orders);
  const people: BenchBuyer[] = [];
  for (let index = 0; index < buyers; index += 1) people.push(await signIn(world, true));
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_A_TIME, orders) }, async () => {
      while (next < orders) {
        const buyer = people[next % buyers];
        next += 1;
        if (next % 50 === 0) progress(`${next} of ${orders} orders bought`);
        if (buyer !== undefined)
          await buyHeld(world, handlers, buyer, await placeHold(handlers, buyer, ticketTypeId, 2));
      }
    }),
  );
}

/** Everything that follows payments, one batch after the other: one environment of each function. */
async function deliver(context: BenchContext, orders: number): Promise<Delivery> {
  const { world, handlers, progress } = context;
  const before = await mailed(world);
  let relayed = 0;
  let mark = 0;
  const relay = async (): Promise<void> => {
    const changes = streamedChanges(world, mark);
    mark = world.meter.calls.length;
    const startedAt = performance.now();
    for (const batch of batches(changes, STREAM_BATCH)) await relayBatch(handlers, batch);
    relayed += performance.now() - startedAt;
  };
  await relay();
  const tickets = await drain(world, 'tickets', TICKETS_BATCH, (batch) => consume(handlers.issueTickets, batch));
  await relay();
  let sent = 0;
  const mail = await drain(world, 'mail', MAIL_BATCH, async (batch) => {
    await consume(handlers.sendMail, batch);
    sent += batch.length;
    progress(`${sent} of ${orders} mails sent`);
  });
  await world.receive('payments');
  const all = (await mailed(world)).slice(before.length);
  const numbers = all.map((subject) => /ON-\w{4}-\w{4}/.exec(subject)?.[0]);
  return { orders, mails: all.length, about: new Set(numbers).size, relay: relayed, tickets, mail };
}

async function drain(
  world: BenchWorld,
  queue: Parameters<BenchWorld['receive']>[0],
  size: number,
  work: (batch: Awaited<ReturnType<BenchWorld['receive']>>) => Promise<void>,
): Promise<number> {
  const messages = await world.receive(queue);
  const startedAt = performance.now();
  for (const batch of batches(messages, size)) await work(batch);
  return performance.now() - startedAt;
}

function batches<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_unused, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

const inbox = z.object({ emails: z.array(z.object({ subject: z.string() })) });

/** Subjects of all mails that the provider has taken. */
async function mailed({ environment }: BenchWorld): Promise<readonly string[]> {
  const answer = await fetch(`${environment['AWS_ENDPOINT_URL_SES'] ?? ''}/store`);
  return z.parse(inbox, await answer.json()).emails.map(({ subject }) => subject);
}

/** Pays for `orders` orders, and takes the time until the last confirmation is with the mail provider. */
export async function measureMails(context: BenchContext, orders: number, buyers: number): Promise<Delivery> {
  context.world.meter.reset();
  await buy(context, orders, buyers);
  return deliver(context, orders);
}

async function mails(context: BenchContext): Promise<Measured> {
  // A process that has sent none yet is slower, as a function is that has just been started.
  const first = await measureMails(context, 1, 1);
  const burst = await measureMails(context, BURST.orders, BURST.buyers);
  const inTurn = ({ relay, tickets, mail }: Delivery): number => (relay + tickets + mail) / SECOND;
  const { perSecond } = STAGES.prod.mail;
  const mailers = mailersFor(perSecond);
  // The stream has one reader, and tickets are counted as if their queue had one, too.
  const deployed =
    (burst.relay + burst.tickets) / SECOND + Math.max(burst.mail / SECOND / mailers, burst.orders / perSecond);
  const all = burst.mails === burst.orders && burst.about === burst.orders && first.mails === 1;
  return {
    figure: `${burst.mails} of ${burst.orders} in ${figure(deployed / MAIL_WITHIN_SECONDS)} of the time`,
    met: all && deployed <= MAIL_WITHIN_SECONDS,
    terms: [
      `${burst.orders} orders of two tickets, all paid before the first change is relayed; then stream, tickets, and mails with their PDFs, calendars and codes, one batch after the other by one environment of each function: ${[burst.relay, burst.tickets, burst.mail].map((ms) => figure(ms / SECOND)).join(' + ')} = ${figure(inTurn(burst))} s by the clock on this machine`,
      `deployed, ${mailers} environments send at a time, and no faster than the provider grants, ${perSecond} a second in prod: ${figure(deployed)} of ${MAIL_WITHIN_SECONDS} s`,
      `the first mail of a process that has just been started: ${figure(inTurn(first))} s; the delays of stream and queues themselves are in neither`,
      'in production each mail reports its delay, and one that is later raises an alarm',
    ],
    values: { mails: burst.mails, orders: burst.about, deployed, inTurn: inTurn(burst), first: inTurn(first) },
  };
}

/** The row about confirmations. */
export const MAIL_ROW: BenchRow = {
  id: 'mail',
  metric: 'confirmation mails of 1,000 orders that are paid at once, with the provider within 2 minutes',
  field: '–',
  goal: 'all, in ≤ 1 of 120 s',
  measure: mails,
};
