import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { layOut, prepare } from '../../functions/delivery/print/lines.ts';
import { printable } from '../../functions/delivery/print/text.ts';
import { describeWhen } from '../../functions/shared/kernel/when.ts';

describe('printable text', () => {
  it.each([
    ['Ñandú Żółć ẞ €', 'Ñandú Żółć ẞ €'],
    ['a\r\n\tb', 'a b'],
    ['abc\u202Egpj.exe', 'abc gpj.exe'],
    ['\uD800', '\uFFFD'],
    ['e\u0301', 'é'],
    ['  two   words  ', 'two words'],
    [`Z${'\u0335'.repeat(100)}a`, `Z${'\u0335'.repeat(8)}a`],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('never lets a control or a change of direction through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u);
      }),
    );
  });
});

/** Lines of texts whose letters are each one unit wide, as they are drawn from left to right. */
function drawn(text: string, width = 1_000, most = 10): readonly string[] {
  const measure = (part: string): number => Array.from(part).length;
  const { lines } = layOut(prepare(printable(text), 'regular'), 'regular', width, most, measure);
  return lines.map(({ runs }) => runs.map((run) => `${run.font}:${run.text}`).join('|'));
}

describe('a font', () => {
  it.each([
    ['ç', 'c'],
    ['Ñ', 'N'],
    ['ǩ', 'k'],
  ])('still knows the letters of %j when their parts come by themselves, as %j', async (composed, part) => {
    vi.resetModules();
    const { fontOf } = await import('../../functions/delivery/print/faces.ts');
    const font = fontOf('bold');
    // Drawing it, or putting it into a document, fetches its parts.
    for (const { path } of font.layout(composed).glyphs) expect(path.commands).not.toEqual([]);
    expect(font.layout(part).glyphs[0]).toMatchObject({ codePoints: [part.codePointAt(0)], isMark: false });
  });
});

describe('lines of a ticket', () => {
  it('sets each stretch in a font that has its letters, with what stands between them', () => {
    expect(drawn('Rock & 山田 (太郎) 🎸!')).toEqual(['regular:Rock & |han:山田 (太郎) |emoji:🎸|regular:!']);
  });

  it('puts stretches of a right-to-left text in the order in which they are seen, brackets turned', () => {
    // fontkit turns the letters of a stretch round itself, so within one they stay in the order of reading.
    expect(drawn('שלום (abc) עולם')).toEqual(['hebrew:עולם|regular: (|regular:abc|regular:)|hebrew:שלום ']);
    expect(drawn('abc שלום 12')).toEqual(['regular:abc |regular:12|hebrew:שלום ']);
  });

  it('breaks between words, in a word that is longer than the line, and between Chinese letters', () => {
    expect(drawn('one two three', 8)).toEqual(['regular:one two', 'regular:three']);
    expect(drawn('abcdefghij', 4)).toEqual(['regular:abcd', 'regular:efgh', 'regular:ij']);
    expect(drawn('港区赤坂五丁目', 3)).toEqual(['han:港区赤', 'han:坂五丁', 'han:目']);
  });

  it('ends in an ellipsis where it does not fit, and never exceeds its width or its lines', () => {
    expect(drawn('one two three four', 8, 2)).toEqual(['regular:one two', 'regular:three…']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const measure = (part: string): number => Array.from(part).length;
        const { lines } = layOut(prepare(printable(text), 'bold'), 'bold', width, 3, measure);
        expect(lines.length).toBeLessThanOrEqual(3);
        for (const line of lines) expect(line.width).toBeLessThanOrEqual(Math.max(width, 16));
      }),
    );
  });

  it('loses no letter on the way, however they are turned round', () => {
    const letters = fc.constantFrom(...Array.from('abc 12אבג دمس()!🎸山.,-'));
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 40 }), (parts) => {
        const text = printable(parts.join(''));
        const measure = (part: string): number => part.length;
        const [line] = layOut(prepare(text, 'regular'), 'regular', 10_000, 1, measure).lines;
        const seen = (line?.runs ?? []).flatMap((run) => Array.from(run.text));
        const mirrored = (sign: string): string => (sign === ')' ? '(' : sign);
        expect(seen.map(mirrored).toSorted()).toEqual(Array.from(text).map(mirrored).toSorted());
      }),
    );
  });
});

describe('when an event is', () => {
  const at = Date.parse;

  it.each([
    [
      'an evening',
      '2026-12-05T19:00:00Z',
      '2026-12-05T22:30:00Z',
      'Europe/Berlin',
      'Saturday, 5 December 2026',
      '20:00 – 23:30',
      'CET',
    ],
    [
      'past midnight',
      '2026-12-05T22:00:00Z',
      '2026-12-06T02:00:00Z',
      'Europe/Berlin',
      'Saturday, 5 December 2026',
      '23:00 – 03:00',
      'CET',
    ],
    [
      'days on end',
      '2026-07-03T10:00:00Z',
      '2026-07-05T20:00:00Z',
      'Europe/Berlin',
      'Friday, 3 July 2026',
      '12:00 – 22:00, Sunday, 5 July 2026',
      'CEST',
    ],
    ['without an end', '2026-12-05T23:30:00Z', undefined, 'Asia/Tokyo', 'Sunday, 6 December 2026', '08:30', 'GMT+9'],
  ])('is told for %s in its own zone', (_what, start, end, zone, date, time, shown) => {
    expect(describeWhen(at(start), end === undefined ? undefined : at(end), zone)).toEqual({ date, time, zone: shown });
  });
});
