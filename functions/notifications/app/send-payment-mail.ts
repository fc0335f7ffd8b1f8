import type * as z from 'zod/mini';

import type { latePaymentReturned, paymentFailed } from '../../orders/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { wordPaymentMail, type PaymentNews } from '../domain/payment-mail.ts';
import type { Recipient } from '../../users/contract.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailOrder } from './send-once.ts';
import { tell, type TellDeps } from './tell.ts';

/** What mails about payments that came to nothing need beyond sending. */
export interface PaymentMailDeps extends TellDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

type Ended = Envelope<string, z.infer<(typeof latePaymentReturned | typeof paymentFailed)['data']>>;

/** Tells the buyer, once, that a payment came to nothing: that it went back, or that it never went through. */
export async function sendPaymentMail(deps: PaymentMailDeps, event: Ended, news: PaymentNews): Promise<void> {
  const { orderId, customerId, number: orderNumber, total: amount, currency } = event.data;
  const mail = {
    about: { orderId },
    event,
    recipient: () => deps.recipientOf(customerId),
    // The same event of the same change is the same cause, however often it is delivered.
    cause: `${event.name}#${event.version}`,
    resendable: false,
    write: async ({ firstName, locale }: Recipient) => ({
      ...wordPaymentMail(
        {
          news,
          orderNumber,
          firstName,
          locale,
          total: { amount, currency },
          orderUrl: `${deps.publicUrl}/orders/${orderId}`,
        },
        deps,
      ),
      attachments: [],
    }),
  } satisfies MailOrder;
  // Money that went back is told by mail, which people keep; that a payment failed is an alert.
  if (news === 'paymentReturned') {
    await sendOnce(deps, mail, deps.clock());
    return;
  }
  const alert = { news: 'paymentFailed', title: orderNumber, url: `${deps.publicUrl}/orders/${orderId}` } as const;
  await tell(deps, { ...mail, text: { goes: 'instead', write: () => Promise.resolve(alert) } }, deps.clock());
}
