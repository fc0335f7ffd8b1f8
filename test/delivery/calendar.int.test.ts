import ical from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventKey } from '../../functions/catalog/keys.ts';
import { ticketCalendarOf, type CalendarEntry } from '../../functions/delivery/domain/calendar.ts';
import { ticketIdOf } from '../../functions/delivery/domain/ticket.ts';
import { ticketKey } from '../../functions/delivery/keys.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold, type Attributes } from '../../functions/shared/table/writes.ts';
import type { TestPerson } from '../support/sessions.ts';
import { HoldersWorld } from './holders-world.ts';

let world: HoldersWorld;
let buyer: TestPerson;
let stranger: TestPerson;

beforeAll(async () => {
  world = await HoldersWorld.start();
  [buyer, stranger] = await Promise.all([world.person(), world.person()]);
  await world.putEvent();
});
afterAll(() => world.close());

interface Read {
  readonly method: unknown;
  readonly events: readonly ical.Event[];
}

/** A calendar as an independent reader takes it in. @throws where it is none */
function read(text: string): Read {
  const component = new ical.Component(ical.parse(text));
  const events = component.getAllSubcomponents('vevent').map((each) => new ical.Event(each));
  return { method: component.getFirstPropertyValue('method'), events };
}
const change = (key: { pk: string; sk: string }, set: Attributes): Promise<unknown> =>
  commit(world.db.table, [{ kind: 'update', key, set, add: { ver: 1 }, otherwise: mustHold('fixture') }]);
async function ofTicket(ticketId: string): Promise<Read> {
  const answer = await world.ask(buyer, 'GET /api/tickets/{ticketId}/calendar.ics', { ticketId });
  expect(answer.status, answer.text).toBe(200);
  return read(answer.text);
}

describe('the calendar of a ticket', () => {
  it('says what, when, where, from whom, and which ticket', async () => {
    const id = await world.ticketOf(buyer);
    const { method, events } = await ofTicket(id);
    expect(method).toBe('PUBLISH');
    const [event] = events;
    expect(event?.uid).toBe(`${id}@onsale`);
    expect(event?.summary).toBe(world.type.eventTitle);
    expect(event?.startDate.toJSDate().getTime()).toBe(Math.floor(world.type.eventStartsAt / 1_000) * 1_000);
    expect(event?.location).toBe('Pakhuis Noord, Rotterdam');
    expect(event?.organizer).toBe('mailto:tickets@onsale.test');
    expect(event?.description).toContain('Standing');
  });

  it('is the same entry with a higher sequence once the event has moved', async () => {
    const id = await world.ticketOf(buyer);
    const before = (await ofTicket(id)).events[0];
    const startsAt = world.type.eventStartsAt + 7 * 86_400_000;
    await change(eventKey(world.type.eventId), { startsAt });
    const after = (await ofTicket(id)).events[0];
    expect(after?.uid).toBe(before?.uid);
    expect(after?.sequence).toBeGreaterThan(before?.sequence ?? Infinity);
    expect(after?.startDate.toJSDate().getTime()).toBe(Math.floor(startsAt / 1_000) * 1_000);
  });

  it('cancels its entry once the ticket is given back', async () => {
    const id = await world.ticketOf(buyer);
    const before = (await ofTicket(id)).events[0];
    await change(ticketKey(id), { status: 'ARCHIVED' });
    const { method, events } = await ofTicket(id);
    expect(method).toBe('CANCEL');
    expect(events[0]?.component.getFirstPropertyValue('status')).toBe('CANCELLED');
    expect(events[0]?.uid).toBe(before?.uid);
    expect(events[0]?.sequence).toBeGreaterThan(before?.sequence ?? Infinity);
  });

  it('does not exist for a stranger', async () => {
    const ticketId = await world.ticketOf(buyer);
    const answer = await world.ask(stranger, 'GET /api/tickets/{ticketId}/calendar.ics', { ticketId });
    expect(answer.json).toMatchObject({ status: 404, code: 'TICKET_NOT_FOUND' });
  });
});

describe('the calendar of an order', () => {
  it('has one entry for each event with all its tickets, and cancels it with the last of them', async () => {
    const order = await world.bought(buyer, 3);
    const route = 'GET /api/orders/{orderId}/calendar.ics';
    const ofOrder = async (): Promise<Read> => {
      const answer = await world.ask(buyer, route, { orderId: order.orderId });
      return read(answer.text);
    };
    const all = await ofOrder();
    expect(all.events).toHaveLength(1);
    expect(all.events[0]?.description.split('\n')).toHaveLength(3);
    await change(ticketKey(ticketIdOf(order.orderId, '1', 0)), { status: 'ARCHIVED' });
    const fewer = await ofOrder();
    expect(fewer).toMatchObject({ method: 'PUBLISH' });
    expect(fewer.events[0]?.description.split('\n')).toHaveLength(2);
    expect(fewer.events[0]?.sequence).toBeGreaterThan(all.events[0]?.sequence ?? Infinity);
    for (const index of [1, 2]) await change(ticketKey(ticketIdOf(order.orderId, '1', index)), { status: 'ARCHIVED' });
    expect(await ofOrder()).toMatchObject({ method: 'CANCEL' });
    expect((await world.ask(stranger, route, { orderId: order.orderId })).json['code']).toBe('ORDER_NOT_FOUND');
  });
});

it('takes no hostile text for structure (I25)', () => {
  const entry: CalendarEntry = {
    uid: 'one',
    sequence: 1,
    title: 'Evil\r\nEND:VEVENT\r\nEND:VCALENDAR\u2028BEGIN:VEVENT; , \\ "quoted" \u202E {{constructor}}',
    startsAt: Date.parse('2026-12-05T19:00:00Z'),
    place: `=HYPERLINK("x")\r\nATTENDEE:mailto:victim@example.com`,
    changedAt: 0,
    lines: ['ON-1 · 👩‍👩‍👧‍👦 \r\nDTSTART:19700101T000000Z', 'ليلة', 'x'.repeat(300), '\uD800'],
    url: 'https://onsale.test/orders/1',
    cancelled: false,
  };
  const text = ticketCalendarOf([entry], 'tickets@onsale.test', 'Hafen;Haus\r\n');
  expect(text).toContain('ORGANIZER;CN="Hafen;Haus"');
  const { events } = read(text);
  expect(events).toHaveLength(1);
  expect(events[0]?.attendees).toHaveLength(0);
  expect(events[0]?.summary).toContain('END:VEVENT');
  expect(events[0]?.startDate.toJSDate().toISOString()).toBe('2026-12-05T19:00:00.000Z');
  expect(events[0]?.description.split('\n')).toHaveLength(4);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
});
