import type { StandInClock } from './clock.ts';
import { StripeFailure } from './errors.ts';
import type { Store, StoredAnswer } from './store.ts';

/** Keys may be pruned once they are at least 24 hours old (docs.stripe.com/api/idempotent_requests). */
export const KEY_LIFETIME_MS = 24 * 3_600_000;
const MAX_KEY_LENGTH = 255;

/** Remembers the answers of POST requests by key and caller. */
export interface Idempotency {
  /**
   * Begins a request under its key.
   * @returns the answer to replay, or undefined when the request is to be executed
   * @throws StripeFailure 400 for other parameters, 409 while the first is still running
   */
  begin(key: string, fingerprint: string): StoredAnswer | undefined;
  /** Keeps the answer. */
  finish(key: string, answer: Omit<StoredAnswer, 'id' | 'createdAt'>): void;
  /** The request never started: the key is free again. */
  abandon(key: string): void;
}

/** Makes the idempotency store. */
export function idempotency(store: Store, clock: StandInClock): Idempotency {
  const running = new Map<string, string>();
  const prune = (): void => {
    // Oldest first, so that the first young one ends the walk.
    for (const answer of store.answers.all()) {
      if (clock.now() - answer.createdAt < KEY_LIFETIME_MS) return;
      store.answers.delete(answer.id);
    }
  };
  let nextPruneAt = clock.now() + KEY_LIFETIME_MS;
  return {
    begin(key, fingerprint) {
      if (key.length > MAX_KEY_LENGTH) {
        throw new StripeFailure(
          400,
          {
            type: 'invalid_request_error',
            message: `Idempotency keys can be up to ${MAX_KEY_LENGTH} characters long.`,
          },
          'validation',
        );
      }
      if (clock.now() >= nextPruneAt) {
        prune();
        nextPruneAt = clock.now() + 60_000;
      }
      const found = store.answers.get(key);
      const kept = found !== undefined && clock.now() - found.createdAt < KEY_LIFETIME_MS ? found : undefined;
      if (found !== undefined && kept === undefined) store.answers.delete(key);
      const first = kept?.fingerprint ?? running.get(key);
      if (first !== undefined && first !== fingerprint) throw otherParameters(key, first, fingerprint);
      if (kept !== undefined) return kept;
      if (first !== undefined) throw stillRunning(key);
      running.set(key, fingerprint);
      return undefined;
    },
    finish(key, answer) {
      running.delete(key);
      store.answers.put({ ...answer, id: key, createdAt: clock.now() });
    },
    abandon(key) {
      running.delete(key);
    },
  };
}

function otherParameters(key: string, first: string, second: string): StripeFailure {
  const [firstRoute, secondRoute] = [first.split('?')[0], second.split('?')[0]];
  const shown = key.slice(key.indexOf(':') + 1);
  const message =
    firstRoute === secondRoute
      ? `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${shown}' if you meant to execute a different request.`
      : `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${firstRoute}' vs '${secondRoute}'). Try using a key other than '${shown}' if you meant to execute a different request.`;
  return new StripeFailure(400, { type: 'idempotency_error', message }, 'validation');
}

function stillRunning(key: string): StripeFailure {
  return new StripeFailure(
    409,
    {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key.slice(key.indexOf(':') + 1)}. Please try again later.`,
    },
    'validation',
  );
}
