import ical from 'ical.js';
import jsqr from 'jsqr';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { pdfText, readPng, renderPdf } from '../delivery/pixels.ts';
import { openBrowser } from '../support/browser.ts';
import { mailsTo } from '../support/mailbox.ts';
import { somePng, uploadPicture } from '../support/pictures.ts';
import {
  audit,
  call,
  confirm,
  demoBuyer,
  gatekeeper,
  order,
  organizer,
  payByCard,
  publishEvent,
  settled,
  type OpenSale,
  type Person,
} from '../support/shop.ts';

let sale: OpenSale;
let buyer: Person;
let gate: Person;

beforeAll(async () => {
  await settled();
  [sale, buyer, gate] = await Promise.all([publishEvent({ quantity: 40 }), demoBuyer(), gatekeeper()]);
  const made = await uploadPicture(await organizer(), sale.eventId, 'image/png', somePng(700, 400));
  if (made !== 'READY') throw new Error(`The picture was not made: ${made}`);
});

interface BoughtTicket {
  readonly id: string;
  readonly orderId: string;
  readonly qr: string;
  readonly ticketNumber: string;
}

async function buy(quantity = 1, by = buyer): Promise<readonly BoughtTicket[]> {
  const placed = await order(by, sale.ticketTypeId, quantity);
  await payByCard(placed);
  await confirm(by, placed);
  await settled();
  const { json } = await by.call('GET', `/api/tickets?orderId=${placed.orderId}`);
  expect(json.items).toHaveLength(quantity);
  return json.items;
}
const scan = async (qr: string): Promise<{ result: string; reason?: string }> =>
  (await gate.call('POST', '/api/tickets/validate', { qr })).json;

describe('a ticket to print', () => {
  it.each(['a4', 'stock', 'roll'])(
    'comes as %s with its code, from the deployed bundle with its fonts',
    async (format) => {
      const [ticket] = await buy();
      const file = await buyer.call('GET', `/api/tickets/${ticket?.id}/pdf?format=${format}&language=de`);
      expect(file.status, file.text).toBe(200);
      expect(file.bytes.length).toBeLessThan(150 * 1_024);
      const [page] = await renderPdf(file.bytes, 150);
      expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(ticket?.qr);
      expect(await pdfText(file.bytes)).toContain('Concert');
    },
  );

  it('is mailed as well', async () => {
    const [ticket] = await buy(2);
    const mails = await mailsTo('buyer@onsale.example');
    expect(mails.some(({ body }) => body.text?.includes(ticket?.ticketNumber ?? '-'))).toBe(true);
  });
});

describe('a ticket by its link', () => {
  it('is shown by its page to who has not logged in, on a narrow phone, until it has a new code', async () => {
    const [ticket] = await buy();
    const { json } = await buyer.call('GET', `/api/tickets/${ticket?.id}/link`);
    const link = new URL(json.url);
    const mails = await mailsTo('buyer@onsale.example');
    expect(mails.some(({ body }) => body.text?.includes(json.url))).toBe(true);
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 320, height: 640 } });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      const sent: string[] = [];
      page.on('request', (request) => sent.push(request.url()));
      const open = (): Promise<unknown> => page.goto(`${inject('system').url}${link.pathname}${link.hash}`);
      await open();
      await page.locator('#ticket').waitFor();
      expect(await page.locator('#title').textContent()).toBe('Lighthouse Concert');
      expect(await page.locator('#details').textContent()).toContain('Pier 7, Hamburg');
      const { data, width, height } = readPng(await page.screenshot({ fullPage: true }));
      expect(jsqr.default(data, width, height)?.data).toBe(ticket?.qr);
      // The token is in no address that anybody is asked for.
      expect(sent.filter((url) => url.includes('token'))).toEqual([]);
      expect(complaints).toEqual([]);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide).toBeLessThanOrEqual(320);

      await buyer.call('POST', `/api/tickets/${ticket?.id}/reissue`, {});
      await page.reload();
      await page.getByRole('alert').filter({ hasText: 'zeigt kein Ticket mehr' }).waitFor();
      expect(await page.locator('#ticket').isVisible()).toBe(false);
    } finally {
      await browser.close();
    }
  });

  it('is in calendars, of the ticket and of its order', async () => {
    const [ticket] = await buy(2);
    for (const path of [`/api/tickets/${ticket?.id}/calendar.ics`, `/api/orders/${ticket?.orderId}/calendar.ics`]) {
      const file = await buyer.call('GET', path);
      expect(file.status, file.text).toBe(200);
      const events = new ical.Component(ical.parse(file.text)).getAllSubcomponents('vevent');
      expect(events.map((each) => each.getFirstPropertyValue('summary'))).toEqual(['Lighthouse Concert']);
    }
  });
});

describe('the page of an order, which its mails lead to', () => {
  it('shows it to its buyer, who signs in there, and leads to the code of each ticket; to nobody else', async () => {
    const [ticket, second] = await buy(2);
    const mails = await mailsTo('buyer@onsale.example');
    const link = mails.flatMap(({ body }) => body.text?.match(/https?:\/\/\S+\/orders\/\w+/g) ?? []).at(-1);
    expect(new URL(link ?? '').pathname).toBe(`/orders/${ticket?.orderId}`);
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 320, height: 640 } });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      const signIn = async (email: string): Promise<void> => {
        await page.getByLabel('E-Mail').fill(email);
        await page.getByLabel('Passwort').fill('Onsale-demo-2026!');
        await page.getByRole('button', { name: 'Anmelden und zeigen' }).click();
      };
      await page.goto(`${inject('system').url}/orders/${ticket?.orderId}`);
      await signIn('staff@onsale.example');
      await page.getByText('In diesem Konto gibt es keine solche Bestellung.').waitFor();
      await context.clearCookies();

      await page.reload();
      await signIn('buyer@onsale.example');
      await page.locator('#order').waitFor();
      expect(await page.locator('#number').textContent()).toMatch(/^Bestellung ON-/);
      expect(await page.locator('#state').textContent()).toBe('Bezahlt');
      expect(await page.locator('#items').textContent()).toContain('Lighthouse Concert');
      expect(await page.locator('#total').textContent()).toMatch(/^Summe: [\d.,]+\s€$/);
      for (const each of [ticket, second])
        expect(await page.locator('#tickets').textContent()).toContain(each?.ticketNumber);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      const pdf = await page.getByRole('link', { name: 'Drucken (PDF)' }).first().getAttribute('href');
      const printed = await page.request.get(`${inject('system').url}${pdf}`);
      expect([printed.status(), printed.headers()['content-type']]).toEqual([200, 'application/pdf']);

      await page.getByRole('button', { name: 'Code zeigen' }).first().click();
      await page.locator('#ticket').waitFor();
      expect(new URL(page.url()).pathname).toBe('/ticket');
      // Whoever is signed in sees the order at once.
      await page.goBack();
      await page.locator('#order').waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('is there, like every other page that a mail has a link to', async () => {
    const { url } = inject('system');
    const texts = (await mailsTo('@')).map(({ body }) => `${body.text ?? ''} ${body.html ?? ''}`);
    const links = texts.flatMap((text) => text.match(/https?:\/\/[^\s"'<>)]+/g) ?? []).map((link) => new URL(link));
    const ours = new Set(links.filter(({ origin }) => origin === new URL(url).origin).map(({ pathname }) => pathname));
    expect(ours.size).toBeGreaterThan(2);
    for (const path of ours) expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200]);
  });
});

describe('a new code', () => {
  it('takes the place of the one that was out, at the gate and in the PDF', async () => {
    const [ticket] = await buy();
    await buyer.call('GET', `/api/tickets/${ticket?.id}/pdf`);
    const renewed = await buyer.call('POST', `/api/tickets/${ticket?.id}/reissue`, {});
    expect(renewed.status, renewed.text).toBe(200);
    expect(await scan(ticket?.qr ?? '')).toMatchObject({ result: 'REFUSE', reason: 'SUPERSEDED' });
    const file = await buyer.call('GET', `/api/tickets/${ticket?.id}/pdf`);
    const [page] = await renderPdf(file.bytes);
    expect(page && jsqr.default(page.data, page.width, page.height)?.data).toBe(renewed.json.qr);
    expect(await scan(renewed.json.qr)).toMatchObject({ result: 'ADMIT' });
  });
});

describe('a ticket that is passed on', () => {
  it('is offered by mail, accepted on the page of its link, and admits by the new code alone', async () => {
    const [ticket] = await buy();
    const address = `friend-${Date.now()}@e2e.example`;
    const offered = await buyer.call('POST', `/api/tickets/${ticket?.id}/transfer`, { email: address, locale: 'de' });
    expect(offered.status, offered.text).toBe(202);
    const [mail] = await mailsTo(address);
    expect(mail?.subject).toBe('Ein Ticket für Sie: Lighthouse Concert');
    const link = new URL(/https?:\/\/\S+\/ticket-transfer#\S+/.exec(mail?.body.text ?? '')?.[0] ?? '');
    const fragment = new URLSearchParams(link.hash.slice(1));
    expect(fragment.get('ticket')).toBe(ticket?.id);

    const browser = await openBrowser();
    try {
      const page = await (
        await browser.newContext({ locale: 'fr-FR', viewport: { width: 320, height: 640 } })
      ).newPage();
      await page.goto(`${inject('system').url}${link.pathname}${link.hash}`);
      await page.locator('#email').fill('staff@onsale.example');
      await page.locator('#password').fill('Onsale-demo-2026!');
      await page.locator('#sign-in button').click();
      await page.getByText('Le billet est à vous.').waitFor();
    } finally {
      await browser.close();
    }

    const login = await call('POST', '/api/auth/login', {
      email: 'staff@onsale.example',
      password: 'Onsale-demo-2026!',
    });
    const headers = { authorization: `Bearer ${login.json.accessToken}` };
    const mine = (await call('GET', '/api/tickets', undefined, headers)).json.items[0];
    expect(mine).toMatchObject({ status: 'VALID', ticketNumber: ticket?.ticketNumber });
    expect(await scan(ticket?.qr ?? '')).toMatchObject({ result: 'REFUSE', reason: 'SUPERSEDED' });
    const pdf = await call('GET', `/api/tickets/${mine.id}/pdf`, undefined, headers);
    const [printed] = await renderPdf(pdf.bytes);
    expect(printed && jsqr.default(printed.data, printed.width, printed.height)?.data).toBe(mine.qr);
    expect(await scan(mine.qr)).toMatchObject({ result: 'ADMIT' });
    expect((await buyer.call('GET', `/api/tickets/${ticket?.id}`)).json).toMatchObject({ status: 'TRANSFERRED' });
    const received = (await mailsTo('staff@onsale.example')).find(({ body }) => body.text?.includes(mine.ticketNumber));
    expect(received?.subject).toBe('Your ticket: Lighthouse Concert');
    const told = await mailsTo('buyer@onsale.example');
    expect(told.some(({ subject }) => subject === 'Your ticket was passed on: Lighthouse Concert')).toBe(true);
  });

  it('is taken back before it is accepted', async () => {
    const [ticket] = await buy();
    await buyer.call('POST', `/api/tickets/${ticket?.id}/transfer`, { email: `late-${Date.now()}@e2e.example` });
    const cancelled = await buyer.call('POST', `/api/tickets/${ticket?.id}/transfer/cancel`, {});
    expect(cancelled.status).toBe(204);
    expect(await scan(ticket?.qr ?? '')).toMatchObject({ result: 'ADMIT' });
  });
});

it('leaves nothing that breaks an invariant', async () => {
  await settled();
  expect(await audit()).toEqual([]);
});
