import { SECOND } from '../shared/kernel/clock.ts';
import type { PaymentGateway } from './gateway.ts';

/** How long it is waited and what time it is: handed in, so that tests need not wait. */
export interface Pace {
  /** Requests within a second, at most. */
  readonly perSecond: number;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/**
 * A gateway that asks the provider for refunds no more often than `perSecond`, one after the other evenly. A refund that
 * may have been asked for before is looked for first, which is a request of its own.
 */
export function pacedGateway(gateway: PaymentGateway, { perSecond, now, wait }: Pace): PaymentGateway {
  const each = SECOND / perSecond;
  let next = 0;
  const turn = async (requests: number): Promise<void> => {
    const at = Math.max(next, now());
    next = at + requests * each;
    if (at > now()) await wait(at - now());
  };
  return {
    ...gateway,
    refundPart: async (refund) => {
      await turn(refund.askedBefore ? 2 : 1);
      return gateway.refundPart(refund);
    },
    retrieveRefund: async (id) => {
      await turn(1);
      return gateway.retrieveRefund(id);
    },
  };
}
