import { Construct } from 'constructs';

import { organizationsEnv, organizationsRoutes } from '../../functions/organizations/contract.ts';
import { invitationsRoutes } from '../../functions/organizations/invitations-contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  limitsVariables,
  LINK_VARIABLES,
  personalDataVariables,
  sessionVariables,
  type Platform,
} from './platform.ts';

/** Organisations, who works for them, and what admins grant. */
export class Organizations extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Organizations');
    const organizations = declareFunction(this, 'Teams', platform, {
      entry: 'organizations/handlers/http-organizations.ts',
      description: 'Organisations, their members and invitations, roles and bans',
      schema: organizationsEnv,
      environment: {
        ...sessionVariables(platform),
        ...personalDataVariables(platform),
        ...LINK_VARIABLES,
        ...limitsVariables(platform),
        EMAIL_INDEX_KEY_PARAMETER: { secret: 'emailIndexKey' },
      },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowPersonalData(organizations, platform, 'reads and writes');
    allowTable(organizations, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'ConditionCheckItem',
    ]);
    platform.http.serve(organizations, [...organizationsRoutes, ...invitationsRoutes]);
  }
}
