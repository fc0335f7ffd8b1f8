import type Stripe from 'stripe';
import type { Changes, Timer, Tools } from './changes.ts';
import type { StandInClock } from './clock.ts';
import type { Payer } from './confirmation.ts';
import { settlePayment } from './settlement.ts';
import { eventEnvelope, subjectOf, toEvent } from './events.ts';
import type { Faults, FaultSubject } from './faults.ts';
import { expireAuthorization } from './intent-endings.ts';
import { testMethod, type TestMethod } from './payment-methods.ts';
import { settleRefund } from './refunds.ts';
import { newId, type Store } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/** The request that caused a change; null for what happens by itself. */
export type Cause = Stripe.Event.Request;
const BY_ITSELF: Cause = { id: null, idempotency_key: null };

/** Stripe keeps events for 30 days (docs.stripe.com/api/events). */
const EVENT_LIFETIME_S = 30 * 86_400;

/** The stand-in without its HTTP: decisions in, state, events and deliveries out. */
export interface Engine {
  readonly store: Store;
  readonly clock: StandInClock;
  readonly faults: Faults;
  tools(): Tools;
  /** Stores a decision's changes, raises its events, and throws its failure if it has one. */
  commit(changes: Changes, cause: Cause): void;
  /** Does whatever is due by now: asynchronous outcomes, lapsed authorisations, deliveries. */
  runDue(): void;
  /** Lets a processing payment, a refund or an authorisation come to its end now. */
  settle(id: string, outcome: 'succeeded' | 'failed' | null): boolean;
  chargeOf(intent: Stripe.PaymentIntent): Stripe.Charge | undefined;
  payerOf(paymentMethod: string): Payer | null;
  methodOf(charge: Stripe.Charge | undefined): TestMethod | undefined;
  /** Arms the timer for the next thing due; called after each request. */
  arm(): void;
  stop(): void;
}

/** What the engine is made of. */
export interface EngineParts {
  readonly store: Store;
  readonly clock: StandInClock;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  readonly endpointCount: (type: string) => number;
  readonly baseUrl: () => string;
  readonly asyncDelayMs: number;
  readonly log: (line: string) => void;
}

/** Makes the engine and takes up what a former run left due. */
export function engine(parts: EngineParts): Engine {
  const { store, clock } = parts;
  let timer: NodeJS.Timeout | undefined;
  let nextPruneAt = 0;
  // Known, so that a request does not walk the timers: thousands wait a week for their authorisation.
  let nextTimerAt = 0;
  let armedFor = Infinity;

  const tools = (): Tools => ({
    nowMs: clock.now(),
    newId,
    baseUrl: parts.baseUrl(),
    asyncDelayMs: parts.asyncDelayMs,
  });
  const chargeOf = (intent: Stripe.PaymentIntent): Stripe.Charge | undefined =>
    typeof intent.latest_charge === 'string' ? store.charges.get(intent.latest_charge) : undefined;
  const payerOf = (paymentMethod: string): Payer | null => {
    const record = store.paymentMethods.get(paymentMethod);
    const method = record === undefined ? undefined : testMethod(record.test);
    return record === undefined || method === undefined ? null : { record, method };
  };
  const methodOf = (charge: Stripe.Charge | undefined): TestMethod | undefined =>
    typeof charge?.payment_method === 'string' ? payerOf(charge.payment_method)?.method : undefined;

  const raise = (event: Stripe.Event): void => {
    const subject = subjectOf(event);
    const struck = parts.faults.forEvent(event.type, () => subjectFor(store, subject, event));
    const has = (effect: string): boolean => struck.some((fault) => fault.effect === effect);
    store.events.put(event);
    parts.webhooks.send(event, subject, {
      copies: has('duplicate') ? 2 : 1,
      dropped: has('drop'),
      held: has('reorder'),
      delayMs: Math.max(0, ...struck.map((fault) => (fault.effect === 'delay' ? (fault.delayMs ?? 0) : 0))),
    });
    if (has('second_event')) {
      const second: Stripe.Event = { ...event, id: newId('evt') };
      store.events.put(second);
      parts.webhooks.send(second, subject, { copies: 1, dropped: false, held: false, delayMs: 0 });
    }
  };

  const pruneEvents = (): void => {
    const now = Math.floor(clock.now() / 1_000);
    if (now < nextPruneAt) return;
    nextPruneAt = now + 3_600;
    for (const event of store.events.all()) {
      if (now - event.created < EVENT_LIFETIME_S) break;
      store.events.delete(event.id);
    }
  };

  const commit = (changes: Changes, cause: Cause): void => {
    for (const due of changes.timers ?? []) nextTimerAt = Math.min(nextTimerAt, due.dueAt);
    for (const draft of store.apply(changes)) {
      raise(
        toEvent(
          draft,
          eventEnvelope(newId('evt'), Math.floor(clock.now() / 1_000), cause, parts.endpointCount(draft.type)),
        ),
      );
    }
    pruneEvents();
    if (changes.failure !== undefined) throw changes.failure;
  };

  const outcomeOf = (due: Pick<Timer, 'what' | 'subject'>, outcome: 'succeeded' | 'failed' | null): Changes => {
    if (due.what === 'settle_refund') {
      const refund = store.refunds.get(due.subject);
      const charge = typeof refund?.charge === 'string' ? store.charges.get(refund.charge) : undefined;
      return refund === undefined || charge === undefined
        ? {}
        : settleRefund(refund, charge, methodOf(charge), outcome, tools());
    }
    const intent = store.paymentIntents.get(due.subject);
    if (intent === undefined) return {};
    if (due.what === 'expire_authorization') return expireAuthorization(intent, chargeOf(intent), tools());
    const payer = typeof intent.payment_method === 'string' ? payerOf(intent.payment_method) : null;
    return payer === null ? {} : settlePayment(intent, chargeOf(intent), payer, outcome, tools());
  };

  const runDue = (): void => {
    if (nextTimerAt <= clock.now()) {
      nextTimerAt = Infinity;
      for (const due of store.timers.all()) {
        if (due.dueAt > clock.now()) {
          nextTimerAt = Math.min(nextTimerAt, due.dueAt);
          continue;
        }
        store.timers.delete(due.id);
        commit(outcomeOf(due, null), BY_ITSELF);
      }
    }
    parts.webhooks.pump();
  };

  const arm = (): void => {
    const next = Math.min(parts.webhooks.nextDueAt() ?? Infinity, nextTimerAt);
    if (next === armedFor) return;
    clearTimeout(timer);
    armedFor = next;
    if (next === Infinity) return;
    const fire = (): void => {
      armedFor = Infinity;
      runDue();
      arm();
    };
    timer = setTimeout(fire, Math.min(Math.max(next - clock.now(), 10), 60_000));
    timer.unref();
  };

  return {
    store,
    clock,
    faults: parts.faults,
    tools,
    commit,
    runDue,
    settle(id, outcome) {
      const refund = store.refunds.get(id);
      const intent = store.paymentIntents.get(id);
      if (refund === undefined && intent === undefined) return false;
      const what =
        refund !== undefined
          ? 'settle_refund'
          : intent?.status === 'requires_capture'
            ? 'expire_authorization'
            : 'settle_payment';
      for (const due of store.timers.all()) if (due.subject === id) store.timers.delete(due.id);
      commit(outcomeOf({ what, subject: id }, outcome), BY_ITSELF);
      return true;
    },
    chargeOf,
    payerOf,
    methodOf,
    arm,
    stop: () => clearTimeout(timer),
  };
}

function subjectFor(store: Store, intentId: string, event: Stripe.Event): FaultSubject {
  const object: object = event.data.object;
  const own = 'metadata' in object && isMetadata(object.metadata) ? [object.metadata] : [];
  const intent = store.paymentIntents.get(intentId);
  return {
    paymentIntent: intentId,
    metadata: intent === undefined ? own : [...own, intent.metadata],
  };
}

function isMetadata(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null;
}
