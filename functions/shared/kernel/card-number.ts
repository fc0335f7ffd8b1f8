/**
 * What a payment card's number looks like (ISO/IEC 7812): 13 to 19 digits that begin with the range of an issuer,
 * have a length that its network gives out, and end with a Luhn check digit. Card data goes from the buyer to
 * Stripe alone, so that no part of this system comes under PCI DSS requirement 3.
 */

/** Ranges of issuers as patterns of a number's beginning, with the lengths that are in use. */
const NETWORKS: readonly { readonly begins: RegExp; readonly lengths: readonly number[] }[] = [
  // Visa
  { begins: /^4/, lengths: [13, 16, 19] },
  // Mastercard: 51 to 55, 2221 to 2720
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  // American Express
  { begins: /^3[47]/, lengths: [15] },
  // Diners Club
  { begins: /^3(?:0[0-5]|095|6|[89])/, lengths: [14, 16, 19] },
  // JCB: 3528 to 3589
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16, 19] },
  // Discover, RuPay, UnionPay
  { begins: /^6(?:011|4[4-9]|5|0|2)/, lengths: [16, 17, 18, 19] },
  // RuPay
  { begins: /^(?:508|8[12])/, lengths: [16] },
  // Maestro
  { begins: /^(?:50(?:18|20|38)|5612|5893|6304|6390|67)/, lengths: [13, 14, 15, 16, 17, 18, 19] },
  // Mir, Troy
  { begins: /^(?:220[0-4]|9792)/, lengths: [16] },
];

/** How digits are grouped on cards and by people who copy from them; one and the same separator throughout. */
const GROUPINGS: ReadonlySet<string> = new Set([
  '4-4-4-4',
  '4-4-4-4-1',
  '4-4-4-4-2',
  '4-4-4-4-3',
  '4-4-4-1',
  '4-4-4-2',
  '4-4-4-3',
  '4-6-4',
  '4-6-5',
  '6-13',
  '8-8',
]);

/** Groups in the longest grouping. */
const MOST_GROUPS = 5;

/**
 * Digits that may be separated and are no part of a word. A plus before them makes a telephone number, and a
 * country with check digits an IBAN.
 */
const RUNS =
  /(?<![\p{L}\p{N}_+])(?<!\b[A-Z]{2}\d{2}(?:[ -]?\d{4})*[ -]?)\d+(?:[ \u00A0\u2007\u2009\u202F.\u2010-\u2013-]\d+)*(?![\p{L}\p{N}_])/gu;

/** Whether `text` holds a payment card's number anywhere, with or without separators. Linear in its length. */
export function holdsCardNumber(text: string): boolean {
  if (text.length < 13) return false;
  for (const [run] of text.matchAll(RUNS)) if (run.length >= 13 && runHolds(run)) return true;
  return false;
}

/** A run may hold more than the number, its expiry for example: each stretch of whole groups is looked at. */
function runHolds(run: string): boolean {
  const groups = run.split(/\D/);
  const separators = run.replaceAll(/\d/g, '');
  return groups.some((group, start) => {
    // Next to a point it is a decimal fraction.
    const isWhole = separators[start - 1] !== '.' && separators[start] !== '.';
    if (isWhole && isCardNumber(group)) return true;
    for (let count = 2; count <= MOST_GROUPS && start + count <= groups.length; count += 1) {
      if (new Set(separators.slice(start, start + count - 1)).size > 1) return false;
      const stretch = groups.slice(start, start + count);
      const isGrouped = GROUPINGS.has(stretch.map(({ length }) => length).join('-'));
      if (isGrouped && isCardNumber(stretch.join(''))) return true;
    }
    return false;
  });
}

function isCardNumber(digits: string): boolean {
  return (
    digits.length >= 13 &&
    NETWORKS.some(({ begins, lengths }) => lengths.includes(digits.length) && begins.test(digits)) &&
    passesLuhn(digits)
  );
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighted = place % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
