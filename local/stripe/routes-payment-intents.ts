import { checkAmount, checkCurrency } from './currencies.ts';
import { invalidParam } from './errors.ts';
import {
  UNCOVERED,
  captureMethod,
  confirm,
  confirmOptions,
  confirming,
  descriptive,
  intentOf,
  methodOptions,
  payerFor,
  shown,
} from './intent-calls.ts';
import { page, parseSearch, satisfies } from './lists.ts';
import {
  expandField,
  flag,
  hashOf,
  inRange,
  integer,
  listOf,
  mergeMetadata,
  oneOf,
  pageFields,
  params,
  text,
  timeRange,
} from './params.ts';
import { createIntent, updateIntent, type IntentUpdate } from './payment-intents.ts';
import { paymentStepRoutes } from './routes-payment-steps.ts';
import { route, type Route } from './routing.ts';

const automatic = hashOf({ enabled: flag, allow_redirects: oneOf('always', 'never') }, ['enabled']);

const create = route(
  'POST',
  '/v1/payment_intents',
  params(
    {
      amount: integer(1),
      currency: text(20),
      capture_method: captureMethod,
      confirm: flag,
      payment_method: text(100),
      payment_method_options: methodOptions,
      automatic_payment_methods: automatic,
      allowed_payment_method_types: listOf(oneOf('card', 'us_bank_account')),
      ...descriptive,
      ...confirming,
      ...expandField,
    },
    ['amount', 'currency'],
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
        'The parameters return_url, off_session and error_on_requires_action can only be passed when confirm is true.',
        'confirm',
      );
    }
    const found = given.payment_method === undefined ? undefined : payerFor(call, given.payment_method);
    const made = createIntent(
      {
        amount: given.amount,
        currency,
        captureMethod: given.capture_method ?? 'automatic',
        cardCaptureMethod: given.payment_method_options?.card?.capture_method ?? null,
        threeDSecure: given.payment_method_options?.card?.request_three_d_secure ?? 'automatic',
        metadata: mergeMetadata({}, given.metadata),
        automaticPaymentMethods: {
          allow_redirects: given.automatic_payment_methods?.allow_redirects ?? 'always',
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

const retrieve = route(
  'GET',
  '/v1/payment_intents/:id',
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

const update = route('POST', '/v1/payment_intents/:id', params(updateFields, [], UNCOVERED), (call) => {
  const intent = intentOf({ ...call, params: {} });
  const given = call.params;
  const currency = given.currency === undefined ? undefined : checkCurrency(given.currency);
  if (given.amount !== undefined || currency !== undefined)
    checkAmount(given.amount ?? intent.amount, currency ?? intent.currency);
  const found = given.payment_method === undefined ? undefined : payerFor(call, given.payment_method);
  const cardCapture = given.payment_method_options?.card?.capture_method;
  const threeDSecure = given.payment_method_options?.card?.request_three_d_secure;
  const change: IntentUpdate = {
    ...(given.amount === undefined ? {} : { amount: given.amount }),
    ...(currency === undefined ? {} : { currency }),
    ...(given.capture_method === undefined ? {} : { captureMethod: given.capture_method }),
    ...(cardCapture === undefined ? {} : { cardCaptureMethod: cardCapture }),
    ...(threeDSecure === undefined ? {} : { threeDSecure }),
    ...(given.metadata === undefined ? {} : { metadata: given.metadata }),
    ...(found === undefined ? {} : { paymentMethod: found.payer.record.id }),
    ...(given.description === undefined ? {} : { description: given.description }),
    ...(given.receipt_email === undefined ? {} : { receiptEmail: given.receipt_email }),
    ...(given.transfer_group === undefined ? {} : { transferGroup: given.transfer_group }),
  };
  call.engine.commit({ ...updateIntent(intent, change), ...found?.changes }, call.cause);
  return shown(call, intent.id);
});

const list = route(
  'GET',
  '/v1/payment_intents',
  params({ ...pageFields, created: timeRange }, [], ['customer', 'customer_account']),
  (call) =>
    page(call.engine.store.paymentIntents, '/v1/payment_intents', call.params, (intent) =>
      inRange(intent.created, call.params.created),
    ),
);

const search = route(
  'GET',
  '/v1/payment_intents/search',
  params({ query: text(), limit: integer(1, 100), page: text(100), ...expandField }, ['query']),
  (call) => {
    const clauses = parseSearch(call.params.query);
    const { limit, page: after } = call.params;
    const found = page(
      call.engine.store.paymentIntents,
      '/v1/payment_intents/search',
      {
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { starting_after: after }),
      },
      (intent) => satisfies(intent, clauses),
    );
    return {
      ...found,
      object: 'search_result',
      next_page: found.has_more ? (found.data.at(-1)?.id ?? null) : null,
    };
  },
);

/** The PaymentIntent routes. */
export const paymentIntentRoutes: readonly Route[] = [
  create,
  retrieve,
  update,

  ...paymentStepRoutes,
  list,
  search,
];
