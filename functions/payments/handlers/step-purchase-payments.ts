import { readEnv } from '../../shared/runtime/env.ts';
import { step, stepFunction } from '../../shared/runtime/step.ts';
import { capturePayment, paymentState, voidOrRefundPayment } from '../app/purchase-steps.ts';
import { purchasePaymentsEnv } from '../contract.ts';
import { stripeGateway } from '../gateway.ts';

const env = readEnv(purchasePaymentsEnv);
const gateway = stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER);

export const handler = stepFunction([
  step('CapturePayment', paymentState, (state) => capturePayment(gateway, state)),
  step('VoidOrRefundPayment', paymentState, (state) => voidOrRefundPayment(gateway, state)),
]);
