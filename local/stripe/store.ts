import { randomBytes } from 'node:crypto';
import type Stripe from 'stripe';
import type { Changes, Timer } from './changes.ts';
import { collection, type Collection } from './collection.ts';
import type { EventDraft } from './events.ts';
import { memoryJournal, openJournal, readJournal, type Journal, type JournalEntry } from './journal.ts';
import type { PaymentMethodRecord } from './payment-methods.ts';

/** One try to deliver an event. Times in Unix milliseconds on the stand-in's clock. */
export interface DeliveryAttempt {
  readonly at: number;
  /** The endpoint's HTTP status, or null when it gave none. */
  readonly status: number | null;
  readonly error: string | null;
}

/** An event on its way to one endpoint. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly type: string;
  /** PaymentIntent the event is about. */
  readonly subject: string;
  /** `configured`, or the id of a webhook endpoint made over the API. */
  readonly endpoint: string;
  readonly state: 'pending' | 'delivered' | 'failed' | 'dropped';
  readonly nextAttemptAt: number;
  /** Held back until another event of the same PaymentIntent was delivered (fault `reorder`). */
  readonly held: boolean;
  readonly attempts: readonly DeliveryAttempt[];
}

/** A webhook endpoint made over the API, with the secret that only its creation shows. */
export interface EndpointRecord {
  readonly id: string;
  readonly secret: string;
  readonly object: Stripe.WebhookEndpoint;
}

/** An answer kept under an idempotency key. */
export interface StoredAnswer {
  readonly id: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
  /** Unix milliseconds on the stand-in's clock. */
  readonly createdAt: number;
}

/** What must survive a restart besides objects: how far the clock was advanced. */
export interface Setting {
  readonly id: string;
  readonly value: number;
}

/** Everything the stand-in knows. */
export interface Store {
  readonly paymentIntents: Collection<Stripe.PaymentIntent>;
  readonly charges: Collection<Stripe.Charge>;
  readonly refunds: Collection<Stripe.Refund>;
  readonly disputes: Collection<Stripe.Dispute>;
  readonly balanceTransactions: Collection<Stripe.BalanceTransaction>;
  readonly paymentMethods: Collection<PaymentMethodRecord>;
  readonly webhookEndpoints: Collection<EndpointRecord>;
  readonly events: Collection<Stripe.Event>;
  readonly deliveries: Collection<Delivery>;
  readonly timers: Collection<Timer>;
  readonly answers: Collection<StoredAnswer>;
  readonly settings: Collection<Setting>;
  /** Stores a decision's objects and timers; its events are raised by the caller, who knows the request. */
  apply(changes: Changes): readonly EventDraft[];
  close(): Promise<void>;
}

/**
 * Opens the store.
 * @param stateFile survives restarts; without it everything is forgotten at close
 */
export function openStore(stateFile: string | undefined, log: (line: string) => void): Store {
  const stored = new Map<string, Map<string, unknown>>();
  for (const [name, id, value] of stateFile === undefined ? [] : readJournal(stateFile)) {
    const values = stored.get(name) ?? new Map<string, unknown>();
    stored.set(name, values);
    if (value === null) values.delete(id);
    else values.set(id, value);
  }
  let journal: Journal = memoryJournal;
  const open = <T extends { readonly id: string }>(name: string): Collection<T> =>
    collection<T>(name, stored.get(name) ?? new Map(), () => journal);

  const objects = {
    paymentIntents: open<Stripe.PaymentIntent>('paymentIntents'),
    charges: open<Stripe.Charge>('charges'),
    refunds: open<Stripe.Refund>('refunds'),
    disputes: open<Stripe.Dispute>('disputes'),
    balanceTransactions: open<Stripe.BalanceTransaction>('balanceTransactions'),
    paymentMethods: open<PaymentMethodRecord>('paymentMethods'),
    webhookEndpoints: open<EndpointRecord>('webhookEndpoints'),
    events: open<Stripe.Event>('events'),
    deliveries: open<Delivery>('deliveries'),
    timers: open<Timer>('timers'),
    answers: open<StoredAnswer>('answers'),
    settings: open<Setting>('settings'),
  };
  if (stateFile !== undefined) {
    const snapshot: JournalEntry[] = Object.values(objects).flatMap((kept) =>
      kept.all().map((value): JournalEntry => [kept.name, value.id, value]),
    );
    journal = openJournal(stateFile, snapshot, log);
  }
  return {
    ...objects,
    apply(changes) {
      for (const method of changes.paymentMethods ?? []) objects.paymentMethods.put(method);
      for (const intent of changes.paymentIntents ?? []) objects.paymentIntents.put(intent);
      for (const charge of changes.charges ?? []) objects.charges.put(charge);
      for (const refund of changes.refunds ?? []) objects.refunds.put(refund);
      for (const dispute of changes.disputes ?? []) objects.disputes.put(dispute);
      for (const moved of changes.balanceTransactions ?? []) objects.balanceTransactions.put(moved);
      for (const timer of changes.timers ?? []) objects.timers.put(timer);
      return changes.events ?? [];
    },
    close: () => journal.close(),
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `prefix_` and 24 random letters and digits, like Stripe's ids. */
export function newId(prefix: string): string {
  let name = '';
  for (const byte of randomBytes(24)) name += LETTERS[byte % LETTERS.length] ?? 'x';
  return `${prefix}_${name}`;
}
