import { readEnv } from '../../shared/runtime/env.ts';
import { stepFunction } from '../../shared/runtime/step.ts';
import { paymentSteps } from '../app/purchase-steps.ts';
import { purchasePaymentsEnv } from '../contract.ts';
import { stripeGateway } from '../gateway.ts';

const env = readEnv(purchasePaymentsEnv);

export const handler = stepFunction(paymentSteps(stripeGateway(env.STRIPE_API_URL, env.STRIPE_KEY_PARAMETER)));
