import { Construct } from 'constructs';

import { ordersEnv } from '../../functions/orders/attendees-contract.ts';
import { checkoutEnv, checkoutRoutes } from '../../functions/orders/checkout-contract.ts';
import { ordersRoutes, purchaseLedgerEnv } from '../../functions/orders/contract.ts';
import { getReceipt } from '../../functions/orders/receipt-contract.ts';
import { refundRoutes, refundsEnv } from '../../functions/orders/refund-contract.ts';
import { getOrderTimeline } from '../../functions/orders/timeline-contract.ts';
import { declareFunction, type OnsaleFunction } from '../constructs/onsale-function.ts';
import { allowTable } from '../constructs/table-access.ts';
import {
  accessCodeVariables,
  allowPersonalData,
  CURSOR_VARIABLES,
  personalDataVariables,
  sessionVariables,
  stripeVariables,
  tableVariables,
  type Platform,
} from './platform.ts';

/** Checkout, order history, and the steps of a purchase that change rows. */
export class Orders extends Construct {
  /** Steps of the purchase saga that read and change the order and its stock. */
  readonly purchaseLedger: OnsaleFunction;

  constructor(scope: Construct, platform: Platform) {
    super(scope, 'Orders');
    const checkout = declareFunction(this, 'Checkout', platform, {
      entry: 'orders/handlers/http-checkout.ts',
      description: 'Orders what is held, or holds and orders it in one go, with a payment to confirm',
      schema: checkoutEnv,
      environment: {
        ...sessionVariables(platform),
        ...stripeVariables(platform),
        ...accessCodeVariables(platform),
        ...personalDataVariables(platform),
      },
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    // What is held and ordered in one go is held here, seats included.
    allowTable(checkout, platform.table, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'ConditionCheckItem',
    ]);
    // Names of who is to come, under a data key that a vendor gets with the first of them.
    allowPersonalData(checkout, platform, 'reads and writes');
    platform.http.serve(checkout, checkoutRoutes);

    const refunds = declareFunction(this, 'Refunds', platform, {
      entry: 'orders/handlers/http-refunds.ts',
      description: 'Cancels orders and gives money of them back',
      schema: refundsEnv,
      environment: sessionVariables(platform),
      timeoutSeconds: 15,
      memoryMiB: 512,
    });
    // A refund is put, and so is a ticket that is given up before it is issued; a window of giving back is a condition.
    allowTable(refunds, platform.table, ['GetItem', 'BatchGetItem', 'UpdateItem', 'PutItem', 'ConditionCheckItem']);
    platform.http.serve(refunds, refundRoutes);

    const orders = declareFunction(this, 'History', platform, {
      entry: 'orders/handlers/http-orders.ts',
      description: 'Orders, their timelines and receipts, to read',
      schema: ordersEnv,
      environment: { ...sessionVariables(platform), ...CURSOR_VARIABLES, ...personalDataVariables(platform) },
      timeoutSeconds: 10,
      memoryMiB: 256,
    });
    // An API key's last use is written where vendors may call.
    allowTable(orders, platform.table, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem']);
    allowPersonalData(orders, platform, 'reads');
    platform.http.serve(orders, [...ordersRoutes, getOrderTimeline, getReceipt]);

    this.purchaseLedger = declareFunction(this, 'PurchaseLedger', platform, {
      entry: 'orders/handlers/step-purchase-ledger.ts',
      description: 'Steps of a purchase: order and stock',
      schema: purchaseLedgerEnv,
      environment: tableVariables(platform),
      // No longer than the states that call it: nothing may be written after the workflow has given up.
      timeoutSeconds: 2,
      memoryMiB: 512,
    });
    // A review opens a case, and closes it where nobody has decided in time.
    allowTable(this.purchaseLedger, platform.table, ['GetItem', 'BatchGetItem', 'UpdateItem', 'PutItem', 'DeleteItem']);
  }
}
