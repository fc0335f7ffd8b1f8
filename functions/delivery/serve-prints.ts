import { ownedEvents } from '../catalog/owned.ts';
import { derivedId } from '../shared/kernel/ids.ts';
import { ok } from '../shared/kernel/result.ts';
import type { Served } from '../shared/runtime/http.ts';
import { serveOwned } from '../shared/runtime/serve-owned.ts';
import type { Table } from '../shared/table/client.ts';
import { claimPrints, queuePrints, settlePrint } from './app/print-queue.ts';
import { viewPrintJob } from './domain/print-job.ts';
import * as api from './print-contract.ts';
import { ownedPrintJobs } from './owned.ts';
import { openPrintJobs } from './reads.ts';

/** Routes by which a box office has tickets printed, and its stations print them. */
export function servePrints(table: Table): readonly Served[] {
  const events = ownedEvents(table);
  return [
    serveOwned(api.queuePrints, events, async ({ body, headers, session, occasion }, { eventId }) => {
      const { format = 'stock', language = 'en', ticketIds, reprint } = body;
      const key = headers['idempotency-key'];
      const request = key === undefined ? undefined : derivedId('prints', session.userId, eventId, key);
      const queued = await queuePrints(table, { eventId, ticketIds, format, language, reprint, request }, occasion);
      return queued.ok ? ok({ status: 201, body: { items: queued.value.map(viewPrintJob) } }) : queued;
    }),
    serveOwned(api.listPrints, events, async (_asked, { eventId }) => {
      const items = (await openPrintJobs(table, eventId)).map(viewPrintJob);
      return ok({ status: 200, body: { items, nextCursor: null } });
    }),
    serveOwned(api.claimPrints, events, async ({ body: { station, most = 1 }, occasion }, { eventId }) => {
      const taken = await claimPrints(table, { eventId, station, most }, occasion);
      const items = taken.map((job) => ({ ...viewPrintJob(job), leaseId: job.leaseId }));
      return ok({ status: 200, body: { items } });
    }),
    serveOwned(api.settlePrint, ownedPrintJobs(table), async ({ body: result, occasion }, job) => {
      const settled = await settlePrint(table, job, result, occasion);
      return settled.ok ? ok({ status: 200, body: viewPrintJob(settled.value) }) : settled;
    }),
  ];
}
