import { Construct } from 'constructs';

import { supportEnv, supportRoutes } from '../../functions/support/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, sessionVariables, type Platform } from './platform.ts';

/** Cases that refunds, disputes and reconciliation open, for people to close. */
export class Support extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Support');
    const cases = declareFunction(this, 'Cases', platform, {
      entry: 'support/handlers/http-cases.ts',
      description: 'Cases of the support desk',
      schema: supportEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES },
      timeoutSeconds: 10,
      memoryMiB: 256,
    });
    // A case moves from the list of its status to another.
    allowTable(cases, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem']);
    platform.http.serve(cases, supportRoutes);
  }
}
