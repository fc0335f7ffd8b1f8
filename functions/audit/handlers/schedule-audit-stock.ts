import { SECOND, systemClock } from '../../shared/kernel/clock.ts';
import { readEnv } from '../../shared/runtime/env.ts';
import { scheduledFunction } from '../../shared/runtime/schedule.ts';
import { openTable } from '../../shared/table/client.ts';
import { auditEvents } from '../app/audit-events.ts';
import { auditStockEnv } from '../contract.ts';

const table = openTable(readEnv(auditStockEnv).TABLE_NAME);

/** How long events are looked at, so that the last one ends in time. */
const AUDIT_MS = 200 * SECOND;

export const handler = scheduledFunction('audit-stock', () => {
  const until = systemClock() + AUDIT_MS;
  return auditEvents(table, systemClock, () => systemClock() < until);
});
