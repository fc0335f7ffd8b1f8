import { Construct } from 'constructs';

import { catalogEnv, catalogRoutes } from '../../functions/catalog/contract.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { sessionVariables, type Platform } from './platform.ts';

/** Events: making, publishing and showing them. */
export class Catalog extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Catalog');
    const catalog = declareFunction(this, 'Events', platform, {
      entry: 'catalog/handlers/http-catalog.ts',
      description: 'Events and their ticket types',
      schema: catalogEnv,
      environment: sessionVariables(platform),
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowTable(catalog, platform.table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem']);
    platform.http.serve(catalog, catalogRoutes);
  }
}
