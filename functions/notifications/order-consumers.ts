import { ticketArchived } from '../delivery/contract.ts';
import { delivered, latePaymentReturned, paymentFailed } from '../orders/contract.ts';
import { refundFailed, refundIssued } from '../payments/contract.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';
import { sendHolderCancellationMail, sendRefundFailureMail, sendRefundMail } from './app/send-refund-mail.ts';
import { sendPaymentMail } from './app/send-payment-mail.ts';
import { resendTicketMail, sendTicketMail, type OrderMailDeps } from './app/send-ticket-mail.ts';
import { resendRequested } from './contract.ts';

/** Which mail follows from what happens to an order. */
export function orderConsumers(deps: OrderMailDeps): readonly Consumer[] {
  return [
    consumerOf(delivered, (event) => sendTicketMail(deps, event)),
    consumerOf(resendRequested, (event) => resendTicketMail(deps, event)),
    consumerOf(latePaymentReturned, (event) => sendPaymentMail(deps, event, 'paymentReturned')),
    consumerOf(paymentFailed, (event) => sendPaymentMail(deps, event, 'paymentFailed')),
    consumerOf(refundIssued, (event) => sendRefundMail(deps, event)),
    consumerOf(ticketArchived, (event) => sendHolderCancellationMail(deps, event)),
    consumerOf(refundFailed, (event) => sendRefundFailureMail(deps, event)),
  ];
}
