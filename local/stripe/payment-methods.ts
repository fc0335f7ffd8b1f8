import type Stripe from 'stripe';

/** Why an attempt is refused, in Stripe's words (docs.stripe.com/declines/codes). */
export interface Decline {
  readonly code: string;
  readonly declineCode?: string;
  readonly message: string;
}

/** What an attempt to pay with a test payment method does. */
export type Behaviour =
  | { readonly kind: 'approve' }
  | { readonly kind: 'decline'; readonly decline: Decline }
  | { readonly kind: 'authenticate'; readonly afterwards: Behaviour }
  | { readonly kind: 'process'; readonly decline: Decline | null };

/** A test payment method: how an attempt goes, and what follows a successful one. */
export interface TestMethod {
  readonly type: 'card' | 'us_bank_account';
  readonly brand: 'visa' | 'mastercard' | 'amex' | 'none';
  readonly last4: string;
  readonly behaviour: Behaviour;
  readonly refunds?: 'pending' | 'fail';
  readonly dispute?: 'fraudulent' | 'product_not_received';
  readonly captureFails?: true;
  /** What the provider makes of the payment; `normal` unless said. */
  readonly risk?: 'elevated' | 'highest';
}

const APPROVE: Behaviour = { kind: 'approve' };
const declines = (code: string, message: string, declineCode?: string): Behaviour => ({
  kind: 'decline',
  decline: { code, message, ...(declineCode === undefined ? {} : { declineCode }) },
});
const DECLINED = 'Your card was declined.';
const card = (last4: string, behaviour: Behaviour = APPROVE, more: Partial<TestMethod> = {}): TestMethod => ({
  type: 'card',
  brand: 'visa',
  last4,
  behaviour,
  ...more,
});
const bank = (decline: Decline | null): TestMethod => ({
  type: 'us_bank_account',
  brand: 'none',
  last4: '6789',
  behaviour: { kind: 'process', decline },
});

/** Test payment methods by the ids of docs.stripe.com/testing, and two of the stand-in's own. */
const TEST_METHODS: ReadonlyMap<string, TestMethod> = new Map([
  ['pm_card_visa', card('4242')],
  ['pm_card_visa_debit', card('5556')],
  ['pm_card_mastercard', card('4444', APPROVE, { brand: 'mastercard' })],
  ['pm_card_amex', card('0005', APPROVE, { brand: 'amex' })],
  ['pm_card_chargeDeclined', card('0002', declines('card_declined', DECLINED, 'generic_decline'))],
  ['pm_card_visa_chargeDeclined', card('0002', declines('card_declined', DECLINED, 'generic_decline'))],
  [
    'pm_card_chargeDeclinedInsufficientFunds',
    card('9995', declines('card_declined', 'Your card has insufficient funds.', 'insufficient_funds')),
  ],
  [
    'pm_card_visa_chargeDeclinedInsufficientFunds',
    card('9995', declines('card_declined', 'Your card has insufficient funds.', 'insufficient_funds')),
  ],
  ['pm_card_chargeDeclinedLostCard', card('9987', declines('card_declined', DECLINED, 'lost_card'))],
  ['pm_card_chargeDeclinedStolenCard', card('9979', declines('card_declined', DECLINED, 'stolen_card'))],
  ['pm_card_chargeDeclinedFraudulent', card('0019', declines('card_declined', DECLINED, 'fraudulent'))],
  ['pm_card_chargeDeclinedExpiredCard', card('0069', declines('expired_card', 'Your card has expired.'))],
  [
    'pm_card_chargeDeclinedIncorrectCvc',
    card('0127', declines('incorrect_cvc', "Your card's security code is incorrect.")),
  ],
  [
    'pm_card_chargeDeclinedProcessingError',
    card(
      '0119',
      declines('processing_error', 'An error occurred while processing your card. Try again in a little bit.'),
    ),
  ],
  ['pm_card_authenticationRequired', card('3184', { kind: 'authenticate', afterwards: APPROVE })],
  ['pm_card_threeDSecure2Required', card('3220', { kind: 'authenticate', afterwards: APPROVE })],
  ['pm_card_threeDSecureRequired', card('3063', { kind: 'authenticate', afterwards: APPROVE })],
  [
    'pm_card_threeDSecureRequiredChargeDeclined',
    card('8372', {
      kind: 'authenticate',
      afterwards: declines('card_declined', DECLINED, 'generic_decline'),
    }),
  ],
  ['pm_card_createDispute', card('0259', APPROVE, { dispute: 'fraudulent' })],
  ['pm_card_createDisputeProductNotReceived', card('2685', APPROVE, { dispute: 'product_not_received' })],
  ['pm_card_pendingRefund', card('7726', APPROVE, { refunds: 'pending' })],
  ['pm_card_refundFail', card('5126', APPROVE, { refunds: 'fail' })],
  ['pm_card_riskLevelElevated', card('9235', APPROVE, { risk: 'elevated' })],
  ['pm_card_riskLevelHighest', card('4954', APPROVE, { risk: 'highest' })],
  // Stripe has no test card whose capture is refused; this id is the stand-in's own.
  ['pm_card_captureFails', card('1881', APPROVE, { captureFails: true })],
  ['pm_usBankAccount', bank(null)],
  ['pm_usBankAccount_success', bank(null)],
  [
    'pm_usBankAccount_insufficientFunds',
    bank({
      code: 'insufficient_funds',
      message: 'The payment failed because the account has insufficient funds.',
    }),
  ],
  [
    'pm_usBankAccount_accountClosed',
    bank({ code: 'account_closed', message: "The customer's bank account has been closed." }),
  ],
]);

/** A payment method as stored: Stripe's object, and the test method it was made from. */
export interface PaymentMethodRecord {
  readonly id: string;
  readonly test: string;
  readonly object: Stripe.PaymentMethod;
}

/** The test method's script, or undefined when the id is none of them. */
export function testMethod(id: string): TestMethod | undefined {
  return TEST_METHODS.get(id);
}

/** Every test payment method id, for documentation and tests. */
export function testMethodIds(): readonly string[] {
  return [...TEST_METHODS.keys()];
}

export const NO_BILLING: Stripe.PaymentMethod.BillingDetails = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

/**
 * Makes the payment method that using a test id stands for; as at Stripe each use gives a new one.
 * @param created Unix seconds
 */
export function newPaymentMethod(id: string, test: string, method: TestMethod, created: number): PaymentMethodRecord {
  const common = {
    id,
    object: 'payment_method',
    billing_details: NO_BILLING,
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    allow_redisplay: 'unspecified',
  } as const;
  const object: Stripe.PaymentMethod =
    method.type === 'card'
      ? { ...common, type: 'card', card: cardOf(method) }
      : { ...common, type: 'us_bank_account', us_bank_account: bankOf(method) };
  return { id, test, object };
}

function cardOf(method: TestMethod): Stripe.PaymentMethod.Card {
  return {
    brand: method.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'unchecked' },
    country: 'US',
    display_brand: method.brand,
    exp_month: 12,
    exp_year: 2034,
    fingerprint: `standin${method.last4}`,
    funding: 'credit',
    generated_from: null,
    last4: method.last4,
    networks: { available: [method.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

function bankOf(method: TestMethod): Stripe.PaymentMethod.UsBankAccount {
  return {
    account_holder_type: 'individual',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    financial_connections_account: null,
    fingerprint: `standin${method.last4}`,
    last4: method.last4,
    networks: { preferred: 'ach', supported: ['ach'] },
    routing_number: '110000000',
    status_details: {},
  };
}
