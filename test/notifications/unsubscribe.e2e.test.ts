import { ulid } from 'ulid';
import { expect, inject, it } from 'vitest';

import { MINUTE } from '../../functions/shared/kernel/clock.ts';
import { openBrowser } from '../support/browser.ts';
import { linkTo, mailsTo, tokenOfLink } from '../support/mailbox.ts';
import { call, confirm, demoBuyer, fire, order, organizer, payByCard, publishEvent, settled } from '../support/shop.ts';

const ADDRESS = 'buyer@onsale.example';

it('a reader of notices stops them on the page of a mail, as their mail program can, and has them back from the profile', async () => {
  const sale = await publishEvent();
  const buyer = await demoBuyer();
  const placed = await order(buyer, sale.ticketTypeId);
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  await fire('stock', Date.now() + MINUTE);
  const host = await organizer();
  const tell = async (): Promise<number> => {
    const subject = `Notice ${ulid()}`;
    const variables = { subject, message: 'Doors at eight.' };
    const body = { eventId: sale.eventId, template: 'information', variables };
    expect((await host.call('POST', '/api/notifications', body)).status).toBe(202);
    await settled();
    return (await mailsTo(ADDRESS)).filter((mail) => mail.subject === subject).length;
  };
  const news = async () => (await buyer.call('GET', '/api/auth/me')).json.news;

  expect(await tell()).toBe(1);
  const link = await linkTo(ADDRESS, '/unsubscribe');
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext({ locale: 'de-DE', viewport: { width: 320, height: 568 } })).newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    // As mail programs without one-click open the address of the header: in the query.
    await page.goto(`${inject('system').url}${link.pathname}?token=${tokenOfLink(link)}`);
    expect(await page.title()).toBe('Abbestellen');
    expect(page.url()).not.toContain('token');
    expect(await news()).toEqual({ notices: true, reminders: true });
    expect(asked.filter((each) => each.startsWith('POST'))).toEqual([]);
    await page.getByRole('button', { name: 'Abbestellen' }).click();
    await expect
      .poll(() => page.locator('#status').textContent(), { timeout: 15_000 })
      .toContain('keine Mitteilungen von Veranstaltern mehr');
    expect(await page.getByRole('button').isVisible()).toBe(false);
  } finally {
    await browser.close();
  }
  expect(await news()).toEqual({ notices: false, reminders: true });
  expect(await tell()).toBe(0);
  expect((await buyer.call('PATCH', '/api/auth/me', { news: { notices: true } })).status).toBe(200);
  expect(await tell()).toBe(1);

  // By one click of a mail program.
  const path = `/unsubscribe?token=${tokenOfLink(link)}`;
  const clicked = await fetch(`${inject('system').url}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  expect([clicked.status, await clicked.json()]).toEqual([200, { stopped: 'notices' }]);
  expect(await news()).toEqual({ notices: false, reminders: true });
  // A script of another site cannot, even knowing the token; nor can JSON.
  const elsewhere = await fetch(`${inject('system').url}${path}`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  expect(elsewhere.status).toBe(403);
  expect((await call('POST', path, { 'List-Unsubscribe': 'One-Click' })).status).toBe(400);
  expect((await buyer.call('PATCH', '/api/auth/me', { news: { notices: true } })).json.news.notices).toBe(true);
});
