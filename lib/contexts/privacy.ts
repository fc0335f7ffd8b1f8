import { Construct } from 'constructs';

import { privacyEnv, privacyRoutes } from '../../functions/privacy/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  allowPersonalData,
  CURSOR_VARIABLES,
  personalDataVariables,
  sessionVariables,
  type Platform,
} from './platform.ts';

/** What people may ask of their data: a copy of it. */
export class Privacy extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Privacy');
    const persons = declareFunction(this, 'Persons', platform, {
      entry: 'privacy/handlers/http-privacy.ts',
      description: 'Hands people all that is kept about them',
      schema: privacyEnv,
      environment: { ...sessionVariables(platform), ...personalDataVariables(platform), ...CURSOR_VARIABLES },
      timeoutSeconds: 25,
      // scrypt under a passphrase takes 128 MiB and a second of a whole processor, which 1,769 MiB are.
      memoryMiB: 1_769,
    });
    allowPersonalData(persons, platform, 'reads');
    allowTable(persons, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem']);
    platform.http.serve(persons, privacyRoutes);
  }
}
