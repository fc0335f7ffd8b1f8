import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { printable } from '../../functions/delivery/print/text.ts';
import { describeWhen } from '../../functions/shared/kernel/when.ts';

describe('printable text', () => {
  it.each([
    ['Ñandú Żółć Ελληνικά Кириллица ẞ €', 'Ñandú Żółć Ελληνικά Кириллица ẞ €'],
    ['東京', '\uFFFD\uFFFD'],
    ['a👩‍👩‍👧‍👦b', 'a\uFFFDb'],
    ['שלום', '\uFFFD\uFFFD\uFFFD\uFFFD'],
    ['a\r\n\tb', 'a b'],
    ['abc\u202Egpj.exe', 'abc gpj.exe'],
    ['\uD800', '\uFFFD'],
    ['e\u0301', 'é'],
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
