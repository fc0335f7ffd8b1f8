import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { describe, expect, inject, it } from 'vitest';
import type * as z from 'zod/mini';

import { createEvent } from '../../functions/catalog/organizer-routes.ts';
import { listEvents } from '../../functions/search/contract.ts';
import { eventView, type EventSummary } from '../../functions/catalog/views.ts';
import { siteRoutes } from '../../functions/site/contract.ts';
import { login } from '../../functions/users/contract.ts';
import { draftBody } from '../catalog/drafts.ts';

const PASSWORD = 'Onsale-demo-2026!';
const DEMO_TITLES = /Harbour at Night: |Tall Ships|Jazz Cruise|Lighthouse Day|Captain's Table|Winter Lights/;
const ROOT = join(import.meta.dirname, '..', '..');

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

async function send(
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const response = await fetch(new URL(path, inject('system').url), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

const logIn = (email: string): Promise<Reply> =>
  send('POST', '/api/auth/login', { body: { email, password: PASSWORD } });

describe('the demo accounts', () => {
  it.each([
    ['admin@onsale.example', ['customer', 'admin'], []],
    ['organizer@onsale.example', ['customer', 'organizer'], ['organizer']],
    ['staff@onsale.example', ['customer', 'staff'], ['gate', 'box-office']],
    ['support@onsale.example', ['customer', 'support'], []],
    ['buyer@onsale.example', ['customer'], []],
  ])('%s logs in as what it is', async (email, roles, posts) => {
    const answer = await logIn(email);
    expect(answer.status).toBe(200);
    const { user } = login.responses[200].parse(answer.json);
    expect(user).toMatchObject({ email, roles, status: 'VERIFIED' });
    expect(user.memberships.map(({ organizationName, post }) => [organizationName, post])).toEqual(
      posts.map((post) => ['Harbour Lights', post]),
    );
  });

  it('log out through a browser’s cookie, with the CSRF token', async () => {
    const answer = await logIn('buyer@onsale.example');
    const { csrfToken } = login.responses[200].parse(answer.json);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect(await send('GET', '/api/auth/me', { headers: { cookie } })).toMatchObject({ status: 200 });
    const browser = { cookie, origin: inject('system').url };
    expect(await send('POST', '/api/auth/logout', { headers: browser })).toMatchObject({ status: 403 });
    const out = await send('POST', '/api/auth/logout', { headers: { ...browser, 'x-xsrf-token': csrfToken } });
    expect(out.status).toBe(204);
    expect(await send('GET', '/api/auth/me', { headers: { cookie } })).toMatchObject({ status: 401 });
  });
});

/** The demo's own among all published events, however many other tests have made. */
async function demoEvents(): Promise<readonly EventSummary[]> {
  const found: EventSummary[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page: z.infer<(typeof listEvents.responses)[200]> = listEvents.responses[200].parse(
      (await send('GET', `/api/events?limit=100${query}`)).json,
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found.filter(({ title }) => DEMO_TITLES.test(title));
}

describe('the demo events', () => {
  it('are on sale in two currencies, one of them free, one with few seats', async () => {
    const events = await demoEvents();
    expect(new Set(events.map(({ priceRange }) => priceRange?.min.currency))).toEqual(new Set(['EUR', 'GBP']));
    expect(events.some(({ priceRange }) => priceRange?.max.amount === 0)).toBe(true);
    expect(events.some(({ availableTickets }) => availableTickets <= 4)).toBe(true);
  });

  it('are not made a second time when the seed runs again', async () => {
    const { environment, url } = inject('system');
    expect(await demoEvents()).toHaveLength(6);
    const again = spawnSync(process.execPath, ['scripts/seed-demo.ts'], {
      cwd: ROOT,
      env: { ...process.env, ...environment, ONSALE_URL: url },
      encoding: 'utf8',
    });
    expect(again.stderr).toBe('');
    expect(again.status).toBe(0);
    expect(
      again.stdout
        .trim()
        .split('\n')
        .every((line) => line.endsWith('was there')),
    ).toBe(true);
    expect(await demoEvents()).toHaveLength(6);
  });
});

it('an organizer creates, prices and publishes an event, and anyone reads it', async () => {
  const { accessToken } = login.responses[200].parse((await logIn('organizer@onsale.example')).json);
  const headers = { authorization: `Bearer ${accessToken}` };
  const created = await send('POST', '/api/events', { body: draftBody(), headers });
  expect(created.status).toBe(201);
  const { eventId } = createEvent.responses[201].parse(created.json);
  expect((await send('GET', `/api/events/${eventId}`)).status).toBe(404);
  expect((await send('POST', `/api/events/${eventId}/publish`, { headers })).status).toBe(200);
  const event = eventView.parse((await send('GET', `/api/events/${eventId}`)).json);
  expect(event).toMatchObject({ status: 'PUBLISHED', availableTickets: 150 });
  const [type] = event.ticketTypes;
  expect((await send('GET', `/api/ticket-types/${type?.id ?? ''}`)).json).toEqual(type);
  expect((await send('GET', `/api/tickets/types?eventId=${eventId}`)).json).toEqual({
    items: event.ticketTypes,
    nextCursor: null,
  });
});

it.each(siteRoutes.map(({ path }) => path))('anyone reads %s', async (path) => {
  // The page of an order is the same for every order: only its script asks for one.
  const answer = await send('GET', path.replace('{orderId}', ulid()));
  expect(answer.status).toBe(200);
  expect(answer.text.length).toBeGreaterThan(10);
});
