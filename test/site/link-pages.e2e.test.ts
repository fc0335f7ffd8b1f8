import { ulid } from 'ulid';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { openBrowser } from '../support/browser.ts';
import { linkTo } from '../support/mailbox.ts';
import { call } from '../support/shop.ts';

const PASSWORD = 'Onsale-page-2026!';
const NEW_PASSWORD = 'Onsale-anew-2026!';

let browser: Browser;
let page: Page;
/** What the page asked for, and what the browser would not let it. */
let requests: { readonly url: string; readonly body: string | null }[];
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  // A phone of the narrow kind, whose owner reads German.
  const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 320, height: 568 }, hasTouch: true });
  page = await context.newPage();
  requests = [];
  complaints = [];
  page.on('request', (request) => requests.push({ url: request.url(), body: request.postData() }));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});
afterEach(async () => {
  await page.context().close();
  if (complaints.length > 0) throw new Error(`The browser complains: ${complaints.join('; ')}`);
});

/** Opens the link of a mail at the running system, wherever that listens. */
async function follow(link: URL): Promise<void> {
  await page.goto(`${inject('system').url}${link.pathname}${link.hash}`);
}

/** What the page says of what was done; hashing a password takes a second. */
const said = () => page.locator('#status').textContent();
const WAIT = { timeout: 15_000 };

async function register(email: string): Promise<void> {
  const person = {
    email,
    password: PASSWORD,
    firstName: 'Jo',
    lastName: 'Muster',
    dateOfBirth: '1990-05-17',
    locale: 'de',
  };
  expect((await call('POST', '/api/auth/register', person)).status).toBe(201);
}

/** Types the account's password into the page of a link that proves its address. */
async function confirmAddress(): Promise<void> {
  await page.getByLabel('Passwort des Kontos').fill(PASSWORD);
  await page.getByRole('button', { name: 'Adresse bestätigen' }).tap();
}

const logIn = (email: string, password: string) => call('POST', '/api/auth/login', { email, password });

describe('the pages of mailed links', () => {
  it('lead from registration to a proven address, and from a forgotten password to a new one', async () => {
    const email = `page.${ulid().toLowerCase()}@example.com`;
    await register(email);
    const link = await linkTo(email, '/verify-email');
    await follow(link);
    expect(await page.title()).toBe('E-Mail-Adresse bestätigen');
    // Nobody has pressed the button: a program that looks at links has spent nothing.
    expect(requests.filter(({ url }) => url.includes('/api/'))).toEqual([]);
    // Whoever has only the mail does not take over what somebody else may have made, and is told what to do.
    await page.getByRole('button', { name: 'Adresse bestätigen' }).tap();
    expect(requests.filter(({ url }) => url.includes('/api/'))).toEqual([]);
    await page.getByLabel('Passwort des Kontos').fill('Not-the-password-1!');
    await page.keyboard.press('Enter');
    await expect.poll(said, WAIT).toContain('nicht das Passwort dieses Kontos');
    const instead = page.getByRole('link', { name: 'Zuerst ein neues Passwort wählen' });
    expect(await instead.getAttribute('href')).toBe('/reset-password');
    await confirmAddress();
    await expect.poll(said, WAIT).toContain('Sie können sich jetzt anmelden');
    const session = await logIn(email, PASSWORD);
    expect(session.status).toBe(200);

    // A page without a token asks for the address.
    await page.goto(`${inject('system').url}/reset-password`);
    await page.getByLabel('E-Mail-Adresse').fill(email);
    await page.keyboard.press('Enter');
    await expect.poll(said, WAIT).toContain('ist eine E-Mail mit einem Link unterwegs');

    await follow(await linkTo(email, '/reset-password'));
    await page.getByLabel('Neues Passwort', { exact: true }).fill('weak');
    await page.getByLabel('Neues Passwort noch einmal').fill('weaker');
    await page.keyboard.press('Enter');
    await expect.poll(said, WAIT).toContain('nicht gleich');
    await page.getByLabel('Neues Passwort noch einmal').fill('weak');
    await page.keyboard.press('Enter');
    await expect.poll(said, WAIT).toContain('Mindestens 12 Zeichen');
    // By keyboard alone, as the focus goes.
    await page.getByLabel('Neues Passwort', { exact: true }).focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(NEW_PASSWORD);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(NEW_PASSWORD);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expect.poll(said, WAIT).toContain('Ihr neues Passwort gilt');

    const authorization = `Bearer ${session.json.accessToken}`;
    expect((await call('GET', '/api/auth/me', undefined, { authorization })).status).toBe(401);
    expect((await logIn(email, PASSWORD)).status).toBe(401);
    expect((await logIn(email, NEW_PASSWORD)).status).toBe(200);

    // The token was sent in bodies, with the wrong password and the right one, and stands in no address: not in a request, not in the history.
    const token = link.hash.slice('#token='.length);
    expect(requests.filter(({ url }) => url.includes(token))).toEqual([]);
    expect(requests.filter(({ body }) => body?.includes(token) === true)).toHaveLength(2);
    expect(page.url()).not.toContain('token');
  });

  it('say that a link is spent, and offer another one', async () => {
    const email = `spent.${ulid().toLowerCase()}@example.com`;
    await register(email);
    const link = await linkTo(email, '/verify-email');
    await follow(link);
    await confirmAddress();
    await expect.poll(said, WAIT).toContain('bestätigt');
    // Where the page stands already, only the fragment changes.
    await follow(link);
    await expect.poll(() => page.getByRole('button', { name: 'Adresse bestätigen' }).isVisible(), WAIT).toBe(true);
    await confirmAddress();
    await expect.poll(said, WAIT).toContain('schon benutzt');
    await expect.poll(() => page.getByRole('button', { name: 'Link senden' }).isVisible(), WAIT).toBe(true);
    expect(await page.getByRole('button', { name: 'Adresse bestätigen' }).isVisible()).toBe(false);
  });

  it('unlock an account', async () => {
    const email = `stuck.${ulid().toLowerCase()}@example.com`;
    await register(email);
    await follow(await linkTo(email, '/verify-email'));
    await confirmAddress();
    await expect.poll(said, WAIT).toContain('bestätigt');
    for (let guess = 0; guess < 3; guess += 1) await logIn(email, 'Wrong-password-1!');
    expect((await logIn(email, PASSWORD)).status).toBe(423);
    await follow(await linkTo(email, '/unlock'));
    await page.getByRole('button', { name: 'Konto entsperren' }).tap();
    await expect.poll(said, WAIT).toContain('entsperrt');
    expect((await logIn(email, PASSWORD)).status).toBe(200);
  });

  it.each(['/verify-email', '/reset-password', '/unlock', '/confirm-email', '/unsubscribe'])(
    '%s fits a narrow phone, names what it asks for, and keeps no script but its own',
    async (path) => {
      await page.goto(`${inject('system').url}${path}#token=${'A'.repeat(64)}`);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await page.evaluate('document.documentElement.lang')).toBe('de');
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      const unnamed = `[...document.querySelectorAll('input')].filter((input) => !input.labels?.[0]?.textContent.trim()).length`;
      expect(await page.evaluate(unnamed)).toBe(0);
      const small = `[...document.querySelectorAll('button, input')].filter((each) => each.offsetParent && each.offsetHeight < 44).length`;
      expect(await page.evaluate(small)).toBe(0);
      const foreign = `(() => { try { document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' })); } catch {} return window.ran ?? 0; })()`;
      expect(await page.evaluate(foreign)).toBe(0);
      expect(complaints).toEqual([expect.stringContaining("requires 'TrustedScript' assignment")]);
      complaints = [];
    },
  );
});
