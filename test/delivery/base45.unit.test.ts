import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeBase45, encodeBase45 } from '../../functions/delivery/domain/base45.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('base45', () => {
  // RFC 9285, section 4.3 and 4.4.
  it.each([
    ['AB', 'BB8'],
    ['Hello!!', '%69 VD92EX0'],
    ['base-45', 'UJCLQE7W581'],
    ['ietf!', 'QED8WEX0'],
  ])('writes and reads the example %s of the RFC', (plain, text) => {
    expect(encodeBase45(bytesOf(plain))).toBe(text);
    expect(decodeBase45(text)).toEqual(bytesOf(plain));
  });

  // A decoder that lets one of these through gives two texts for one ticket, or reads past the alphabet.
  it.each([
    ['FGW too large by one', 'GGW'],
    ['a pair over 255', '::'],
    ['a lone character', 'A'],
    ['one character too many', 'BB8A'],
    ['lower case', 'bb8'],
    ['a sign outside the alphabet', 'BB_'],
    ['a surrogate pair', '😀8'],
  ])('refuses %s', (_what, text) => {
    expect(decodeBase45(text)).toBeUndefined();
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeBase45(encodeBase45(bytes))).toEqual(bytes);
      }),
    );
  });

  it('knows one text only for the same bytes', () => {
    const letters = fc.constantFrom(...Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), (text) => {
        const bytes = decodeBase45(text);
        expect(bytes === undefined ? text : encodeBase45(bytes)).toBe(text);
      }),
    );
  });
});
