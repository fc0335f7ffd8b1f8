import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import { orderCancelled, orderExpired, orderFailed, reservationHeld } from '../../functions/orders/contract.ts';
import { pricingEnv, pricingRoutes, repriceEnv } from '../../functions/pricing/contract.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import { sessionVariables, tableVariables, type Platform } from './platform.ts';

/** Steps of an order by which tickets go out or come back. */
const STOCK_MOVES = [reservationHeld, orderExpired, orderFailed, orderCancelled].map(({ name }) => name);

/** Only orders of types whose price follows what is sold: all others cost nothing here. */
const DYNAMIC_SALES = { dynamodb: { NewImage: { dynamic: { BOOL: [true] }, ev: { S: STOCK_MOVES } } } };

/** Blocks, by which what is shown as available is counted; the outbox is told of aggregates alone. */
const BLOCKS = { dynamodb: { Keys: { sk: { S: ['BLOCK'] } } } };

/**
 * How long sales are gathered before a price is computed once for all of them; with the stream's own delay and
 * the computation it is in force within two seconds.
 */
const GATHER = Duration.seconds(1);

/** Price rules, and the prices that follow from them. */
export class Pricing extends Construct {
  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Pricing');
    const rules = declareFunction(this, 'Rules', platform, {
      entry: 'pricing/handlers/http-pricing.ts',
      description: 'How organizers rule prices',
      schema: pricingEnv,
      environment: sessionVariables(platform),
      timeoutSeconds: 10,
      memoryMiB: 512,
    });
    allowTable(rules, platform.table, [
      'GetItem',
      'BatchGetItem',
      'PutItem',
      'UpdateItem',
      // Rules are set on condition that the event is as it was read.
      'ConditionCheckItem',
    ]);
    platform.http.serve(rules, pricingRoutes);

    const reprice = declareFunction(this, 'Reprice', platform, {
      entry: 'pricing/handlers/stream-reprice.ts',
      description: 'Computes prices and what is available anew when tickets go or come back',
      schema: repriceEnv,
      environment: tableVariables(platform),
      timeoutSeconds: 15,
      memoryMiB: 256,
    });
    allowTable(reprice, platform.table, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem']);
    this.#readStream(reprice, platform);
  }

  /** What cannot be taken is dropped, without an alarm: the job that looks at prices, and the next change, make it good. */
  #readStream(reprice: OnsaleFunction, { table }: Platform): void {
    const stream = table.tableStreamArn;
    if (stream === undefined) throw new Error('The table has no stream');
    reprice.allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [stream]);
    reprice.allow(['dynamodb:ListStreams'], ['*']);
    const mapping = new EventSourceMapping(this, 'Sales', {
      target: reprice.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.LATEST,
      filters: [DYNAMIC_SALES, BLOCKS].map((pattern) => ({ pattern: JSON.stringify(pattern) })),
      batchSize: 1_000,
      maxBatchingWindow: GATHER,
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      retryAttempts: 5,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(reprice.lambda.role ?? reprice);
    acknowledge(reprice, { 'AwsSolutions-IAM5[Resource::*]': 'AWS offers no resource for dynamodb:ListStreams' });
  }
}
