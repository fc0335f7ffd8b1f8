import type * as z from 'zod/mini';

import { findEvent } from '../../catalog/reads.ts';
import type { refundFailed, refundIssued } from '../../payments/contract.ts';
import type { Clock } from '../../shared/kernel/clock.ts';
import type { Envelope } from '../../shared/runtime/events.ts';
import { wordCancelledMail, wordRefundMail, type CancelledMoney } from '../domain/refund-mail.ts';
import { ownTemplateOf, templateSent } from '../templates.ts';
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

type RefundFailed = Envelope<string, z.infer<(typeof refundFailed)['data']>>;

/**
 * Tells a buyer that money is on its way back. Where their event was cancelled they are told that, once for the event
 * however many orders they have for it; any other refund is told by itself, once, and so is one that failed before.
 */
export async function sendRefundMail(deps: RefundMailDeps, event: RefundIssued): Promise<void> {
  const { eventId, cause, attempt, amount } = event.data;
  const isFirst = cause === 'EVENT_CANCELLED' && attempt === undefined;
  await tell(
    deps,
    event,
    isFirst && eventId !== undefined
      ? cancellationMail(deps, event, eventId, amount > 0 ? 'ON_ITS_WAY' : 'NONE')
      : refundMail(deps, event),
  );
}

/**
 * Tells a buyer whose event was cancelled so, although their money could not be sent back: a disputed payment, or an account
 * that is closed. Of other refunds that fail their case tells the support desk, which writes to the buyer.
 */
export async function sendRefundFailureMail(deps: RefundMailDeps, event: RefundFailed): Promise<void> {
  const { eventId, cause } = event.data;
  if (cause === 'EVENT_CANCELLED' && eventId !== undefined)
    await tell(deps, event, cancellationMail(deps, event, eventId, 'LOOKED_AFTER'));
}

async function tell(deps: RefundMailDeps, event: RefundIssued | RefundFailed, mail: Written): Promise<void> {
  const recipient = (): ReturnType<RecipientOf> => deps.recipientOf(event.data.customerId);
  await sendOnce(deps, { ...mail, event, recipient, resendable: false }, deps.clock());
}

type Written = Pick<MailOrder, 'about' | 'cause' | 'write'>;

function refundMail(deps: RefundMailDeps, { data }: RefundIssued): Written {
  const { refundId, orderId, number: orderNumber, amount, currency, lines } = data;
  const tickets = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    about: { orderId },
    cause: `refund#${refundId}`,
    write: async ({ firstName, locale }) => ({
      ...wordRefundMail(
        {
          firstName,
          locale,
          orderNumber,
          tickets,
          total: { amount, currency },
          orderUrl: `${deps.publicUrl}/orders/${orderId}`,
        },
        deps,
      ),
      attachments: [],
    }),
  };
}

function cancellationMail(
  deps: RefundMailDeps,
  { data: { customerId, orderId } }: RefundIssued | RefundFailed,
  eventId: string,
  money: CancelledMoney,
): Written {
  return {
    about: { userId: customerId },
    cause: `event-cancelled#${eventId}`,
    write: async ({ firstName, locale }) => {
      const event = await findEvent(deps.table, eventId);
      if (event === undefined) return undefined;
      const { title, organizationId } = event;
      const own = await ownTemplateOf(deps.table, organizationId, 'event-cancelled');
      const orderUrl = `${deps.publicUrl}/orders/${orderId}`;
      const words = wordCancelledMail({ firstName, locale, title, money, orderUrl }, { brand: deps.brand, own });
      return { ...words, attachments: [], ...templateSent(own, locale) };
    },
  };
}
