import { Construct } from 'constructs';

import { auditEnv, auditRoutes, auditStockEnv } from '../../functions/audit/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, sessionVariables, tableVariables, type Platform } from './platform.ts';

/** How often the stock of every event is looked at. */
const AUDIT_EVERY_MINUTES = 60;

/** Who changed what, read from the timelines that the outbox keeps; and whether stock, orders and timelines agree. */
export class Audit extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Audit');
    const audit = declareFunction(this, 'Trail', platform, {
      entry: 'audit/handlers/http-audit.ts',
      description: 'Who changed what and when, for admins',
      schema: auditEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES },
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    allowTable(audit, platform.table, ['GetItem', 'Query']);
    platform.http.serve(audit, auditRoutes);

    const stock = declareFunction(this, 'Stock', platform, {
      entry: 'audit/handlers/schedule-audit-stock.ts',
      description: 'Looks whether the stock of events, their orders and timelines agree',
      schema: auditStockEnv,
      environment: tableVariables(platform),
      timeoutSeconds: 300,
      memoryMiB: 1_024,
    });
    allowTable(stock, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'BatchWriteItem']);
    allowIndex(stock, platform.table);
    // What it finds is shown to organizers and logged; that it does not run, their answers tell by their time.
    platform.jobs.every(AUDIT_EVERY_MINUTES, stock, 'none');
  }
}
