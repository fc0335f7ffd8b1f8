import { StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

import { cancelEventEnv, catalogEnv, organizeEnv, readRoutes } from '../../functions/catalog/contract.ts';
import { feedRoutes, feedsEnv } from '../../functions/catalog/feed-routes.ts';
import { organizerRoutes } from '../../functions/catalog/organizer-routes.ts';
import { seriesRoutes } from '../../functions/catalog/series-routes.ts';
import { stockRoutes } from '../../functions/catalog/stock-routes.ts';
import { declareFunction } from '../constructs/onsale-function.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import { Workflow } from '../constructs/workflow.ts';
import {
  accessCodeVariables,
  CURSOR_VARIABLES,
  httpVariables,
  sessionVariables,
  stripeVariables,
  tableVariables,
  type Platform,
} from './platform.ts';

/** Events: making, publishing and showing them. */
export class Catalog extends Construct {
  /** Gives the buyers of cancelled events their money back. */
  readonly cancellation: Workflow;

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

    const cancelEvent = declareFunction(this, 'CancelEvent', platform, {
      entry: 'catalog/handlers/step-cancel-event.ts',
      description: 'Steps of the cancellation of an event with sold tickets',
      schema: cancelEventEnv,
      environment: { ...tableVariables(platform), ...stripeVariables(platform) },
      // No longer than the states that call it: a page is a hundred orders at 25 requests a second, or slower.
      timeoutSeconds: 110,
      memoryMiB: 512,
    });
    allowTable(cancelEvent, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      // Blocks of a house are closed on condition that their pool is as it was read.
      'ConditionCheckItem',
    ]);
    this.cancellation = new Workflow(this, 'Cancellation', {
      type: StateMachineType.STANDARD,
      file: 'cancel-event.asl.json',
      functions: { CancelEvent: cancelEvent },
    });

    const organize = declareFunction(this, 'Organize', platform, {
      entry: 'catalog/handlers/http-organize.ts',
      description: 'What organizers do to their events',
      schema: organizeEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES, ...cancellationVariables(this.cancellation) },
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
      // What is published at a venue insists that the venue is not archived; a date of a series that changes, that it is unsold.
      'ConditionCheckItem',
    ]);
    this.cancellation.allowStart(organize);
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

/** Environment of every function that starts cancellations. */
export function cancellationVariables({ stateMachine }: Workflow): { readonly CANCEL_EVENT_STATE_MACHINE_ARN: string } {
  return { CANCEL_EVENT_STATE_MACHINE_ARN: stateMachine.stateMachineArn };
}
