import type * as z from 'zod/mini';

import { findEvent } from '../../catalog/reads.ts';
import type { refundIssued } from '../../payments/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { wordCancelledMail, wordRefundMail } from '../domain/refund-mail.ts';
import type { RecipientOf } from '../ports.ts';
import { sendOnce, type MailDeps, type MailOrder } from './send-once.ts';

/** What mails about refunds need beyond sending. */
export interface RefundMailDeps extends MailDeps {
  readonly recipientOf: RecipientOf;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: string;
  readonly clock: Clock;
}

type RefundIssued = Envelope<string, z.infer<(typeof refundIssued)['data']>>;

/**
 * Tells a buyer that money is on its way back. Where their event was cancelled they are told that, once for the event
 * however many orders they have for it; any other refund is told by itself, once, also when it is tried anew.
 */
export async function sendRefundMail(deps: RefundMailDeps, event: RefundIssued): Promise<void> {
  const { customerId, eventId, cause } = event.data;
  const recipient = (): ReturnType<RecipientOf> => deps.recipientOf(customerId);
  const order =
    cause === 'EVENT_CANCELLED' && eventId !== undefined
      ? cancellationMail(deps, event, eventId)
      : refundMail(deps, event);
  await sendOnce(deps, { ...order, event, recipient, resendable: false }, deps.clock());
}

type Written = Pick<MailOrder, 'about' | 'cause' | 'write'>;

function refundMail({ publicUrl }: RefundMailDeps, { data }: RefundIssued): Written {
  const { refundId, orderId, number: orderNumber, amount, currency, lines } = data;
  const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    about: { orderId },
    cause: `refund#${refundId}`,
    write: async ({ firstName, locale }) => ({
      ...wordRefundMail({
        firstName,
        locale,
        orderNumber,
        tickets,
        total: { amount, currency },
        orderUrl: `${publicUrl}/orders/${orderId}`,
      }),
      attachments: [],
    }),
  };
}

function cancellationMail({ table, publicUrl }: RefundMailDeps, { data }: RefundIssued, eventId: string): Written {
  const { customerId, orderId, amount } = data;
  return {
    about: { userId: customerId },
    cause: `event-cancelled#${eventId}`,
    write: async ({ firstName, locale }) => {
      const title = (await findEvent(table, eventId))?.title;
      if (title === undefined) return undefined;
      const orderUrl = `${publicUrl}/orders/${orderId}`;
      return { ...wordCancelledMail({ firstName, locale, title, paid: amount > 0, orderUrl }), attachments: [] };
    },
  };
}
