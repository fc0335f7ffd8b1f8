import { ulid } from 'ulid';
import { expect, inject, it } from 'vitest';

import { SECURITY_HEADERS } from '../../functions/shared/runtime/security-headers.ts';
import { allRoutes } from '../../functions/site/all-routes.ts';
import { currentPlan } from '../venues/plans.ts';
import { confirm, order, organizer, payByCard, person, publishEvent, settled } from '../support/shop.ts';

interface Shown {
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
}

async function fetched(what: string, method: string, path: string, headers = {}, body?: string): Promise<Shown> {
  const answer = await fetch(`${inject('system').url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  await answer.arrayBuffer();
  return { what, status: answer.status, headers: answer.headers };
}

/** What is wrong with the headers of an answer. */
function faultsOf({ what, headers }: Shown): readonly string[] {
  const missing = Object.keys(SECURITY_HEADERS).filter((name) => !headers.has(name));
  const policy = headers.get('content-security-policy') ?? '';
  const faults = missing.map((name) => `${what} lacks ${name}`);
  for (const rule of [
    "default-src 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ])
    if (!policy.includes(rule)) faults.push(`${what} has no ${rule}`);
  if (/unsafe|\*|https?:/.test(policy)) faults.push(`${what} allows too much: ${policy}`);
  if (headers.get('x-content-type-options') !== 'nosniff') faults.push(`${what} may be sniffed`);
  if (!headers.has('cache-control')) faults.push(`${what} does not say how long it may be kept`);
  if (headers.has('access-control-allow-origin')) faults.push(`${what} is open to other origins`);
  return faults;
}

it('every route and every kind of refusal answers with the security headers', async () => {
  const answers: Shown[] = [];
  for (const { id, method, path } of allRoutes) {
    const filled = path.replaceAll(/\{month\}/g, '2090-01.xml').replaceAll(/\{\w+\}/g, ulid());
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{"surprise":1}';
    answers.push(await fetched(id, method, filled, { 'content-type': 'application/json' }, body));
  }
  const post = (what: string, headers: object, body: string): Promise<Shown> =>
    fetched(what, 'POST', '/api/auth/login', headers, body);
  const json = { 'content-type': 'application/json' };
  answers.push(
    await fetched('no route', 'GET', '/nowhere'),
    await fetched('another method', 'PUT', '/api/health', json, '{}'),
    await post('no JSON', { 'content-type': 'text/plain' }, 'a=1'),
    await post('malformed', json, '{'),
    await post('too large', json, JSON.stringify({ email: 'x'.repeat(300_000) })),
    await post('a card number', json, '{"email":"4242424242424242","password":"x"}'),
  );
  expect(answers.flatMap(faultsOf)).toEqual([]);
  const statuses = new Set(answers.map(({ status }) => status));
  for (const status of [200, 400, 401, 404, 413, 415, 422]) expect([...statuses]).toContain(status);
});

it('files and pages have a policy of their own kind, and only public pictures are for other sites', async () => {
  const { eventId, ticketTypeId } = await publishEvent();
  const buyer = await person();
  const placed = await order(buyer, ticketTypeId);
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  const { json } = await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`);
  const ticketId: string = json.items[0].id;
  const own = async (path: string): Promise<Shown> => {
    const { status, headers } = await buyer.call('GET', path);
    return { what: path, status, headers };
  };
  const files = {
    pdf: await own(`/api/tickets/${ticketId}/pdf`),
    qr: await own(`/api/tickets/${ticketId}/qr.png`),
    docs: await fetched('docs', 'GET', '/api/docs'),
    calendar: await fetched('calendar', 'GET', `/api/events/${eventId}/calendar.ics`),
    sitemap: await fetched('sitemap', 'GET', '/sitemap.xml'),
    event: await fetched('event', 'GET', `/api/events/${eventId}`),
  };
  expect(Object.values(files).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(Object.values(files).flatMap(faultsOf)).toEqual([]);
  const policyOf = ({ headers }: Shown): string => headers.get('content-security-policy') ?? '';
  for (const file of [files.pdf, files.qr]) expect(policyOf(file)).toContain('sandbox');
  expect(policyOf(files.docs)).toMatch(/style-src 'sha256-/);
  const host = await organizer();
  const venue = await host.call('POST', '/api/venues', { name: 'Headers Hall', timeZone: 'Europe/Berlin' });
  const planned = await host.call('PUT', `/api/venues/${venue.json.id}/seating-plan`, currentPlan());
  const picture = await fetched('plan', 'GET', `/api/seating-plans/${planned.json.seatingPlan.id}/picture.svg`);
  expect(faultsOf(picture)).toEqual([]);
  expect(policyOf(picture)).toContain('sandbox');
  expect(picture.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  for (const file of Object.values(files)) expect(file.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(files.pdf.headers.get('content-disposition')).toContain('attachment');
});
