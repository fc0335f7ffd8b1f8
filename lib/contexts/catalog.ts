import { Construct } from 'constructs';

import { catalogEnv, organizeEnv, readRoutes } from '../../functions/catalog/contract.ts';
import { feedRoutes, feedsEnv } from '../../functions/catalog/feed-routes.ts';
import { organizerRoutes } from '../../functions/catalog/organizer-routes.ts';
import { seriesRoutes } from '../../functions/catalog/series-routes.ts';
import { stockRoutes } from '../../functions/catalog/stock-routes.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import {
  accessCodeVariables,
  CURSOR_VARIABLES,
  httpVariables,
  sessionVariables,
  tableVariables,
  type Platform,
} from './platform.ts';

/** Events: making, publishing and showing them. */
export class Catalog extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Catalog');
    const events = declareFunction(this, 'Events', platform, {
      entry: 'catalog/handlers/http-catalog.ts',
      description: 'Events and their ticket types, to read',
      schema: catalogEnv,
      environment: { ...sessionVariables(platform), ...accessCodeVariables(platform) },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    // UpdateItem counts tries of access codes.
    allowTable(events, platform.table, ['GetItem', 'BatchGetItem', 'UpdateItem']);
    platform.http.serve(events, readRoutes);

    const organize = declareFunction(this, 'Organize', platform, {
      entry: 'catalog/handlers/http-organize.ts',
      description: 'What organizers do to their events',
      schema: organizeEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES },
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    allowTable(organize, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      // What is published at a venue insists that the venue is not archived.
      'ConditionCheckItem',
    ]);
    platform.http.serve(organize, [...organizerRoutes, ...seriesRoutes, ...stockRoutes]);

    const feeds = declareFunction(this, 'Feeds', platform, {
      entry: 'catalog/handlers/http-feeds.ts',
      description: 'Calendars, structured data and sitemaps of public events',
      schema: feedsEnv,
      environment: { ...httpVariables(platform), ...tableVariables(platform) },
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    allowTable(feeds, platform.table, ['GetItem', 'BatchGetItem', 'Query']);
    allowIndex(feeds, platform.table);
    platform.http.serve(feeds, feedRoutes);
  }
}
