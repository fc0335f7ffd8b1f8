import { Construct } from 'constructs';

import { accessRoutes, scanEnv } from '../../functions/access/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, sessionVariables, TICKET_SEED_VARIABLES, type Platform } from './platform.ts';

/** The gate: scans and their log. */
export class Access extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Access');
    const scan = declareFunction(this, 'Scan', platform, {
      entry: 'access/handlers/http-scan.ts',
      description: 'Lets each ticket in once',
      schema: scanEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES, ...TICKET_SEED_VARIABLES },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowTable(scan, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    platform.http.serve(scan, accessRoutes);
  }
}
