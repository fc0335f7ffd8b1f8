import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ticketKey } from '../../functions/delivery/keys.ts';
import { commit } from '../../functions/shared/table/commit.ts';
import { mustHold, type Attributes } from '../../functions/shared/table/writes.ts';
import { HOUR } from '../../functions/shared/kernel/clock.ts';
import { makeTicketPage } from '../../functions/site/ticket-page.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import type { TestAnswer } from '../support/http.ts';
import type { TestPerson } from '../support/sessions.ts';
import { HoldersWorld } from './holders-world.ts';

let world: HoldersWorld;
let buyer: TestPerson;
let stranger: TestPerson;

beforeAll(async () => {
  world = await HoldersWorld.start();
  [buyer, stranger] = await Promise.all([world.person(), world.person()]);
});
afterAll(() => world.close());

async function tokenOf(ticketId: string): Promise<string> {
  const { json } = await world.ask(buyer, 'GET /api/tickets/{ticketId}/link', { ticketId });
  const url = new URL(String(json['url']));
  expect(url.pathname).toBe('/ticket');
  // Browsers send no fragment to anybody.
  expect(url.search).toBe('');
  return new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
}
const show = (token: string): Promise<TestAnswer> => world.ask(undefined, 'POST /api/tickets/show', {}, { token });
const set = (ticketId: string, changes: Attributes): Promise<unknown> =>
  commit(world.db.table, [{ kind: 'update', key: ticketKey(ticketId), set: changes, otherwise: mustHold('fixture') }]);

describe('the link of a ticket', () => {
  it('shows what lets its holder in, to who has not logged in, and nothing of the order', async () => {
    const id = await world.ticketOf(buyer);
    const answer = await show(await tokenOf(id));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({ status: 'VALID', qr: (await world.show(buyer, id)).qr });
    expect(answer.text).not.toContain(buyer.userId);
    expect(Object.keys(answer.json)).not.toContain('orderId');
    expect(String(answer.headers['cache-control'])).toContain('no-store');
  });

  it('dies with a new code, and the holder gets another', async () => {
    const id = await world.ticketOf(buyer);
    const token = await tokenOf(id);
    await world.ask(buyer, 'POST /api/tickets/{ticketId}/reissue', { ticketId: id }, {});
    expect(await show(token)).toMatchObject({ status: 410, json: { code: 'TOKEN_INVALID_OR_EXPIRED' } });
    expect((await show(await tokenOf(id))).status).toBe(200);
  });

  it.each([
    ['given back', { status: 'ARCHIVED' }],
    ['passed on', { status: 'TRANSFERRED' }],
  ])('shows no ticket that is %s', async (_what, changes) => {
    const id = await world.ticketOf(buyer);
    const token = await tokenOf(id);
    await set(id, changes);
    expect((await show(token)).status).toBe(410);
  });

  it('shows no ticket of an event that is over', async () => {
    const type = await putOnSale(world.db.table, world.now, { eventStartsAt: world.now - 30 * HOUR });
    const token = await tokenOf(await world.ticketOf(buyer, type));
    expect((await show(token)).status).toBe(410);
  });

  it('is guessed by nobody: each other token is answered alike', async () => {
    const id = await world.ticketOf(buyer);
    const token = await tokenOf(id);
    const bytes = Buffer.from(token, 'base64url');
    for (const at of [0, 15, 16, 30, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await show(changed.toString('base64url'))).json).toMatchObject({ status: 410 });
    }
    for (const text of ['x', 'A'.repeat(64), `tc_${id}`, '../../..', '{{constructor}}'])
      expect((await show(text)).status).toBe(410);
  });

  it('is handed to nobody but the holder', async () => {
    const ticketId = await world.ticketOf(buyer);
    const gate = await world.gatekeeper();
    for (const as of [stranger, gate])
      expect((await world.ask(as, 'GET /api/tickets/{ticketId}/link', { ticketId })).status).toBe(404);
    expect((await world.ask(undefined, 'GET /api/tickets/{ticketId}/link', { ticketId })).status).toBe(401);
  });
});

describe('the page of a ticket', () => {
  const { html, contentSecurityPolicy } = makeTicketPage();
  const partsOf = (tag: string): readonly string[] =>
    [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, text = '']) => text);

  it('allows its own script and style by their hashes, requests to us, pictures of its own, and nothing else', () => {
    const hashOf = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [script, ...moreScripts] = partsOf('script');
    const [style, ...moreStyles] = partsOf('style');
    expect([...moreScripts, ...moreStyles]).toEqual([]);
    expect(contentSecurityPolicy).toContain(`script-src ${hashOf(script)};`);
    expect(contentSecurityPolicy).toContain(`style-src ${hashOf(style)};`);
    expect(contentSecurityPolicy).toMatch(
      /default-src 'none'.*connect-src 'self'.*img-src data:.*trusted-types 'none'/,
    );
    expect(html).not.toMatch(/\son\w+=|\sstyle=|\ssrc=|<link|<iframe|https?:\/\//);
  });

  it('has a script that browsers can read, which puts no markup into the page', () => {
    const [script = ''] = partsOf('script');
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function/);
  });
});
