import type * as z from 'zod/mini';

import type { latePaymentReturned, paymentFailed } from '../../orders/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { wordPaymentMail, type PaymentNews } from '../domain/payment-mail.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps } from './send-once.ts';

/** What mails about payments that came to nothing need beyond sending. */
export interface PaymentMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

type Ended = Envelope<string, z.infer<(typeof latePaymentReturned | typeof paymentFailed)['data']>>;

/** Tells the buyer, once, that a payment came to nothing: that it went back, or that it never went through. */
export async function sendPaymentMail(deps: PaymentMailDeps, event: Ended, news: PaymentNews): Promise<void> {
  const { orderId, customerId, number: orderNumber, total: amount, currency } = event.data;
  await sendOnce(
    deps,
    {
      about: { orderId },
      event,
      recipient: () => deps.recipientOf(customerId),
      // The same event of the same change is the same cause, however often it is delivered.
      cause: `${event.name}#${event.version}`,
      resendable: false,
      write: async ({ firstName, locale }) => ({
        ...wordPaymentMail({
          news,
          orderNumber,
          firstName,
          locale,
          total: { amount, currency },
          orderUrl: `${deps.publicUrl}/orders/${orderId}`,
        }),
        attachments: [],
      }),
    },
    deps.clock(),
  );
}
