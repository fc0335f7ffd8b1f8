import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { degrees } from '../../functions/shared/kernel/degrees.ts';
import { canonicalJson, shortHash } from '../../functions/shared/kernel/hash.ts';
import { decodeUlid, derivedId, encodeUlid, readableNumber, ULID_PATTERN } from '../../functions/shared/kernel/ids.ts';
import { decimalsOf, formatMoney, sum, times } from '../../functions/shared/kernel/money.ts';

describe('ids', () => {
  it('a derived id is a ULID, the same for the same parts and another for others', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (parts, others) => {
        expect(derivedId(...parts)).toMatch(ULID_PATTERN);
        expect(derivedId(...parts)).toBe(derivedId(...parts));
        fc.pre(JSON.stringify(parts) !== JSON.stringify(others));
        expect(derivedId(...parts)).not.toBe(derivedId(...others));
      }),
    );
  });

  it('parts cannot be shifted over their borders', () => {
    expect(derivedId('ab', 'c')).not.toBe(derivedId('a', 'bc'));
    expect(derivedId('a","b')).not.toBe(derivedId('a', 'b'));
  });

  it('encoding sixteen bytes and decoding them is the identity', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = encodeUlid(bytes);
        expect(id).toMatch(ULID_PATTERN);
        expect(decodeUlid(id)).toEqual(bytes);
      }),
    );
  });

  it('a readable number has no look-alikes and does not change', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(readableNumber('ON', id)).toMatch(/^ON-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(readableNumber('ON', id)).toBe(readableNumber('ON', id));
      }),
    );
  });
});

describe('money', () => {
  it('multiplies and adds integers exactly or not at all', () => {
    expect(times({ amount: 1_999, currency: 'EUR' }, 3)).toEqual({ amount: 5_997, currency: 'EUR' });
    expect(
      sum(
        [
          { amount: 1, currency: 'KWD' },
          { amount: 2, currency: 'KWD' },
        ],
        'KWD',
      ),
    ).toEqual({ amount: 3, currency: 'KWD' });
    expect(() => times({ amount: 0.5, currency: 'EUR' }, 1)).toThrow('exact integer');
    expect(() => times({ amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' }, 2)).toThrow('exact integer');
    expect(() => sum([{ amount: 1, currency: 'EUR' }], 'USD')).toThrow('Cannot add');
    expect(sum([], 'EUR')).toEqual({ amount: 0, currency: 'EUR' });
  });

  it.each([
    [4_500, 'EUR', '45.00 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [-5, 'EUR', '-0.05 EUR'],
    [1_200, 'JPY', '1200 JPY'],
    [1_234, 'KWD', '1.234 KWD'],
    [0, 'KWD', '0.000 KWD'],
  ])('%i %s reads %s', (amount, currency, text) => {
    expect(formatMoney({ amount, currency })).toBe(text);
    expect(decimalsOf(currency)).toBe(text.includes('.') ? (text.split(' ')[0]?.split('.')[1]?.length ?? 0) : 0);
  });

  it.each([
    ['de', 123_456_700, 'EUR', '1.234.567,00 EUR'],
    ['fr', 123_450, 'EUR', '1\u202f234,50 EUR'],
    ['es', 4_500, 'EUR', '45,00 EUR'],
    ['de', -5, 'EUR', '-0,05 EUR'],
    ['de', 1_200, 'JPY', '1.200 JPY'],
    // More digits than a float keeps.
    ['de', Number.MAX_SAFE_INTEGER, 'KWD', '9.007.199.254.740,991 KWD'],
  ])('in %s, %i %s reads %s', (language, amount, currency, text) => {
    expect(formatMoney({ amount, currency }, language)).toBe(text);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, leaves undefined out, and tells values apart', () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, c: [2, 1] } })).toBe('{"a":{"c":[2,1]},"b":1}');
    expect(canonicalJson({ set: new Set(['b', 'a']) })).toBe('{"set":["a","b"]}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sent: unknown = JSON.parse(JSON.stringify(value));
        expect(canonicalJson(sent)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(sent);
      }),
    );
    expect(shortHash('a')).toMatch(/^[\w-]{22}$/);
  });
});

describe('coordinates', () => {
  it.each([
    [53.5411, 53.5411],
    [9.9e-183, 0],
    [-1e-9, 0],
    [-90, -90],
    [13.40495400012, 13.404954],
  ])('%d is kept to the centimetre, as a number that the table takes', (given, kept) => {
    expect(degrees(90).parse(given)).toBe(kept);
  });

  it('is no more than the globe has', () => {
    expect(degrees(90).safeParse(90.1).success).toBe(false);
    expect(degrees(180).safeParse(90.1).success).toBe(true);
  });
});
