import Stripe from 'stripe';

import type { TicketTypeCopy } from '../../functions/inventory/contract.ts';
import { cancelOrder } from '../../functions/orders/app/cancel-order.ts';
import { createOrder } from '../../functions/orders/app/create-order.ts';
import { findOrder, orderForCustomer } from '../../functions/orders/reads.ts';
import { confirmPayment } from '../../functions/payments/app/confirm-payment.ts';
import { placeHold } from '../../functions/reservations/app/place-hold.ts';
import { derivedId } from '../../functions/shared/kernel/ids.ts';
import { HOUR, MINUTE, SECOND } from '../../functions/shared/kernel/clock.ts';
import { giveBack, type GaveBack, type GivingBack } from './giving-back.ts';
import { sleep } from './scheduler.ts';
import type { WebhookTiming } from './outside.ts';
import type { System } from './system.ts';

/** What a buyer sets out to do. */
export interface Buyer {
  readonly quantity: number;
  /** Tickets of another event in the same order. */
  readonly also?: number;
  /** Payment methods, one after the other until one is taken; none: the buyer goes away. */
  readonly cards: readonly string[];
  /** Minutes between ordering and paying: from ten on, the hold has lapsed. */
  readonly hesitates?: number;
  /** Minutes between paying and saying so. */
  readonly saysSoAfter?: number;
  /** How often the page says that it is paid; 0 for a browser that was closed. */
  readonly confirms?: 0 | 1 | 2;
  /** Cancels the order, before or while it is paid for. */
  readonly cancels?: 'BEFORE' | 'WHILE';
  /** Gives the order back once it is paid. */
  readonly givesBack?: GivingBack;
  /** How the bank decides, an hour later, about a payment that its owner disputes. */
  readonly bankDecides?: 'won' | 'lost';
  /** Milliseconds after the start of the history. */
  readonly comesAfter?: number;
}

/** How it ended for a buyer, as far as anybody has told them. */
export interface Ending {
  readonly orderId: string;
  readonly quantity: number;
  readonly told: string;
  /** What they were told of what they gave back. */
  readonly gaveBack?: readonly GaveBack[];
}

/** Times that a page asks again when no answer came. */
const TRIES = 3;

/** A buyer's way through the shop, from its first page to the last answer. */
export async function buy(
  system: System,
  [type, other]: readonly [TicketTypeCopy, TicketTypeCopy],
  name: string,
  buyer: Buyer,
  webhooks: WebhookTiming,
): Promise<Ending> {
  const orderId = derivedId('reservation', type.ticketTypeId, name);
  const customerId = derivedId('user', type.ticketTypeId, name);
  const {
    quantity,
    also = 0,
    cards,
    hesitates = 0,
    saysSoAfter = 0,
    confirms = 1,
    cancels,
    comesAfter = 0,
    givesBack,
    bankDecides,
  } = buyer;
  const ending = (told: string): Ending => ({ orderId, quantity, told });
  const { table } = system.store;
  if (comesAfter > 0) await sleep(comesAfter);

  const types = new Map([type, other].map((each) => [each.ticketTypeId, each]));
  const wishes = [
    { ticketTypeId: type.ticketTypeId, quantity },
    ...(also === 0 ? [] : [{ ticketTypeId: other.ticketTypeId, quantity: also }]),
  ];
  const held = await patiently(() =>
    system.request(`${name} holds`, () =>
      placeHold(table, { orderId, customerId, wishes, types, retriable: true }, system.occasion(`${name}/hold`)),
    ),
  );
  if (held === 'NO_ANSWER') return ending(held);
  if (!held.ok) return ending(held.error.code);

  const ordered = await patiently(() =>
    system.request(`${name} orders`, () =>
      createOrder(table, system.provider.gateway, orderId, customerId, system.occasion(`${name}/order`)),
    ),
  );
  if (ordered === 'NO_ANSWER') return ending(ordered);
  if (!ordered.ok) return ending(ordered.error.code);
  const { paymentIntentId } = ordered.value.order;
  if (paymentIntentId === undefined) return ending(ordered.value.order.state);
  if (hesitates > 0) await sleep(hesitates * MINUTE);

  const cancel = async (): Promise<void> => {
    await system.request(`${name} cancels`, async () => {
      const found = await findOrder(table, orderId);
      return found === undefined ? undefined : cancelOrder(table, found, system.occasion(`${name}/cancel`));
    });
  };
  if (cancels === 'BEFORE') await cancel();

  let told = 'WENT_AWAY';
  for (const card of cards) {
    await pay(system, paymentIntentId, card);
    if (webhooks === 'BEFORE') await system.caughtUp();
    if (saysSoAfter > 0) await sleep(saysSoAfter * MINUTE);
    const confirm = (): Promise<string> => answerOf(system, name, { orderId, paymentIntentId, customerId });
    const asks = Array.from({ length: confirms }, confirm);
    if (cancels === 'WHILE') asks.push(cancel().then(() => 'CANCELLED'));
    const answers = await Promise.all(asks);
    told = answers.includes('PAID') ? 'PAID' : (answers[0] ?? told);
    if (told !== 'PAYMENT_FAILED') break;
  }
  if (bankDecides !== undefined && told === 'PAID') {
    await sleep(HOUR);
    system.provider.decideDispute(paymentIntentId, bankDecides);
  }
  return givesBack === undefined || cards.length === 0
    ? ending(told)
    : { ...ending(told), gaveBack: await giveBack(system, name, orderId, givesBack) };
}

async function pay({ provider }: System, paymentIntentId: string, card: string): Promise<void> {
  try {
    const intent = await provider.browser.paymentIntents.confirm(paymentIntentId, { payment_method: card });
    if (intent.status === 'processing') provider.settle(paymentIntentId, 'succeeded');
  } catch (error) {
    // A refused card, or an intent that was closed meanwhile: the page shows it.
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
  }
}

async function answerOf(
  system: System,
  name: string,
  request: { readonly orderId: string; readonly paymentIntentId: string; readonly customerId: string },
): Promise<string> {
  const { table } = system.store;
  const answer = await system.request(`${name} confirms`, async () =>
    confirmPayment(system.runs, request, system.occasion('confirm').now, () =>
      orderForCustomer(table, request.orderId, request.customerId),
    ),
  );
  if (answer === 'NO_ANSWER') return answer;
  if (!answer.ok) return answer.error.code;
  return answer.value.done ? 'PAID' : 'PROCESSING';
}

async function patiently<T>(ask: () => Promise<T | 'NO_ANSWER'>): Promise<T | 'NO_ANSWER'> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer !== 'NO_ANSWER' || attempt === TRIES) return answer;
    await sleep(attempt * SECOND);
  }
}
