import { allListings } from '../../catalog/listings.ts';
import { DAY, MINUTE, type Clock, type Instant } from '../../shared/kernel/clock.ts';
import { logFault, logInfo } from '../../shared/runtime/log.ts';
import type { JobReport } from '../../shared/runtime/schedule.ts';
import type { Table } from '../../shared/table/client.ts';
import type { StockAudit } from '../contract.ts';
import { findLooks } from '../reads.ts';
import { listNewOrders } from './list-orders.ts';
import { auditStock } from './audit-stock.ts';

/** Events whose last looks are read together. */
const TOGETHER = 100;
/** What was looked at so lately is passed over: the job comes every hour, sometimes a little early. */
const LATELY_MS = 50 * MINUTE;
/** Events that began so long ago and are still listed are looked at, too. */
const LOOK_BACK_MS = 3 * DAY;

/**
 * Looks at the stock of every event that is published, each once an hour. What one run has no time for the next one
 * does first, for what was looked at lately is passed over.
 *
 * @param hasTime whether there is time for one more event
 */
export async function auditEvents(table: Table, clock: Clock, hasTime: () => boolean): Promise<JobReport> {
  const report = { events: 0, differing: 0, faults: 0, left: 0 };
  // Without all orders every look would be full of doubts.
  if (!(await listNewOrders(table, clock(), hasTime))) return { ...report, left: 1 };
  for await (const eventIds of listed(table, clock())) {
    const looks = await findLooks(table, eventIds);
    for (const eventId of eventIds.filter((each) => isDue(looks.get(each), clock()))) {
      if (!hasTime()) return { ...report, left: 1 };
      try {
        const found = (await auditStock(table, eventId, clock))?.found ?? 0;
        report.events += 1;
        if (found === 0) continue;
        report.differing += 1;
        logInfo('STOCK_DIFFERS', { eventId, differences: found });
      } catch (error) {
        logFault('JOB_FAULT', error, { job: 'audit-stock', eventId });
        report.faults += 1;
      }
    }
  }
  return report;
}

async function* listed(table: Table, now: Instant): AsyncGenerator<readonly string[]> {
  let part: string[] = [];
  for await (const { eventId } of allListings(table, now - LOOK_BACK_MS)) {
    part.push(eventId);
    if (part.length < TOGETHER) continue;
    yield part;
    part = [];
  }
  yield part;
}

function isDue(look: StockAudit | undefined, now: Instant): boolean {
  return look === undefined || look.lookedAt + LATELY_MS <= now;
}
