/**
 * Money is an integer count of the currency's minor unit (cents, yen, fils) and never a float.
 * JPY has 0 decimals and KWD has 3: the amount is still just an integer (invariant I5).
 */
export interface Money {
  /** Integer in minor units. */
  readonly amount: number;
  /** ISO 4217 code in upper case. */
  readonly currency: string;
}

/** The largest amount a payment may have: eight digits, as Stripe's PaymentIntents take. */
export const LARGEST_AMOUNT = 99_999_999;

/** Decimals of the minor unit where they are not 2 (ISO 4217, the currencies that cards settle in). */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'JPY',
    'KMF',
    'KRW',
    'MGA',
    'PYG',
    'RWF',
    'UGX',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code): [string, number] => [code, 0]),
  ...['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code): [string, number] => [code, 3]),
]);

/** How many decimals `currency` (ISO 4217) is written with. */
export function decimalsOf(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/** What amounts of `currency` are multiples of: card networks settle three-decimal currencies in tens only. */
export function stepOf(currency: string): number {
  return decimalsOf(currency) === 3 ? 10 : 1;
}

/** `dividend ÷ divisor` to the nearest integer, a half to the even one (IEEE 754's rule, without its floats). */
export function nearest(dividend: number, divisor: number): number {
  const rest = ((exact(dividend) % divisor) + divisor) % divisor;
  const below = (dividend - rest) / divisor;
  const twice = rest * 2;
  return twice > divisor || (twice === divisor && below % 2 !== 0) ? below + 1 : below;
}

/** Basis points in a whole. */
export const WHOLE_BP = 10_000;

/**
 * `basisPoints` hundredths of a percent of `amount`, to the nearest multiple of `step`, a half to the even one.
 *
 * @param whole how many basis points `amount` is; more than 10,000 where it contains the part that is asked for
 */
export function portion(amount: number, basisPoints: number, step = 1, whole = WHOLE_BP): number {
  return nearest(amount * basisPoints, whole * step) * step;
}

/** `unit × quantity`, refusing what is not an exact integer. */
export function times(unit: Money, quantity: number): Money {
  return { amount: exact(unit.amount * quantity), currency: unit.currency };
}

/**
 * The sum of `parts`, all in `currency`.
 *
 * @throws if a part has another currency: mixing currencies is a bug that a route must have refused
 */
export function sum(parts: readonly Money[], currency: string): Money {
  let amount = 0;
  for (const part of parts) {
    if (part.currency !== currency) throw new Error(`Cannot add ${part.currency} to ${currency}`);
    amount = exact(amount + part.amount);
  }
  return { amount, currency };
}

/**
 * Money as a person reads it, for example `45.00 EUR`.
 *
 * @param language BCP 47; but for English its separators are used: `1.045,00 EUR` in German
 */
export function formatMoney({ amount, currency }: Money, language = 'en'): string {
  const decimals = decimalsOf(currency);
  const digits = Math.abs(amount)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const sign = amount < 0 ? '-' : '';
  const number = decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-decimals)}`;
  return `${language === 'en' ? number : inLanguage(number, decimals, language)} ${currency}`;
}

/** @param number a decimal numeral, which is formatted as it is and never becomes a float */
function inLanguage(number: string, decimals: number, language: string): string {
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a numeral, from an integer
  return format.format(number as Intl.StringNumericLiteral);
}

function exact(amount: number): number {
  if (!Number.isSafeInteger(amount)) throw new Error(`Amount ${amount} is not an exact integer`);
  return amount;
}
