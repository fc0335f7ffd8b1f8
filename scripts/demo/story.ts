import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AdviceError } from '../audit/local-system.ts';
import { ApiClient, payByCard } from './client.ts';
import { draftEvent, logIn, publishEvent } from './event.ts';
import { findMail, pdfOf } from './inbox.ts';
import type { Screen } from './screen.ts';
import { createdOrder, order, readable, reservation, shownEvent, tickets, verdict } from './shapes.ts';
import { waitFor } from './waiting.ts';

/** Where the demo finds the system, and where it puts the PDF. */
export interface StoryOptions {
  readonly url: string;
  readonly inboxUrl: string;
  readonly stripeUrl: string;
  readonly outDir: string;
}

const BUYER = 'buyer@onsale.example';
const GATE = 'North gate';
/** Functions may start cold and queues are polled; the promise to the buyer is two minutes. */
const TICKETS_WITHIN_MS = 60_000;
const MAIL_WITHIN_MS = 120_000;

/** One ticket's way from the draft of an event to the gate, told step by step. */
export async function tellStory(screen: Screen, options: StoryOptions): Promise<void> {
  const api = new ApiClient(options.url, screen);
  const ticketTypeId = await openSale(screen, api);

  screen.step('The buyer logs in');
  const { token } = await logIn(api, BUYER);
  screen.fact('signed in', BUYER);

  const paid = await buy(screen, api, options.stripeUrl, token, ticketTypeId);
  const qr = await receive(screen, api, options, token, paid);
  await enter(screen, api, qr);
}

/** The organiser's part. @returns the ticket type that is on sale */
async function openSale(screen: Screen, api: ApiClient): Promise<string> {
  screen.step('The organiser logs in');
  const organizer = await logIn(api, 'organizer@onsale.example');
  screen.fact('signed in', organizer.posts);
  screen.fact('token', `Bearer, for ${organizer.expiresIn} s`);

  screen.step('creates an event with 100 tickets at 45.00 EUR');
  const sale = { title: 'Harbour Nights', tickets: 100, price: 4_500, maxPerPerson: 4 };
  const draft = await draftEvent(api, organizer.token, sale);
  screen.fact('event', `${draft.id}  ${draft.status}`);

  screen.step('and publishes it: the tickets are on sale');
  await publishEvent(api, organizer.token, draft.id);

  screen.step('Anybody reads it');
  const event = await api.call({ method: 'GET', path: `/api/events/${draft.id}` }, shownEvent);
  screen.fact('event', `${event.title}, ${event.startsAt} (${event.timeZone}), ${event.status}`);
  const [type] = event.ticketTypes;
  if (type === undefined) throw new AdviceError('The published event shows no ticket type.');
  screen.fact('tickets', `${type.name}, ${readable(type.price)}, ${type.available} available, ${type.status}`);
  return type.id;
}

interface PaidOrder {
  readonly orderId: string;
  readonly orderNumber: string;
}

/** Hold, order, a declined card, another one, confirmation. */
async function buy(
  screen: Screen,
  api: ApiClient,
  stripeUrl: string,
  token: string,
  ticketTypeId: string,
): Promise<PaidOrder> {
  screen.step('holds two tickets');
  const held = await api.call(
    {
      method: 'POST',
      path: '/api/reservations',
      token,
      key: randomUUID(),
      body: { items: [{ ticketTypeId, quantity: 2 }] },
    },
    reservation,
  );
  screen.fact('reservation', `${held.reservationId}, ${readable(held.total)}, until ${held.expiresAt}`);

  screen.step('orders them');
  const ordered = await api.call(
    { method: 'POST', path: '/api/orders', token, key: randomUUID(), body: { reservationId: held.reservationId } },
    createdOrder,
  );
  const { orderId, orderNumber, paymentIntentId } = ordered;
  screen.fact('order', `${orderNumber}  ${ordered.status}, ${readable(ordered.total)}`);
  screen.fact('payment', paymentIntentId);

  const payment = { id: paymentIntentId, clientSecret: ordered.paymentClientSecret };
  const confirmation = {
    method: 'POST',
    path: '/api/payments/confirm',
    token,
    body: { orderId, paymentIntentId },
  } as const;

  screen.step('pays with a card that is declined: the tickets stay held');
  const declined = await payByCard(stripeUrl, payment, 'pm_card_chargeDeclined', screen);
  screen.fact('card', declined.ok ? declined.status : `declined (${declined.code})`);
  const refused = await api.send(confirmation, order);
  screen.fact('order', refused.ok ? refused.body.status : `${refused.problem.code}: ${refused.problem.detail}`);

  screen.step('tries another card');
  const accepted = await payByCard(stripeUrl, payment, 'pm_card_visa', screen);
  if (!accepted.ok) throw new AdviceError(`The second card was declined as well (${accepted.code}).`);
  screen.fact('card', `${accepted.status}: authorised, not charged yet`);

  screen.step('and confirms: the purchase saga secures the stock and captures the money');
  const confirmed = await api.call(confirmation, order);
  screen.fact('order', `${confirmed.orderNumber}  ${confirmed.status}`);
  if (confirmed.status !== 'PAID') {
    // The webhook was faster and its run is still going: the answer was 202.
    await waitFor(
      screen,
      'the payment',
      TICKETS_WITHIN_MS,
      async () => (await ask(api, token, orderId, 'PAID')) ?? undefined,
    );
    screen.fact('order', `${confirmed.orderNumber}  PAID`);
  }
  return { orderId, orderNumber };
}

async function ask(api: ApiClient, token: string, orderId: string, status: string): Promise<true | undefined> {
  const found = await api.call({ method: 'GET', path: `/api/orders/${orderId}`, token }, order);
  return found.status === status ? true : undefined;
}

/** Waits for tickets and mail. @returns the QR text of the first ticket */
async function receive(
  screen: Screen,
  api: ApiClient,
  { url, inboxUrl, outDir }: StoryOptions,
  token: string,
  { orderId, orderNumber }: PaidOrder,
): Promise<string> {
  screen.step('The tickets are made');
  const quiet = new ApiClient(url);
  await waitFor(screen, 'the tickets', TICKETS_WITHIN_MS, async () => {
    const found = await quiet.call({ method: 'GET', path: `/api/orders/${orderId}`, token }, order);
    return found.ticketsIssued ? true : undefined;
  });
  const { items } = await api.call({ method: 'GET', path: `/api/tickets?orderId=${orderId}`, token }, tickets);
  for (const { ticketNumber, code, status } of items) screen.fact('ticket', `${ticketNumber}  ${code}  ${status}`);

  screen.step('and the mail is in the inbox');
  const mail = await waitFor(screen, 'the mail', MAIL_WITHIN_MS, () => findMail(inboxUrl, BUYER, orderNumber));
  screen.fact('to', mail.destination.to.join(', '));
  screen.fact('subject', mail.subject);
  screen.quote(mail.body.text ?? '(no text)');
  const pdf = pdfOf(mail);
  if (pdf === undefined) throw new AdviceError('The mail carries no PDF.');
  mkdirSync(outDir, { recursive: true });
  const path = join(outDir, `${orderNumber}.pdf`);
  writeFileSync(path, pdf.bytes);
  screen.fact('PDF', `${path} (${Math.ceil(pdf.bytes.length / 1_024)} KB)`);

  const [first] = items;
  if (first?.qr === undefined || first.qr === null) throw new AdviceError('The first ticket has no QR code.');
  return first.qr;
}

/** The gate scans one ticket twice. */
async function enter(screen: Screen, api: ApiClient, qr: string): Promise<void> {
  screen.step('Gate staff log in');
  const staff = await logIn(api, 'staff@onsale.example');
  screen.fact('signed in', staff.posts);
  for (const [title, expected] of [
    ['scan the first ticket', 'ADMIT'],
    ['and scan it again, as if somebody had copied it', 'REFUSE'],
  ] as const) {
    screen.step(title);
    const body = { qr, gate: GATE, deviceId: 'demo-scanner' };
    const { result, reason, firstUse } = await api.call(
      { method: 'POST', path: '/api/tickets/validate', token: staff.token, key: randomUUID(), body },
      verdict,
    );
    const used = firstUse === undefined ? '' : `: let in at ${firstUse.at}, ${firstUse.gate ?? 'no gate named'}`;
    screen.fact('gate', `${result}${reason === undefined ? '' : ` ${reason}`}${used}`);
    if (result !== expected)
      throw new AdviceError(`The gate answered ${result}, and should have answered ${expected}.`);
  }
}
