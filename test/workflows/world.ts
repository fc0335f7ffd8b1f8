import Stripe from 'stripe';
import { ulid } from 'ulid';
import * as z from 'zod/mini';

import { auditInvariants } from '../../scripts/audit/invariants.ts';
import type { AuditReport } from '../../scripts/audit/report.ts';
import { issueTickets } from '../../functions/delivery/app/issue-tickets.ts';
import { startStripeStandIn, type StripeStandIn } from '../../local/stripe/server.ts';
import type { FaultInput } from '../../local/stripe/faults.ts';
import { findTicketTypes } from '../../functions/inventory/reads.ts';
import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { findOrder, type Order } from '../../functions/orders/reads.ts';
import type { Occasion } from '../../functions/orders/writes.ts';
import { relayChanges } from '../../functions/outbox/app/relay-changes.ts';
import { stripeGateway, type PaymentGateway } from '../../functions/payments/gateway.ts';
import { settleRefund } from '../../functions/payments/app/settle-refund.ts';
import { refundDue } from '../../functions/payments/contract.ts';
import { settlePayment, type SettleDeps } from '../../functions/payments/app/settle-payment.ts';
import { watchPayment } from '../../functions/payments/app/watch-payment.ts';
import { expireHolds } from '../../functions/reservations/app/expire-holds.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { MINUTE, type Instant } from '../../functions/shared/kernel/clock.ts';
import type { Envelope } from '../../functions/shared/runtime/events.ts';
import { streamFunction } from '../../functions/shared/runtime/stream.ts';
import type { Table } from '../../functions/shared/table/client.ts';
import { openStream, streamEvents } from '../outbox/stream.ts';
import { startQueues, type TestQueues } from '../outbox/queues.ts';
import { putOnSale } from '../inventory/on-sale.ts';
import { startStreamedTable, useTestEnvironment, type TestTable } from '../support/dynamodb.ts';
import { TEST_CONTEXT } from '../support/http.ts';
import { serveParameters } from '../support/parameters.ts';
import { purchaseMachine, type PurchaseMachine } from './purchase-machine.ts';

const messageData = z.object({
  orderId: z.string(),
  paymentIntentId: z.optional(z.string()),
  refundId: z.optional(z.string()),
});

const SECRET_KEY = 'sk_test_world_0123456789';
const KEY_PARAMETER = '/onsale/test/stripe-secret-key';

/** All that a purchase touches, run for real: table, stream, queues, state machine, payment provider. */
export interface World {
  readonly db: TestTable;
  readonly table: Table;
  readonly stripe: StripeStandIn;
  readonly buyerSdk: Stripe;
  readonly gateway: PaymentGateway;
  readonly machine: PurchaseMachine;
  readonly queues: TestQueues;
  /** Now, as this world sees it when it starts; later times are made from it. */
  readonly start: Instant;
  putOnSale(as?: Partial<TicketTypeCopy>, sizes?: readonly number[]): Promise<TicketTypeCopy>;
  /** Holds `quantity` tickets of a type. @throws when that is refused */
  hold(type: TicketTypeCopy, quantity?: number, as?: { customerId?: string; now?: Instant }): Promise<Order>;
  /** As {@link hold}, then orders them: PENDING with a PaymentIntent. */
  order(
    type: TicketTypeCopy,
    quantity?: number,
    as?: { customerId?: string; now?: Instant },
  ): Promise<Order & { paymentIntentId: string }>;
  /** Pays on the provider's side as the buyer's browser would; a refused card is no error here. */
  pay(order: Order, paymentMethod?: string): Promise<void>;
  fault(fault: FaultInput): Promise<void>;
  reload(order: Pick<Order, 'orderId'>): Promise<Order>;
  /** The provider's PaymentIntent of an order. */
  intent(order: Pick<Order, 'paymentIntentId'>): Promise<Stripe.PaymentIntent>;
  /** Relays everything that the stream has, at `now` (the start of the world). */
  relay(now?: Instant): Promise<void>;
  sweep(now: Instant): ReturnType<typeof expireHolds>;
  /**
   * Relays, and settles what the payments queue holds, until nothing is left; what stays undecided is
   * returned instead of going round for ever.
   */
  settle(now: Instant): Promise<readonly Envelope[]>;
  /** Lets everything come to rest at `now`: relays, settles, issues tickets. Returns what stays undecided. */
  rest(now: Instant): Promise<readonly Envelope[]>;
  /** What the auditor names, from the rows and the provider's ledger; nothing when all invariants hold. */
  audit(now: Instant, world?: 'at-rest' | 'in-flight'): Promise<AuditReport['differences']>;
  /** Free tickets of a type over its blocks. */
  free(type: TicketTypeCopy): Promise<number>;
  close(): Promise<void>;
}

/** An occasion at `now`. */
export function at(now: Instant, correlationId = 'test'): Occasion {
  return { now, correlationId, by: 'system' };
}

/** Builds a world of its own for one test file. */
export async function startWorld(): Promise<World> {
  const start = Date.now();
  const [db, stripe, queues, parameters] = await Promise.all([
    startStreamedTable(),
    startStripeStandIn({ secretKey: SECRET_KEY, webhookSecret: 'whsec_world' }),
    startQueues(),
    serveParameters({ [KEY_PARAMETER]: SECRET_KEY }),
  ]);
  const { table } = db;
  useTestEnvironment(db, { STRIPE_API_URL: stripe.url, STRIPE_KEY_PARAMETER: KEY_PARAMETER });
  const ledger = await import('../../functions/orders/handlers/step-purchase-ledger.ts');
  const payments = await import('../../functions/payments/handlers/step-purchase-payments.ts');
  const machine = purchaseMachine({ PurchaseLedger: ledger.handler, PurchasePayments: payments.handler });
  const buyerSdk = new Stripe(SECRET_KEY, {
    host: '127.0.0.1',
    port: stripe.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const gateway = stripeGateway(stripe.url, KEY_PARAMETER);
  const stream = await openStream(db);
  const relayAt = (now: Instant): ReturnType<typeof streamFunction> =>
    streamFunction((changes) => relayChanges({ table, sqs: queues.sqs, queueUrls: queues.urls }, changes, now));

  const watch: SettleDeps['watch'] = (order, intent, occasion) =>
    watchPayment({ table, gateway }, order, intent, occasion);

  const world: World = {
    db,
    table,
    stripe,
    buyerSdk,
    gateway,
    machine,
    queues,
    start,
    putOnSale: (as, sizes) => putOnSale(table, start, as, sizes),
    hold: async (type, quantity = 1, { customerId = ulid(), now = start } = {}) => {
      const types = await findTicketTypes(table, [type.ticketTypeId]);
      const wishes = [{ ticketTypeId: type.ticketTypeId, quantity }];
      const placed = await placeHold(table, { orderId: ulid(), customerId, wishes, types, retriable: false }, at(now));
      if (!placed.ok) throw new Error(`The hold was refused: ${placed.error.code}`);
      return world.reload(placed.value.reservation);
    },
    order: async (type, quantity = 1, as = {}) => {
      const held = await world.hold(type, quantity, as);
      const created = await createOrder(table, gateway, held.orderId, held.customerId, at(as.now ?? start));
      if (!created.ok) throw new Error(`The order was refused: ${created.error.code}`);
      const { order } = created.value;
      const { paymentIntentId = '' } = order;
      return { ...order, paymentIntentId };
    },
    pay: async ({ paymentIntentId = '' }, payment_method = 'pm_card_visa') => {
      await buyerSdk.paymentIntents.confirm(paymentIntentId, { payment_method }).catch((error: unknown) => {
        if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
      });
    },
    fault: async (fault) => {
      const answer = await fetch(`${stripe.url}/_stand-in/faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    reload: async ({ orderId }) => {
      const found = await findOrder(table, orderId);
      if (found === undefined) throw new Error(`There is no order ${orderId}`);
      return found;
    },
    intent: ({ paymentIntentId = '' }) =>
      buyerSdk.paymentIntents.retrieve(paymentIntentId, { expand: ['latest_charge'] }),
    relay: async (now = start) => {
      for (const event of streamEvents(await stream.read())) {
        const { batchItemFailures } = await relayAt(now)(event, TEST_CONTEXT);
        if (batchItemFailures.length > 0) throw new Error('The relay refused a record');
      }
    },
    sweep: (now) => expireHolds(table, at(now, `expire-holds/${now}`)),
    settle: async (now) => {
      const undecided: Envelope[] = [];
      for (;;) {
        await world.relay();
        const messages = await queues.drain('payments');
        if (messages.length === 0) return undecided;
        for (const message of messages) {
          const { orderId, paymentIntentId = '', refundId = '' } = z.parse(messageData, message.data);
          try {
            if (message.name === refundDue.name) {
              await settleRefund({ table, gateway }, refundId, at(now, message.correlationId));
              continue;
            }
            await settlePayment(
              { table, gateway, runs: machine, watch },
              orderId,
              paymentIntentId,
              at(now, message.correlationId),
            );
          } catch {
            undecided.push(message);
          }
        }
      }
    },
    rest: async (now) => {
      const undecided = await world.settle(now);
      for (const { data, correlationId } of await queues.drain('tickets')) {
        await issueTickets(table, z.parse(messageData, data).orderId, at(now, correlationId));
      }
      await world.relay();
      return undecided;
    },
    audit: async (now, kind = 'at-rest') =>
      auditInvariants({ rows: await db.items(), ledger: stripe.ledger(), at: now, world: kind }).differences,
    free: async ({ poolId }) =>
      (await db.items())
        .filter(({ pk, sk }) => sk === 'BLOCK' && String(pk).startsWith(`POOL#${poolId}#`))
        .reduce((total, { free }) => total + Number(free), 0),
    close: async () => {
      await Promise.all([db.drop(), stripe.close(), queues.close(), parameters.close()]);
    },
  };
  return world;
}

/** When a hold made at the start of a world has lapsed, and the job for its minute has come. */
export function afterHold({ start }: World): Instant {
  return start + 12 * MINUTE;
}
