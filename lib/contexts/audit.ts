import { Construct } from 'constructs';

import { auditEnv, auditRoutes } from '../../functions/audit/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { CURSOR_VARIABLES, sessionVariables, type Platform } from './platform.ts';

/** Who changed what: read from the timelines that the outbox keeps. */
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
  }
}
