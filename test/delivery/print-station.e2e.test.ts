import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { boxOffice, confirm, demoBuyer, gatekeeper, order, payByCard, publishEvent, settled } from '../support/shop.ts';

it('a station prints what the box office has queued, and says so', async () => {
  const sale = await publishEvent();
  const buyer = await demoBuyer();
  const placed = await order(buyer, sale.ticketTypeId, 2);
  await payByCard(placed);
  await confirm(buyer, placed);
  await settled();
  const tickets: readonly { readonly id: string; readonly ticketNumber: string }[] = (
    await buyer.call('GET', `/api/tickets?orderId=${placed.orderId}`)
  ).json.items;
  const clerk = await boxOffice();
  const jobs = `/api/events/${sale.eventId}/print-jobs`;

  const queued = await clerk.call('POST', jobs, { ticketIds: tickets.map(({ id }) => id), language: 'de' });
  expect(queued.status, queued.text).toBe(201);
  const taken = (await clerk.call('POST', `${jobs}/claim`, { station: 'Window 1', most: 10 })).json.items;
  expect(taken.map((job: { ticketNumber: string }) => job.ticketNumber)).toEqual(
    tickets.map(({ ticketNumber }) => ticketNumber),
  );
  const folder = mkdtempSync(join(tmpdir(), 'onsale-print-'));
  try {
    for (const job of taken) {
      const file = join(folder, `${job.id}.pdf`);
      writeFileSync(file, (await clerk.call('GET', job.documentUrl)).bytes);
      expect(execFileSync('pdfinfo', [file], { encoding: 'utf8' })).toMatch(/Page size:\s+396 x 144 pts/);
      expect(execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' })).toContain(job.ticketNumber);
      const result = { leaseId: job.leaseId, outcome: 'PRINTED' };
      expect((await clerk.call('POST', `${jobs}/${job.id}/result`, result)).json.state).toBe('PRINTED');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect((await clerk.call('GET', jobs)).json).toEqual({ items: [], nextCursor: null });
  // Another print of the same ticket is no accident.
  const [first] = tickets;
  expect((await clerk.call('POST', jobs, { ticketIds: [first?.id] })).json.code).toBe('TICKET_PRINTED_ALREADY');
  const again = await clerk.call('POST', jobs, { ticketIds: [first?.id], reprint: 'DAMAGED', format: 'roll' });
  expect(again.json.items).toMatchObject([{ copy: 2, reprint: 'DAMAGED' }]);
  // Its buyer is no station.
  expect((await buyer.call('POST', `${jobs}/claim`, { station: 'Home' })).status).toBe(403);
  // Who has been let in is not printed any more.
  const gate = { qr: (await buyer.call('GET', `/api/tickets/${first?.id}`)).json.qr };
  expect((await (await gatekeeper()).call('POST', '/api/tickets/validate', gate)).json.result).toBe('ADMIT');
  expect((await clerk.call('POST', `${jobs}/claim`, { station: 'Window 1' })).json.items).toEqual([]);
});
