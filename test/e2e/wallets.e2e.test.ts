import { beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod/mini';

import { openBrowser } from '../support/browser.ts';
import { getJson } from '../support/json.ts';
import { call, confirm, demoBuyer, order, payByCard, publishEvent, settled, type Person } from '../support/shop.ts';

let buyer: Person;
let ticketId: string;

beforeAll(async () => {
  const sale = await publishEvent({ quantity: 10 });
  buyer = await demoBuyer();
  const placed = await order(buyer, sale.ticketTypeId);
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  ticketId = (await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`)).json.items[0].id;
});

const { url, controlUrl } = inject('system');
const pushed = async (): Promise<readonly string[]> =>
  z
    .parse(z.array(z.object({ token: z.string() })), await getJson(`${controlUrl}/_local/pushes`))
    .map(({ token }) => token);

/** What a phone reads in a pass: passes lie in their file uncompressed. */
async function passOf(): Promise<{ readonly passType: string; readonly serial: string; readonly token: string }> {
  const answer = await buyer.call('GET', `/api/tickets/${ticketId}/wallet/apple`);
  expect(answer.status, answer.text).toBe(200);
  const said = (name: string): string => new RegExp(`"${name}":"([^"]+)"`).exec(answer.text)?.[1] ?? '';
  return { passType: said('passTypeIdentifier'), serial: said('serialNumber'), token: said('authenticationToken') };
}

describe('a pass in a phone', () => {
  it('is told of a new code of its ticket, which it never learns, and leaves again', async () => {
    const { passType, serial, token } = await passOf();
    const headers = { authorization: `ApplePass ${token}` };
    const path = (device: string): string => `/api/wallet/v1/devices/${device}/registrations/${passType}/${serial}`;
    for (const [device, pushToken] of [
      ['phone', 'beef01'],
      ['watch', 'dead02'],
      ['tablet', 'beef03'],
    ] as const)
      expect((await call('POST', path(device), { pushToken }, headers)).status).toBe(201);
    expect((await call('DELETE', path('tablet'), undefined, headers)).status).toBe(200);

    expect((await buyer.call('POST', `/api/tickets/${ticketId}/reissue`, {})).status).toBe(200);
    await settled();
    expect(await pushed()).toContain('beef01');
    expect(await pushed()).not.toContain('beef03');
    const changed = await call('GET', path('phone').slice(0, -serial.length - 1));
    expect(changed.json.serialNumbers).toEqual([serial]);
    const latest = await call('GET', `/api/wallet/v1/passes/${passType}/${serial}`, undefined, headers);
    expect(latest.status).toBe(200);
    expect(latest.text).toContain('"voided":true');
    expect(latest.text).not.toContain('OT1:');
    // The watch was of no device any more.
    expect((await call('GET', path('watch').slice(0, -serial.length - 1))).status).toBe(204);
  });
});

describe('the page of a ticket', () => {
  const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1';
  const ANDROID = 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131 Mobile Safari/537.36';

  it('offers a phone the wallet that it has, and hands out the pass', async () => {
    const { json } = await buyer.call('GET', `/api/tickets/${ticketId}/link`);
    const link = new URL(json.url);
    const browser = await openBrowser();
    const offered = '#wallets a:not([hidden])';
    const openOn = async (userAgent: string): Promise<Awaited<ReturnType<typeof browser.newPage>>> => {
      const page = await browser.newPage({ userAgent });
      await page.goto(`${url}${link.pathname}${link.hash}`);
      await page.waitForSelector(offered);
      return page;
    };
    try {
      const iphone = await openOn(IPHONE);
      expect(await iphone.locator(offered).getAttribute('id')).toBe('apple');
      const [download] = await Promise.all([iphone.waitForEvent('download'), iphone.click('#apple')]);
      expect(download.suggestedFilename()).toMatch(/^ticket-ON-.*\.pkpass$/);
      const android = await openOn(ANDROID);
      expect(await android.locator(offered).getAttribute('id')).toBe('google');
      expect(await android.locator(offered).getAttribute('href')).toMatch(/^https:\/\/pay\.google\.com\/gp\/v\/save\//);
    } finally {
      await browser.close();
    }
  });
});
