import { delivered, latePaymentReturned } from '../orders/contract.ts';
import { refundIssued } from '../payments/contract.ts';
import { consumerOf, type Consumer } from '../shared/runtime/queue.ts';
import { sendRefundMail } from './app/send-refund-mail.ts';
import { resendTicketMail, sendReturnedMail, sendTicketMail, type OrderMailDeps } from './app/send-ticket-mail.ts';
import { resendRequested } from './contract.ts';

/** Which mail follows from what happens to an order. */
export function orderConsumers(deps: OrderMailDeps): readonly Consumer[] {
  return [
    consumerOf(delivered, (event) => sendTicketMail(deps, event)),
    consumerOf(resendRequested, (event) => resendTicketMail(deps, event)),
    consumerOf(latePaymentReturned, (event) => sendReturnedMail(deps, event)),
    consumerOf(refundIssued, (event) => sendRefundMail(deps, event)),
  ];
}
