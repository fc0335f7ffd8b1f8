// What takes a refund from its row to the bank; the purchase itself needs none of it.
export { settleRefund, type RefundOutcome } from './app/settle-refund.ts';
export { pacedGateway } from './paced.ts';
