import ical from 'ical.js';
import jsqr from 'jsqr';
import { beforeAll, describe, expect, inject, it } from 'vitest';

import { pdfText, readPng, renderPdf } from '../delivery/pixels.ts';
import { openBrowser } from '../support/browser.ts';
import { mailsTo } from '../support/mailbox.ts';
import { somePng, uploadPicture } from '../support/pictures.ts';
import {
  audit,
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

it('leaves nothing that breaks an invariant', async () => {
  await settled();
  expect(await audit()).toEqual([]);
});
