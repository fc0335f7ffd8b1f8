import ical from 'ical.js';
import type { ParsedMail } from 'mailparser';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { putEvent } from '../../functions/catalog/writes.ts';
import { calendarOfTickets } from '../../functions/delivery/ticket-calendar.ts';
import { findIssuedTicketsOf } from '../../functions/delivery/reads.ts';
import { archiveTicket } from '../../functions/delivery/writes.ts';
import type { Ticket } from '../../functions/delivery/contract.ts';
import { sendNoticeMail } from '../../functions/notifications/app/send-notice-mail.ts';
import { sendHolderCancellationMail } from '../../functions/notifications/app/send-refund-mail.ts';
import { sendTicketMail } from '../../functions/notifications/app/send-ticket-mail.ts';
import { noticeDue } from '../../functions/notifications/notices.ts';
import { findMailsOfOrder } from '../../functions/notifications/reads.ts';
import { viewNotification } from '../../functions/notifications/domain/history.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import { DAY } from '../../functions/shared/kernel/clock.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold } from '../../functions/shared/table/writes.ts';
import { publishedEventOf } from '../catalog/event-row.ts';
import { givenReceived } from '../privacy/dossier.ts';
import { ADA, PAID_AT, PostOffice } from './post-office.ts';

const OCCASION = { now: PAID_AT, correlationId: 'test', by: 'system' } as const;
let office: PostOffice;

beforeAll(async () => {
  office = await PostOffice.open();
  const event = publishedEventOf(office.type, 'organizer', PAID_AT);
  await commit(office.db.table, [putEvent({ ...event, status: 'PUBLISHED' }, OCCASION, () => 'THERE' as const)]);
  await office.setEvent({ optOutHeldBefore: PAID_AT + DAY, optOutUntil: PAID_AT + 7 * DAY });
});
afterAll(() => office.db.drop());
beforeEach(() => office.reset());

/** Everybody has an address that tells them apart. */
const deps = () =>
  office.deps({ recipientOf: (userId) => Promise.resolve({ ...ADA, email: `${userId}@example.com` }) });

/** An order of so many tickets, one of which was passed on. */
async function passedOn(quantity: number): Promise<{ order: Order; friend: string; ticket: Ticket }> {
  const { data } = await office.issued(quantity);
  const order = await orderOf(data.orderId);
  const friend = ulid();
  return { order, friend, ticket: await givenReceived(office.db, friend, order) };
}

async function orderOf(orderId: string): Promise<Order> {
  const order = await findOrder(office.db.table, orderId);
  if (order === undefined) throw new Error('No order');
  return order;
}

let moves = 0;
/** That the event was moved once more, for one order. */
function move(orderId: string, cause = causeOfMove()): Parameters<typeof sendNoticeMail>[1] {
  const { eventId } = office.type;
  return {
    id: `x/${cause}`,
    name: noticeDue.name,
    occurredAt: new Date(office.now).toISOString(),
    correlationId: 'test',
    aggregate: { type: 'event', id: eventId },
    version: 2,
    data: { eventId, news: 'moved', cause, orderId },
  };
}

function causeOfMove(): string {
  moves += 1;
  return `catalog.EventRescheduled.v1#${office.type.eventId}#${moves}`;
}

async function mailTo(userId: string): Promise<ParsedMail> {
  const found = (await office.mails()).filter(
    ({ to }) => JSON.stringify(to).includes(userId.toLowerCase()) || JSON.stringify(to).includes(userId),
  );
  const [mail, ...others] = found;
  if (mail === undefined || others.length > 0) throw new Error(`${found.length} mails to ${userId} instead of one`);
  return mail;
}

/** The entries of the calendar that a mail brings, which says its own method. */
function entriesIn({ attachments }: ParsedMail): {
  method: string;
  entries: { uid: string; sequence: number; status: unknown }[];
} {
  const file = attachments.find(({ contentType }) => contentType === 'text/calendar');
  const calendar = new ical.Component(ical.parse(file?.content.toString() ?? ''));
  const entries = calendar.getAllSubcomponents('vevent').map((each) => ({
    uid: String(each.getFirstPropertyValue('uid')),
    sequence: Number(each.getFirstPropertyValue('sequence')),
    status: each.getFirstPropertyValue('status'),
  }));
  const method = String(calendar.getFirstPropertyValue('method'));
  expect(file?.headers.get('content-type')).toMatchObject({ params: { method } });
  return { method, entries };
}

describe('news about an event', () => {
  it('reaches whoever bought and whoever holds, each once, and only the buyer is told of the order and its money', async () => {
    const { order, friend, ticket } = await passedOn(2);
    const due = move(order.orderId);
    for (let delivery = 1; delivery <= 2; delivery += 1) await sendNoticeMail(deps(), due);
    expect((await office.mails()).length).toBe(2);
    const [bought, held] = [await mailTo(order.customerId), await mailTo(friend)];
    expect(bought.text).toContain(`https://tickets.example.com/orders/${order.orderId}`);
    expect(bought.text).toContain('give your tickets back in full');
    expect(held.text).toContain('https://tickets.example.com/ticket#token=');
    expect(held.text).not.toContain('/orders/');
    expect(held.text).not.toContain('give your tickets back');
    const uids = (mail: ParsedMail): readonly string[] => entriesIn(mail).entries.map(({ uid }) => uid);
    expect(uids(bought)).toEqual([expect.stringContaining(`${order.orderId}.${office.type.eventId}`)]);
    expect(uids(held)).toEqual([expect.stringContaining(ticket.ticketId)]);
  });

  it('is none for a buyer who has passed on their only ticket', async () => {
    const { order, friend } = await passedOn(1);
    await sendNoticeMail(deps(), move(order.orderId));
    await mailTo(friend);
    expect((await office.mails()).length).toBe(1);
  });

  it('is told once to somebody who holds tickets of two orders', async () => {
    const [one, other] = [await passedOn(1), await office.issued(1)];
    await givenReceived(office.db, one.friend, await orderOf(other.data.orderId));
    const {
      data: { cause },
    } = move(one.order.orderId);
    await sendNoticeMail(deps(), move(one.order.orderId, cause));
    await sendNoticeMail(deps(), move(other.data.orderId, cause));
    await mailTo(one.friend);
    expect((await office.mails()).length).toBe(1);
  });
});

describe('a cancelled event', () => {
  it('is told once to whoever holds tickets that others have bought, without a word about money', async () => {
    const { order, friend, ticket } = await passedOn(2);
    const archived = async (of: Ticket): Promise<Parameters<typeof sendHolderCancellationMail>[1]> => {
      const write = archiveTicket(of, OCCASION, mustHold('nobody else'));
      await commit(office.db.table, [write]);
      const { ticketId, orderId, customerId, eventId, ticketTypeId } = of;
      return {
        ...move(orderId),
        name: 'delivery.TicketArchived.v1',
        data: { ticketId, orderId, customerId, eventId, ticketTypeId },
      };
    };
    const event = await archived(ticket);
    await sendHolderCancellationMail(deps(), event);
    expect(await office.mails(), 'given back, and nothing is cancelled').toEqual([]);

    await office.setEvent({ status: 'CANCELLING' });
    for (let delivery = 1; delivery <= 2; delivery += 1) await sendHolderCancellationMail(deps(), event);
    const buyers = (await findIssuedTicketsOf(office.db.table, [order], 'strong')).find(
      ({ status }) => status === 'VALID',
    );
    if (buyers === undefined) throw new Error('No ticket of the buyer');
    await sendHolderCancellationMail(deps(), await archived(buyers));
    expect((await office.mails()).length).toBe(1);
    const mail = await mailTo(friend);
    expect(mail.subject).toMatch(/cancelled/i);
    expect(mail.text).not.toMatch(/money|refund|ordered|\/orders\//i);
    expect(entriesIn(mail)).toMatchObject({ method: 'CANCEL', entries: [{ status: 'CANCELLED' }] });
    await office.setEvent({ status: 'PUBLISHED' });
  });
});

describe('the entry of an order in a calendar', () => {
  it('has the same name and number in the mail as where it is fetched, and a higher one once a ticket was given away', async () => {
    const issued = await office.issued(2);
    const { sender, publicUrl, brand } = office.deps();
    const settings = { sender, publicUrl, brand };
    const fetched = async (): Promise<number> => {
      const tickets = await findIssuedTicketsOf(office.db.table, [issued.data], 'strong');
      const text = await calendarOfTickets(office.db.table, tickets, 'order', settings);
      return Number(/^SEQUENCE:(\d+)/m.exec(text)?.[1]);
    };
    await sendTicketMail(deps(), issued);
    const first = entriesIn(await mailTo(issued.data.customerId)).entries[0]?.sequence ?? NaN;
    expect(first).toBe(await fetched());
    await givenReceived(office.db, ulid(), await orderOf(issued.data.orderId));
    office.reset();
    const again = { ...issued, version: issued.version + 1 };
    await sendTicketMail(deps(), again);
    const second = entriesIn(await mailTo(issued.data.customerId)).entries[0]?.sequence ?? NaN;
    expect(second).toBe(await fetched());
    expect(second).toBeGreaterThan(first);
  });
});

describe('what was mailed about an order', () => {
  it('is all told, each by the name of what it says', async () => {
    const issued = await office.issued(1);
    await sendTicketMail(deps(), issued);
    await sendNoticeMail(deps(), move(issued.data.orderId));
    const order = await orderOf(issued.data.orderId);
    const mails = await findMailsOfOrder(office.db.table, order, []);
    expect(
      mails
        .map(viewNotification)
        .map(({ template }) => template)
        .toSorted(),
    ).toEqual(['eventMoved', 'tickets']);
  });
});
