import { withDispute } from './confirmation.ts';
import { invalidParam } from './errors.ts';
import {
  UNCOVERED,
  captureMethod,
  confirm,
  confirmOptions,
  confirming,
  intentOf,
  methodOptions,
  shown,
} from './intent-calls.ts';
import { cancelIntent, captureIntent } from './intent-endings.ts';
import { emptyable, expandField, integer, metadata, oneOf, params, text } from './params.ts';
import { updateIntent } from './payment-intents.ts';
import { route, type Route } from './routing.ts';

const confirmRoute = route(
  'POST',
  '/v1/payment_intents/:id/confirm',
  params(
    {
      payment_method: text(100),
      client_secret: text(),
      key: text(),
      expected_payment_method_type: text(100),
      payment_method_options: methodOptions,
      capture_method: captureMethod,
      receipt_email: emptyable(text(800)),
      ...confirming,
      ...expandField,
    },
    [],
    UNCOVERED,
  ),
  (call) => {
    const given = call.params;
    let intent = intentOf(call);
    if (
      call.client &&
      (given.capture_method !== undefined ||
        given.off_session !== undefined ||
        given.payment_method_options?.card?.capture_method !== undefined)
    ) {
      throw invalidParam('This parameter cannot be set with a publishable API key.', 'capture_method');
    }
    const cardCapture = given.payment_method_options?.card?.capture_method;
    if (given.capture_method !== undefined || given.receipt_email !== undefined || cardCapture !== undefined) {
      intent = updateIntent(intent, {
        ...(given.capture_method === undefined ? {} : { captureMethod: given.capture_method }),
        ...(cardCapture === undefined ? {} : { cardCaptureMethod: cardCapture }),
        ...(given.receipt_email === undefined ? {} : { receiptEmail: given.receipt_email }),
      }).intent;
    }
    confirm(call, intent, given.payment_method, confirmOptions(given));
    return shown(call, intent.id);
  },
  true,
);

const capture = route(
  'POST',
  '/v1/payment_intents/:id/capture',
  params(
    {
      amount_to_capture: integer(1),
      metadata,
      statement_descriptor: text(22),
      statement_descriptor_suffix: text(22),
      ...expandField,
    },
    [],
    UNCOVERED,
  ),
  (call) => {
    const intent = intentOf({ ...call, params: {} });
    const charge = call.engine.chargeOf(intent);
    const method = call.engine.methodOf(charge);
    const { amount_to_capture: amount, metadata: added } = call.params;
    const captured = captureIntent(
      intent,
      charge,
      method,
      {
        ...(amount === undefined ? {} : { amount }),
        ...(added === undefined ? {} : { metadata: added }),
      },
      call.engine.tools(),
    );
    call.engine.commit(withDispute(captured, captured.charges?.[0], method, call.engine.tools()), call.cause);
    return shown(call, intent.id);
  },
);

const cancel = route(
  'POST',
  '/v1/payment_intents/:id/cancel',
  params({
    cancellation_reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'),
    ...expandField,
  }),
  (call) => {
    const intent = intentOf({ ...call, params: {} });
    call.engine.commit(
      cancelIntent(intent, call.engine.chargeOf(intent), call.params.cancellation_reason ?? null, call.engine.tools()),
      call.cause,
    );
    return shown(call, intent.id);
  },
);

/** The steps of a payment. */
export const paymentStepRoutes: readonly Route[] = [confirmRoute, capture, cancel];
