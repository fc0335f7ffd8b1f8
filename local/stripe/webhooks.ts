import { createHmac } from 'node:crypto';
import type Stripe from 'stripe';
import type { StandInClock } from './clock.ts';
import { newId, type Delivery, type DeliveryAttempt, type Store } from './store.ts';

/** Where the deliveries of an endpoint go, and the secret that signs them. */
export interface Target {
  readonly endpoint: string;
  readonly url: string;
  readonly secret: string;
}

/** Settings of the deliveries; times in milliseconds. */
export interface WebhookOptions {
  /** The endpoints an event type goes to now. */
  readonly targetsFor: (type: string) => readonly Target[];
  /** Waits between attempts; after the last the delivery has failed. */
  readonly retryDelaysMs: readonly number[];
  readonly timeoutMs: number;
  /** Called when an attempt ended, so that the next wake-up is planned. */
  readonly onSettled: () => void;
  readonly log: (line: string) => void;
}

/** How one event's deliveries are disturbed. */
export interface Disturbance {
  readonly copies: number;
  readonly dropped: boolean;
  readonly delayMs: number;
  readonly held: boolean;
}

/** Sends events to their endpoints, with retries, in order per PaymentIntent on first attempts. */
export interface Webhooks {
  send(event: Stripe.Event, subject: string, disturbance: Disturbance): void;
  /** Sends an event once more to every endpoint of its type. */
  redeliver(event: Stripe.Event, subject: string): readonly Delivery[];
  /** Starts whatever is due; called when time moved. */
  pump(): void;
  /** When the next attempt is due, in the stand-in's time, or undefined. */
  nextDueAt(): number | undefined;
  /** Stops new attempts and waits for those under way. */
  stop(): Promise<void>;
}

const MAX_IN_FLIGHT = 16;
/** A held event goes out by itself when nothing follows it. */
const HOLD_MS = 5_000;

/** `t=…,v1=…` over the payload, as docs.stripe.com/webhooks/signature defines it. @param timestamp Unix seconds */
export function signature(payload: string, secret: string, timestamp: number): string {
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex')}`;
}

/** Makes the sender; deliveries that were pending at the last close are taken up again. */
export function webhooks(store: Store, clock: StandInClock, options: WebhookOptions): Webhooks {
  const open = new Map(
    store.deliveries
      .all()
      .filter(({ state }) => state === 'pending')
      .map((kept) => [kept.id, kept]),
  );
  const inFlight = new Map<string, Promise<void>>();
  const busySubjects = new Set<string>();
  let stopped = false;

  const save = (delivery: Delivery): void => {
    store.deliveries.put(delivery);
    if (delivery.state === 'pending') open.set(delivery.id, delivery);
    else open.delete(delivery.id);
  };

  const releaseHeld = (subject: string): void => {
    for (const waiting of open.values()) {
      if (waiting.held && waiting.subject === subject) save({ ...waiting, held: false, nextAttemptAt: clock.now() });
    }
  };

  const settle = (delivery: Delivery, attempt: DeliveryAttempt): void => {
    const attempts = [...delivery.attempts, attempt];
    const delivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const wait = options.retryDelaysMs[attempts.length - 1];
    if (delivered) {
      save({ ...delivery, attempts, state: 'delivered' });
      const event = store.events.get(delivery.event);
      if (event !== undefined)
        store.events.put({ ...event, pending_webhooks: Math.max(0, event.pending_webhooks - 1) });
      if (!delivery.held) releaseHeld(delivery.subject);
    } else if (wait === undefined) {
      save({ ...delivery, attempts, state: 'failed' });
      options.log(`stripe stand-in: gave up ${delivery.type} ${delivery.event} after ${attempts.length} attempts`);
    } else {
      save({ ...delivery, attempts, nextAttemptAt: clock.now() + wait });
    }
  };

  const attemptNow = async (delivery: Delivery): Promise<void> => {
    const event = store.events.get(delivery.event);
    const target = options.targetsFor(delivery.type).find(({ endpoint }) => endpoint === delivery.endpoint);
    if (event === undefined || target === undefined) {
      settle(delivery, { at: clock.now(), status: null, error: 'no such endpoint any more' });
      return;
    }
    const payload = JSON.stringify(event, null, 2);
    const at = clock.now();
    try {
      const answer = await fetch(target.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': signature(payload, target.secret, Math.floor(at / 1_000)),
        },
        body: payload,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      await answer.body?.cancel();
      settle(delivery, { at, status: answer.status, error: null });
    } catch (error) {
      settle(delivery, {
        at,
        status: null,
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
    }
  };

  const pump = (): void => {
    if (stopped) return;
    for (const delivery of open.values()) {
      if (inFlight.size >= MAX_IN_FLIGHT) return;
      if (inFlight.has(delivery.id) || delivery.nextAttemptAt > clock.now()) continue;
      if (busySubjects.has(delivery.subject)) continue;
      busySubjects.add(delivery.subject);
      const running = attemptNow(delivery).finally(() => {
        inFlight.delete(delivery.id);
        busySubjects.delete(delivery.subject);
        pump();
        if (!stopped) options.onSettled();
      });
      inFlight.set(delivery.id, running);
    }
  };

  const enqueue = (event: Stripe.Event, subject: string, disturbance: Disturbance): Delivery[] =>
    options.targetsFor(event.type).flatMap((target) =>
      Array.from({ length: disturbance.copies }, () => {
        const delivery: Delivery = {
          id: newId('whd'),
          event: event.id,
          type: event.type,
          subject,
          endpoint: target.endpoint,
          state: disturbance.dropped ? 'dropped' : 'pending',
          nextAttemptAt: clock.now() + (disturbance.held ? HOLD_MS : disturbance.delayMs),
          held: disturbance.held,
          attempts: [],
        };
        save(delivery);
        return delivery;
      }),
    );

  return {
    send(event, subject, disturbance) {
      enqueue(event, subject, disturbance);
      pump();
    },
    redeliver(event, subject) {
      const made = enqueue(event, subject, { copies: 1, dropped: false, delayMs: 0, held: false });
      pump();
      return made;
    },
    pump,
    nextDueAt() {
      let next: number | undefined;
      for (const delivery of open.values()) {
        if (!busySubjects.has(delivery.subject)) next = Math.min(next ?? Infinity, delivery.nextAttemptAt);
      }
      return next;
    },
    async stop() {
      stopped = true;
      await Promise.allSettled(inFlight.values());
    },
  };
}
