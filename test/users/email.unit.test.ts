import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { normalizeEmail } from '../../functions/users/domain/email.ts';

describe('spellings of one address', () => {
  it.each([
    ['upper and lower case', 'anna.muster@example.com', 'ANNA.Muster@EXAMPLE.com'],
    ['space around it', 'anna@example.com', ' \tanna@example.com\n'],
    ['full-width letters and signs', 'anna@example.com', 'ＡＮＮＡ＠ｅｘａｍｐｌｅ．ｃｏｍ'],
    ['composed and decomposed letters', 'jörg@example.com', 'jo\u0308rg@example.com'],
    ['capital İ and its lower case', 'İnci@example.com', 'i\u0307nci@example.com'],
    ['capital İ, its parts, and a plain i', 'İNCİ@example.com', 'inci@EXAMPLE.com'],
    ['dotless and dotted i', 'ırmak@example.com', 'IRMAK@example.com'],
    ['a dot above the i and one below it', 'İ\u0323nci@example.com', 'ị\u0307nci@example.com'],
    ['the two small sigmas', 'ΝΙΚΟΣ@example.com', 'νικος@example.com'],
    ['sharp s', 'STRASSE@example.com', 'straße@example.com'],
    ['a ligature', 'fi@example.com', 'ﬁ@example.com'],
    ['the Kelvin sign', 'kelvin@example.com', '\u212Aelvin@example.com'],
    ['what cannot be seen', 'anna@example.com', 'an\u200bna\u00ad@example.com\ufeff'],
    ['a host in punycode', 'anna@bücher.example', 'anna@XN--BCHER-KVA.example'],
    ['the root after the host', 'anna@example.com', 'anna@example.com.'],
  ])('are equal that differ by %s', (_what, one, other) => {
    expect(normalizeEmail(other)).toBe(normalizeEmail(one));
  });

  it.each([
    ['an alias', 'anna@example.com', 'anna+tickets@example.com'],
    ['dots', 'anna.muster@example.com', 'annamuster@example.com'],
    ['an accent', 'jorg@example.com', 'jörg@example.com'],
    ['the host', 'anna@example.com', 'anna@example.org'],
  ])('are kept apart by %s', (_what, one, other) => {
    expect(normalizeEmail(other)).not.toBe(normalizeEmail(one));
  });

  it('come to rest: normal forms are normal, whatever the case and form of Unicode', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(text, (local) => {
        const address = `a${local}@example.com`;
        const normal = normalizeEmail(address);
        expect(normalizeEmail(normal)).toBe(normal);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const)
          expect(normalizeEmail(address.normalize(form))).toBe(normal);
        expect(normalizeEmail(address.toUpperCase())).toBe(normal);
        expect(normalizeEmail(address.toLowerCase())).toBe(normal);
      }),
      { numRuns: 2_000 },
    );
  });
});
