import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EventView } from '../../functions/catalog/views.ts';
import type { HttpHandler } from '../../functions/shared/runtime/http.ts';
import { STAGES } from '../../lib/stages.ts';
import { call, type TestAnswer } from '../support/http.ts';
import { signIn } from '../support/sessions.ts';
import { codeOf, startCatalog, type CatalogWorld } from './catalog-world.ts';

const MOST = 5;
const CODE = 'Harbour Club';
const KEYS = '/onsale/test/session-keys';
const price = { amount: 1_000, currency: 'EUR' as const };

let world: CatalogWorld;
let hold: HttpHandler;
let buyer: string;
let addresses = 0;

beforeAll(async () => {
  const limits = { ...STAGES.local.limits, accessCodesPerAddress: { most: MOST, withinSeconds: 1_000_000_000 } };
  world = await startCatalog({ LIMITS: JSON.stringify(limits) });
  ({ handler: hold } = await import('../../functions/reservations/handlers/http-hold.ts'));
  buyer = (await signIn(world.db.table, KEYS, { roles: ['customer'] })).accessToken;
});
afterAll(() => world.close());

/** An event with a hidden type that {@link CODE} opens. */
async function withCode(): Promise<{ readonly event: EventView; readonly club: string }> {
  const event = await world.published({
    ticketTypes: [
      { name: 'Standing', price, quantity: 20 },
      { name: 'Club', price, quantity: 20, hidden: true },
    ],
  });
  const club = event.ticketTypes[1]?.id ?? '';
  await world.send('PUT /api/ticket-types/{ticketTypeId}/access-codes', {
    params: { ticketTypeId: club },
    body: { codes: [CODE] },
  });
  return { event, club };
}

/** An address that nobody has used before. */
const somewhere = (): string => `203.0.113.${(addresses += 1)}`;

const read = (from: string, eventId: string, code?: string): Promise<TestAnswer> =>
  world.anonymously('GET /api/events/{eventId}', {
    params: { eventId },
    from,
    ...(code === undefined ? {} : { headers: { 'x-access-code': code } }),
  });

const reserve = (from: string, ticketTypeId: string, code: string): Promise<TestAnswer> =>
  call(hold, {
    route: 'POST /api/reservations',
    body: { items: [{ ticketTypeId, quantity: 1 }] },
    headers: { 'x-access-code': code },
    token: buyer,
    from,
  });

describe('who guesses access codes', () => {
  it('is refused after a few tries, the right code too, while others go on and everything else is shown', async () => {
    const { event, club } = await withCode();
    const [guesser, other] = [somewhere(), somewhere()];
    for (let tries = 1; tries <= MOST; tries += 1)
      expect((await read(guesser, event.id, `guess number ${tries}`)).status).toBe(200);
    for (const code of ['another guess', CODE]) {
      const refused = await read(guesser, event.id, code);
      expect([...codeOf(refused), Number(refused.headers['retry-after']) > 0]).toEqual([
        429,
        'TOO_MANY_REQUESTS',
        true,
      ]);
      expect(refused.text).not.toContain('Club');
      expect(codeOf(await reserve(guesser, club, code))).toEqual([429, 'TOO_MANY_REQUESTS']);
    }
    expect((await read(guesser, event.id)).status, 'without a code nothing has changed').toBe(200);
    expect((await read(other, event.id, CODE)).text).toContain('Club');
    expect((await reserve(other, club, CODE)).status).toBe(201);
  });

  it('gets no more tries by sending them all at once, or through other routes', async () => {
    const { event, club } = await withCode();
    const guesser = somewhere();
    const from = { from: guesser, headers: { 'x-access-code': 'a wrong guess' } };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_unused, index) => [
        read(guesser, event.id, `parallel ${index}`),
        world.anonymously('GET /api/tickets/types', { query: { eventId: event.id }, ...from }),
        world.anonymously('GET /api/ticket-types/{ticketTypeId}', { params: { ticketTypeId: club }, ...from }),
        reserve(guesser, club, `hold ${index}`),
      ]).flat(),
    );
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(MOST);
  });

  it('is told from who sends a code to events that hide nothing, and from organizers of the event', async () => {
    const open = await world.published();
    const { event } = await withCode();
    const from = somewhere();
    for (let tries = 0; tries < 2 * MOST; tries += 1) {
      expect((await read(from, open.id, CODE)).status).toBe(200);
      const own = await world.send('GET /api/events/{eventId}', {
        params: { eventId: event.id },
        headers: { 'x-access-code': 'a wrong guess' },
        from,
      });
      expect(own.status).toBe(200);
    }
    expect((await read(from, event.id, CODE)).text).toContain('Club');
  });
});
