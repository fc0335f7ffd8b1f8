import type { Asker } from '../../functions/reservations/operations.ts';
import type { Occasion } from '../../functions/shared/table/aggregate.ts';

/** Somebody who asks over HTTP, as use cases below the handlers see them. */
export function asker({
  customerId,
  limitKey,
  key,
  occasion,
  roles = ['customer'],
}: {
  readonly customerId: string;
  readonly limitKey?: string | undefined;
  /** Sent as Idempotency-Key. */
  readonly key?: string | undefined;
  readonly occasion: Occasion;
  readonly roles?: Asker['session']['roles'];
}): Asker {
  return {
    session: {
      sessionId: 'session',
      userId: customerId,
      roles,
      memberships: [],
      csrf: '',
      expiresAt: Number.MAX_SAFE_INTEGER,
      ...(limitKey === undefined ? {} : { limitKey }),
    },
    headers: key === undefined ? {} : { 'idempotency-key': key },
    client: { address: 'unknown', limitKey: 'unknown', network: 'unknown' },
    now: occasion.now,
    occasion,
  };
}
