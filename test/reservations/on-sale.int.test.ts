import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { StoreBusyError } from '../../functions/shared/table/commit.ts';
import { auditInvariants } from '../../scripts/audit/invariants.ts';
import { freeOf, putOnSale } from '../inventory/on-sale.ts';
import { injectFaults } from '../shared/faults.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
/** A sample of what `npm run prove` does with ten times as many on the running system. */
const BUYERS = 500;
const TICKETS = 50;
/** So many that the last tickets have to be gathered from all over. */
const BLOCKS = 16;

let db: TestTable;

beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.drop());

it(
  `${BUYERS} buyers for ${TICKETS} tickets in ${BLOCKS} blocks, a fifth of the writes in conflict`,
  async () => {
    const client = testClient({ maxAttempts: 3 });
    const struck = injectFaults(client, { conflicts: 0.2, throttles: 0.1, lostAnswers: 0.03, seed: 3 });
    const table = tableOn(client, db.table.name);
    const type = await putOnSale(db.table, NOW, { capacity: TICKETS, blocks: BLOCKS });
    const types = new Map([[type.ticketTypeId, type]]);
    let soldOutWhileFree = 0;

    const buy = async (): Promise<string> => {
      const [orderId, customerId] = [ulid(), ulid()];
      const request = {
        orderId,
        customerId,
        wishes: [{ ticketTypeId: type.ticketTypeId, quantity: 1 }],
        types,
        retriable: true,
      };
      for (;;) {
        try {
          const held = await placeHold(table, request, { now: NOW, correlationId: 'test', by: 'system' });
          if (held.ok) return 'HELD';
          if (held.error.code === 'SOLD_OUT' && (await freeOf(db.table, type)) > 0) soldOutWhileFree += 1;
          return held.error.code;
        } catch (error) {
          // 503 with Retry-After: the buyer tries again.
          if (!(error instanceof StoreBusyError)) throw error;
        }
      }
    };
    const outcomes: string[] = [];
    for (let start = 0; start < BUYERS; start += 100) {
      outcomes.push(...(await Promise.all(Array.from({ length: 100 }, buy))));
    }

    const held = outcomes.filter((outcome) => outcome === 'HELD').length;
    const soldOut = outcomes.filter((outcome) => outcome === 'SOLD_OUT').length;
    // Those fifty who hold send a transaction each, and more where they meet others; who sees that nothing is left sends none.
    expect(struck.conflicts, 'faults have struck').toBeGreaterThan(TICKETS / 10);
    expect({ held, soldOut, soldOutWhileFree }).toEqual({
      held: TICKETS,
      soldOut: BUYERS - TICKETS,
      soldOutWhileFree: 0,
    });
    const audit = auditInvariants({
      rows: await db.items(),
      ledger: { paymentIntents: [], refunds: [] },
      at: NOW,
      world: 'in-flight',
    });
    expect(audit.differences).toEqual([]);
    client.destroy();
  },
  // A slow machine has time; how long it takes is nobody's promise.
  600_000,
);
