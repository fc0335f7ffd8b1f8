import { Construct } from 'constructs';

import { cartsEnv, cartsRoutes } from '../../functions/reservations/carts-contract.ts';
import { expireHoldsEnv, holdEnv, reservationsRoutes } from '../../functions/reservations/contract.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import type { Workflow } from '../constructs/workflow.ts';
import { cancellationVariables } from './catalog.ts';
import { allowIndex, allowTable } from '../constructs/table-access.ts';
import { accessCodeVariables, sessionVariables, tableVariables, type Platform } from './platform.ts';

/** Holds: placing, reading and releasing them, and the sweep of those that lapsed. */
export class Reservations extends Construct {
  readonly expireHolds: OnsaleFunction;

  /** @param cancellation the workflow that events are looked after with, from the catalogue */
  constructor(scope: Construct, platform: Platform, cancellation: Workflow) {
    super(scope, 'Reservations');
    const hold = declareFunction(this, 'Hold', platform, {
      entry: 'reservations/handlers/http-hold.ts',
      description: 'Holds tickets for ten minutes',
      schema: holdEnv,
      environment: { ...sessionVariables(platform), ...accessCodeVariables(platform) },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    // The rows of a plan are queried once an execution environment.
    allowTable(hold, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem']);
    platform.http.serve(hold, reservationsRoutes);

    const carts = declareFunction(this, 'Carts', platform, {
      entry: 'reservations/handlers/http-carts.ts',
      description: 'Carts, and the anonymous sessions that have some',
      schema: cartsEnv,
      environment: { ...sessionVariables(platform), ...accessCodeVariables(platform) },
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowTable(carts, platform.table, [
      'GetItem',
      'BatchGetItem',
      'PutItem',
      'UpdateItem',
      // A cart changes on condition that its anonymous session goes on.
      'ConditionCheckItem',
    ]);
    platform.http.serve(carts, cartsRoutes);

    this.expireHolds = declareFunction(this, 'ExpireHolds', platform, {
      entry: 'reservations/handlers/schedule-expire-holds.ts',
      description: 'Gives the stock of lapsed holds back, and looks after prices, refused mails and events that end',
      schema: expireHoldsEnv,
      environment: {
        ...tableVariables(platform),
        ...cancellationVariables(cancellation),
        MAIL_QUEUE_URL: platform.queues.mail.queue.queueUrl,
      },
      timeoutSeconds: 50,
      memoryMiB: 256,
    });
    allowTable(this.expireHolds, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      // Blocks of a house are brought in line on condition that their pool is as it was read.
      'ConditionCheckItem',
    ]);
    // Mails that were refused are put back on their queue.
    platform.queues.mail.allowSend(this.expireHolds);
    // Prices that follow rules are listed there.
    allowIndex(this.expireHolds, platform.table);
    cancellation.allowStart(this.expireHolds);
    platform.jobs.every(1, this.expireHolds);
  }
}
