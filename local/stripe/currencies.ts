import { invalidParam } from './errors.ts';

/** Presentment currencies without minor units (docs.stripe.com/currencies). */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '));
/** Three decimals; Stripe wants the last digit to be 0. */
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

const TWO_DECIMAL = new Set(
  (
    'usd eur gbp aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf ' +
    'chf cny cop crc cve czk dkk dop dzd egp etb fjd fkp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd ' +
    'kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr ' +
    'nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd ' +
    'twd tzs uah uyu uzs wst yer zar zmw'
  ).split(' '),
);

/** Minimum charge in minor units where Stripe states one; any other currency takes 1 and up. */
const MINIMUM = new Map<string, number>([
  ['usd', 50],
  ['aed', 200],
  ['aud', 50],
  ['bgn', 100],
  ['brl', 50],
  ['cad', 50],
  ['chf', 50],
  ['czk', 1_500],
  ['dkk', 250],
  ['eur', 50],
  ['gbp', 30],
  ['hkd', 400],
  ['huf', 17_500],
  ['inr', 50],
  ['jpy', 50],
  ['mxn', 1_000],
  ['myr', 200],
  ['nok', 300],
  ['nzd', 50],
  ['pln', 200],
  ['ron', 200],
  ['sek', 300],
  ['sgd', 50],
  ['thb', 1_000],
]);

/** Eight digits, whatever the currency (docs.stripe.com/currencies, minimum and maximum charge amounts). */
const MAXIMUM = 99_999_999;

/** Digits after the point: 0, 2 or 3. */
export function decimalsOf(currency: string): number {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/**
 * The currency in lower case.
 * @throws StripeFailure 400 when Stripe does not charge in it.
 */
export function checkCurrency(currency: string): string {
  const code = currency.toLowerCase();
  if (ZERO_DECIMAL.has(code) || THREE_DECIMAL.has(code) || TWO_DECIMAL.has(code)) return code;
  throw invalidParam(
    `Invalid currency: ${code.slice(0, 20)}. Stripe currently supports these currencies: usd, eur, gbp, jpy, kwd, …`,
    'currency',
  );
}

/**
 * Refuses amounts that Stripe refuses: under the currency's minimum, over eight digits, or with a
 * last digit other than 0 in a three-decimal currency.
 * @param amount minor units
 */
export function checkAmount(amount: number, currency: string, param = 'amount'): void {
  const minimum = MINIMUM.get(currency) ?? 1;
  if (amount < minimum) {
    throw invalidParam(`Amount must be at least ${formatMoney(minimum, currency)}`, param, 'amount_too_small');
  }
  if (amount > MAXIMUM) {
    throw invalidParam(`Amount must be no more than ${formatMoney(MAXIMUM, currency)}`, param, 'amount_too_large');
  }
  if (THREE_DECIMAL.has(currency) && amount % 10 !== 0) {
    throw invalidParam(
      `Invalid amount: three-decimal currencies such as ${currency} must be rounded to the nearest ten, so that the last digit is 0.`,
      param,
      'invalid_charge_amount',
    );
  }
}

/** `1234, 'usd'` → `12.34 usd`, for messages only. */
export function formatMoney(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amount).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? `${whole} ${currency}` : `${whole}.${digits.slice(-decimals)} ${currency}`;
}
