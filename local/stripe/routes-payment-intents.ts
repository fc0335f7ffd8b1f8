import type Stripe from "stripe";
import type { Changes } from "./changes.ts";
import { confirmIntent, withDispute, type ConfirmOptions, type Payer } from "./confirmation.ts";
import { checkAmount, checkCurrency } from "./currencies.ts";
import { invalidParam, missing, unauthenticated } from "./errors.ts";
import { page, parseSearch, satisfies } from "./lists.ts";
import {
  emptyable,
  expandField,
  flag,
  hashOf,
  inRange,
  integer,
  listOf,
  mergeMetadata,
  metadata,
  oneOf,
  pageFields,
  params,
  text,
  timeRange,
} from "./params.ts";
import {
  cancelIntent,
  captureIntent,
  createIntent,
  publicView,
  updateIntent,
  type IntentUpdate,
} from "./payment-intents.ts";
import { newPaymentMethod, testMethod } from "./payment-methods.ts";
import { route, type Call, type Route } from "./routing.ts";
import { newId } from "./store.ts";

const captureMethod = oneOf("automatic", "automatic_async", "manual");
const methodOptions = hashOf({
  card: hashOf({
    capture_method: emptyable(oneOf("manual")),
    request_three_d_secure: oneOf("any", "automatic", "challenge"),
  }),
});
const automatic = hashOf({ enabled: flag, allow_redirects: oneOf("always", "never") }, ["enabled"]);
const descriptive = {
  description: text(1_000),
  receipt_email: emptyable(text(800)),
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(200),
  metadata,
} as const;
const confirming = {
  return_url: text(5_000),
  off_session: flag,
  error_on_requires_action: flag,
  use_stripe_sdk: flag,
} as const;

const UNCOVERED = [
  "amount_details",
  "application_fee_amount",
  "confirmation_method",
  "confirmation_token",
  "customer",
  "customer_account",
  "excluded_payment_method_types",
  "hooks",
  "mandate",
  "mandate_data",
  "on_behalf_of",
  "payment_details",
  "payment_method_configuration",
  "payment_method_data",
  "radar_options",
  "setup_future_usage",
  "shipping",
  "transfer_data",
  "amount_to_confirm",
  "final_capture",
];

/** The PaymentIntent of the path; a client caller must hold its secret. */
function intentOf<P extends { readonly client_secret?: string }>(
  call: Call<P>,
): Stripe.PaymentIntent {
  const intent = call.engine.store.paymentIntents.get(call.id);
  if (intent === undefined) throw missing("payment_intent", call.id, "intent");
  const secret = call.params.client_secret;
  if (secret !== undefined && secret !== intent.client_secret) {
    throw invalidParam(
      "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
      "client_secret",
      "payment_intent_invalid_parameter",
    );
  }
  if (call.client && secret === undefined) {
    throw unauthenticated(
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
      "secret_key_required",
    );
  }
  return intent;
}

/** Makes a payment method of a test id, or takes up the one that a former use made. */
function payerFor(
  call: Call<unknown>,
  id: string,
): { readonly payer: Payer; readonly changes: Changes } {
  const used = call.engine.payerOf(id);
  if (used !== null) return { payer: used, changes: {} };
  const method = testMethod(id);
  if (method === undefined) throw missing("PaymentMethod", id, "payment_method", "param");
  const record = newPaymentMethod(
    newId("pm"),
    id,
    method,
    Math.floor(call.engine.clock.now() / 1_000),
  );
  return { payer: { record, method }, changes: { paymentMethods: [record] } };
}

function confirm(
  call: Call<unknown>,
  intent: Stripe.PaymentIntent,
  id: string | undefined,
  options: ConfirmOptions,
): void {
  const chosen =
    id ?? (typeof intent.payment_method === "string" ? intent.payment_method : undefined);
  const found = chosen === undefined ? undefined : payerFor(call, chosen);
  const changes = confirmIntent(intent, found?.payer ?? null, options, call.engine.tools());
  call.engine.commit({ ...changes, ...found?.changes }, call.cause);
}

/** The PaymentIntent as the caller may see it, after a change. */
function shown(call: Call<unknown>, id: string): object {
  const intent = call.engine.store.paymentIntents.get(id);
  if (intent === undefined) throw missing("payment_intent", id, "intent");
  return call.client ? publicView(intent) : intent;
}

const create = route(
  "POST",
  "/v1/payment_intents",
  params(
    {
      amount: integer(1),
      currency: text(20),
      capture_method: captureMethod,
      confirm: flag,
      payment_method: text(100),
      payment_method_options: methodOptions,
      automatic_payment_methods: automatic,
      allowed_payment_method_types: listOf(oneOf("card", "us_bank_account")),
      ...descriptive,
      ...confirming,
      ...expandField,
    },
    ["amount", "currency"],
    UNCOVERED,
  ),
  (call) => {
    const given = call.params;
    const currency = checkCurrency(given.currency);
    checkAmount(given.amount, currency);
    if (
      given.confirm !== true &&
      (given.return_url !== undefined ||
        given.off_session !== undefined ||
        given.error_on_requires_action !== undefined)
    ) {
      throw invalidParam(
        "The parameters return_url, off_session and error_on_requires_action can only be passed when confirm is true.",
        "confirm",
      );
    }
    const found =
      given.payment_method === undefined ? undefined : payerFor(call, given.payment_method);
    const made = createIntent(
      {
        amount: given.amount,
        currency,
        captureMethod: given.capture_method ?? "automatic",
        cardCaptureMethod: given.payment_method_options?.card?.capture_method ?? null,
        metadata: mergeMetadata({}, given.metadata),
        automaticPaymentMethods: {
          allow_redirects: given.automatic_payment_methods?.allow_redirects ?? "always",
          enabled: given.automatic_payment_methods?.enabled ?? true,
        },
        allowedTypes: given.allowed_payment_method_types ?? null,
        paymentMethod: found?.payer.record.id ?? null,
        description: given.description ?? null,
        receiptEmail: given.receipt_email ?? null,
        statementDescriptor: given.statement_descriptor ?? null,
        statementDescriptorSuffix: given.statement_descriptor_suffix ?? null,
        transferGroup: given.transfer_group ?? null,
      },
      call.engine.tools(),
    );
    call.engine.commit({ ...made, ...found?.changes }, call.cause);
    if (given.confirm === true) confirm(call, made.intent, undefined, confirmOptions(given));
    return shown(call, made.intent.id);
  },
);

function confirmOptions(given: {
  return_url?: string;
  off_session?: boolean;
  error_on_requires_action?: boolean;
}): ConfirmOptions {
  return {
    returnUrl: given.return_url ?? null,
    cannotAuthenticate: given.off_session === true || given.error_on_requires_action === true,
  };
}

const retrieve = route(
  "GET",
  "/v1/payment_intents/:id",
  params({ client_secret: text(), key: text(), ...expandField }),
  (call) => shown(call, intentOf(call).id),
  true,
);

const updateFields = {
  amount: integer(1),
  currency: text(20),
  capture_method: captureMethod,
  payment_method: text(100),
  payment_method_options: methodOptions,
  ...descriptive,
  ...expandField,
} as const;

const update = route(
  "POST",
  "/v1/payment_intents/:id",
  params(updateFields, [], UNCOVERED),
  (call) => {
    const intent = intentOf({ ...call, params: {} });
    const given = call.params;
    const currency = given.currency === undefined ? undefined : checkCurrency(given.currency);
    if (given.amount !== undefined || currency !== undefined)
      checkAmount(given.amount ?? intent.amount, currency ?? intent.currency);
    const found =
      given.payment_method === undefined ? undefined : payerFor(call, given.payment_method);
    const cardCapture = given.payment_method_options?.card?.capture_method;
    const change: IntentUpdate = {
      ...(given.amount === undefined ? {} : { amount: given.amount }),
      ...(currency === undefined ? {} : { currency }),
      ...(given.capture_method === undefined ? {} : { captureMethod: given.capture_method }),
      ...(cardCapture === undefined ? {} : { cardCaptureMethod: cardCapture }),
      ...(given.metadata === undefined ? {} : { metadata: given.metadata }),
      ...(found === undefined ? {} : { paymentMethod: found.payer.record.id }),
      ...(given.description === undefined ? {} : { description: given.description }),
      ...(given.receipt_email === undefined ? {} : { receiptEmail: given.receipt_email }),
      ...(given.transfer_group === undefined ? {} : { transferGroup: given.transfer_group }),
    };
    call.engine.commit({ ...updateIntent(intent, change), ...found?.changes }, call.cause);
    return shown(call, intent.id);
  },
);

const confirmRoute = route(
  "POST",
  "/v1/payment_intents/:id/confirm",
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
      throw invalidParam(
        "This parameter cannot be set with a publishable API key.",
        "capture_method",
      );
    }
    const cardCapture = given.payment_method_options?.card?.capture_method;
    if (
      given.capture_method !== undefined ||
      given.receipt_email !== undefined ||
      cardCapture !== undefined
    ) {
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
  "POST",
  "/v1/payment_intents/:id/capture",
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
    call.engine.commit(
      withDispute(captured, captured.charges?.[0], method, call.engine.tools()),
      call.cause,
    );
    return shown(call, intent.id);
  },
);

const cancel = route(
  "POST",
  "/v1/payment_intents/:id/cancel",
  params({
    cancellation_reason: oneOf("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
    ...expandField,
  }),
  (call) => {
    const intent = intentOf({ ...call, params: {} });
    call.engine.commit(
      cancelIntent(
        intent,
        call.engine.chargeOf(intent),
        call.params.cancellation_reason ?? null,
        call.engine.tools(),
      ),
      call.cause,
    );
    return shown(call, intent.id);
  },
);

const list = route(
  "GET",
  "/v1/payment_intents",
  params({ ...pageFields, created: timeRange }, [], ["customer", "customer_account"]),
  (call) =>
    page(call.engine.store.paymentIntents, "/v1/payment_intents", call.params, (intent) =>
      inRange(intent.created, call.params.created),
    ),
);

const search = route(
  "GET",
  "/v1/payment_intents/search",
  params({ query: text(), limit: integer(1, 100), page: text(100), ...expandField }, ["query"]),
  (call) => {
    const clauses = parseSearch(call.params.query);
    const { limit, page: after } = call.params;
    const found = page(
      call.engine.store.paymentIntents,
      "/v1/payment_intents/search",
      {
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { starting_after: after }),
      },
      (intent) => satisfies(intent, clauses),
    );
    return {
      ...found,
      object: "search_result",
      next_page: found.has_more ? (found.data.at(-1)?.id ?? null) : null,
    };
  },
);

/** The PaymentIntent routes. */
export const paymentIntentRoutes: readonly Route[] = [
  create,
  retrieve,
  update,
  confirmRoute,
  capture,
  cancel,
  list,
  search,
];
