import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { readScanned, scanTicket } from '../../functions/access/app/scan-ticket.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { signQr, type TicketSeeds } from '../../functions/delivery/codes.ts';
import { qrSubjectOf } from '../../functions/delivery/domain/ticket.ts';
import { findTicketsOf } from '../../functions/delivery/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { tableOn } from '../../functions/shared/table/client.ts';
import { placePaidOrder } from '../delivery/paid-order.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { injectFaults } from '../shared/faults.ts';
import { startTestTable, testClient, type TestTable } from '../support/dynamodb.ts';
import { meterWrites } from '../support/write-units.ts';

const seeds: TicketSeeds = [new Uint8Array(32).fill(7)];
const now = Date.now();

let db: TestTable;
let type: TicketTypeCopy;

beforeAll(async () => {
  db = await startTestTable();
  type = await putOnSale(db.table, now);
});
afterAll(() => db.drop());

async function codes(quantity: number): Promise<readonly string[]> {
  const order = await placePaidOrder(db.table, now, { lines: [{ type, quantity }] });
  await issueTickets(db.table, order.orderId, { now, correlationId: 'test', by: 'system' });
  return (await findTicketsOf(db.table, [order], 'strong')).map((ticket) => signQr(seeds, qrSubjectOf(ticket, ticket)));
}

/** Scans `qr` once over `table`, as a scanner of the event's organisation. */
async function scan(table: TestTable['table'], qr: string): Promise<string> {
  const command = {
    scanId: ulid(),
    gates: [{ organizationId: type.organizationId }],
    staffId: 'S',
    now,
    correlationId: 'test',
    by: 'system',
  };
  const admission = await scanTicket(
    table,
    () => Promise.resolve(undefined),
    await readScanned(table, seeds, qr),
    command,
  );
  return admission.kind === 'REFUSE' ? admission.reason : 'ADMIT';
}

it('admits each of twenty tickets once through conflicts, throttles and answers that are lost', async () => {
  const client = testClient();
  const struck = injectFaults(client, { conflicts: 0.2, throttles: 0.05, lostAnswers: 0.1, seed: 3 });
  const table = tableOn(client, db.table.name);
  const tickets = await codes(20);
  const answers = await Promise.all(
    tickets.map((qr) => Promise.all([scan(table, qr), scan(table, qr), scan(table, qr)])),
  );
  expect(struck.conflicts).toBeGreaterThan(0);
  expect(struck.lostAnswers).toBeGreaterThan(0);
  // A scan whose answer was lost recognises its own effect: nobody with a good ticket is turned away.
  for (const verdicts of answers) expect(verdicts.toSorted()).toEqual(['ADMIT', 'ALREADY_USED', 'ALREADY_USED']);
  const admissions = (await db.items()).filter(
    (row) => row['pk'] === `SCANS#${type.eventId}` && row['result'] === 'ADMIT',
  );
  expect(admissions).toHaveLength(20);
});

it('costs four write units to admit and one to refuse', async () => {
  const [qr = ''] = await codes(1);
  const client = testClient();
  const meter = meterWrites(client);
  const table = tableOn(client, db.table.name);
  expect(await scan(table, qr)).toBe('ADMIT');
  expect(meter.units).toBe(4);
  expect(await scan(table, qr)).toBe('ALREADY_USED');
  expect(meter.units).toBe(5);
});
