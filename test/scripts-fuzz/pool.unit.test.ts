import { createServer, type Server } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { near } from '../../scripts/fuzz/arbitraries.ts';
import { Pool, token } from '../../scripts/fuzz/pool.ts';
import { checkRefusals } from '../../scripts/fuzz/refusals.ts';
import type { Row } from '../../scripts/audit/rows.ts';
import type { Exchange } from '../../scripts/fuzz/run.ts';

describe('the pool of values that exist', () => {
  it('fills tokens in paths and bodies, and a name without values gets an id that nothing has', () => {
    const pool = new Pool({ eventId: ['E1'] }, ['venueId']);
    expect(pool.fill(`/api/events/${token('eventId', 7)}?at=${token('eventId', 0)}`)).toBe('/api/events/E1?at=E1');
    expect(pool.fill(token('venueId', 0))).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('learns what answers have made, by its own name, by that of the operation, and inside', () => {
    const pool = new Pool({}, ['eventId', 'venueId', 'ticketTypeId', 'planId']);
    pool.learn('createEvent', {
      eventId: 'E1',
      event: { id: 'E1', ticketTypes: [{ id: 'T1' }], organizationId: 'O1' },
    });
    pool.learn('createVenue', { id: 'V1' });
    pool.learn('putSeatingPlan', { seatingPlan: { id: 'P1' } });
    const names = ['eventId', 'venueId', 'ticketTypeId', 'planId'];
    expect(names.map((name) => pool.fill(token(name, 0)))).toEqual(['E1', 'V1', 'T1', 'P1']);
    expect(pool.fill(token('organizationId', 0))).not.toBe('O1');
  });

  it('bodies near an example keep what is required and are of the schema', () => {
    const schema = {
      type: 'object' as const,
      required: ['a'],
      properties: { a: { type: 'integer' as const }, b: { type: 'boolean' as const } },
    };
    fc.assert(
      fc.property(near({ a: 1 }, schema, new Pool({}, [])), (body) => {
        expect(body).toHaveProperty('a', expect.any(Number));
        expect(Object.keys(body ?? {}).filter((name) => name !== 'a' && name !== 'b')).toEqual([]);
      }),
    );
  });
});

describe('the check that refusals change nothing', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** A system that answers `statuses` in turn; each request may leave something in `rows`. */
  async function checked(statuses: readonly number[], leave: (rows: Map<string, Row>, status: number) => void) {
    const rows = new Map<string, Row>([['1', { pk: 'A', sk: '1', seats: new Set(['b', 'a']), lastUsedAt: 1 }]]);
    let requests = 0;
    server = createServer((_request, response) => {
      const status = statuses[requests % statuses.length] ?? 500;
      requests += 1;
      leave(rows, status);
      response.writeHead(status).end();
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port');
    const exchange = (code: string): Exchange => ({
      request: { operationId: 'x', kind: 'valid', method: 'POST', path: '/', headers: {}, body: '{}', caller: 'buyer' },
      sent: { method: 'POST', path: '/', headers: {}, body: '{}' },
      answer: { status: 400, headers: new Headers(), text: JSON.stringify({ code }) },
    });
    return checkRefusals(
      { url: `http://127.0.0.1:${address.port}`, rowsAtRest: async () => structuredClone([...rows.values()]) },
      {
        refused: [exchange('INVALID_INPUT'), exchange('NOT_ALLOWED'), exchange('PAYMENT_FAILED')],
        headersOf: () => ({}),
      },
    );
  }

  it('passes where nothing changes, however often something was used', async () => {
    const found = await checked([404], (rows) =>
      rows.set('1', { pk: 'A', sk: '1', seats: new Set(['a', 'b']), lastUsedAt: 2 }),
    );
    expect(found).toEqual({ refused: 2, changes: [] });
  });

  it('finds a row that a refusal has changed, added or removed', async () => {
    expect(
      (await checked([409], (rows) => rows.set('1', { pk: 'A', sk: '1', seats: new Set() }))).changes,
    ).toHaveLength(1);
    server?.close();
    expect((await checked([409], (rows) => rows.set('2', { pk: 'B', sk: '1' }))).changes).toHaveLength(1);
    server?.close();
    expect((await checked([409], (rows) => rows.delete('1'))).changes).toHaveLength(1);
  });

  it('leaves out what is taken this time, and asks the others again', async () => {
    const found = await checked([201, 404, 404], (rows, status) => {
      if (status === 201) rows.set('2', { pk: 'B', sk: '1' });
    });
    expect(found).toEqual({ refused: 1, changes: [] });
  });
});
