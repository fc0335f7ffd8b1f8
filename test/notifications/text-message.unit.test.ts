import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '../../functions/notifications/domain/languages.ts';
import {
  MOST_SEGMENTS,
  segmentsOf,
  wordText,
  type TextNews,
} from '../../functions/notifications/domain/text-message.ts';

const URL_OF = 'https://tickets.example.com/orders/01JD0000000000000000000000';
const NEWS = ['tickets', 'paymentFailed', 'moved', 'changed', 'delay', 'reminder'] as const;
const text = (title: string, as: Partial<TextNews> = {}, locale = 'en', name = 'Onsale'): string =>
  wordText(
    { news: 'tickets', title, startsAt: Date.UTC(2026, 11, 5, 19), timeZone: 'Europe/Berlin', url: URL_OF, ...as },
    locale,
    { name },
  );

it('comes in the name of the operator, which takes its part of the room', () => {
  const name = 'Konzerthaus am Hafen von Rotterdam (KHR)';
  const said = text('x'.repeat(200), {}, 'de', name);
  expect(said.startsWith(`${name}: `)).toBe(true);
  expect(segmentsOf(said)).toBeLessThanOrEqual(MOST_SEGMENTS);
});

describe('the segments of a text', () => {
  it.each([
    ['', 1],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    // What the extension table has takes two septets, and is not cut in two.
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    ['€'.repeat(152), 2],
    ['€'.repeat(153), 3],
    ['ü'.repeat(160), 1],
    // A single other sign makes all of it UCS-2.
    ['ç'.repeat(70), 1],
    ['ç'.repeat(71), 2],
    ['ç'.repeat(134), 2],
    ['ç'.repeat(135), 3],
    ['🎸'.repeat(35), 1],
    ['🎸'.repeat(36), 2],
    // 67 units hold 33 pairs.
    ['🎸'.repeat(66), 2],
    ['🎸'.repeat(67), 3],
  ])('%j are counted as phones count them', (message, segments) => {
    expect(segmentsOf(message)).toBe(segments);
  });
});

describe('a text message', () => {
  it('says what it is about, when, and where to look, in each language', () => {
    for (const language of LANGUAGES)
      for (const news of NEWS) {
        const words = text('Lighthouse', { news }, language);
        expect(words).toMatch(
          /^Onsale: .*Lighthouse.* https:\/\/tickets\.example\.com\/orders\/01JD0000000000000000000000$/,
        );
        expect(segmentsOf(words), words).toBeLessThanOrEqual(MOST_SEGMENTS);
      }
    expect(text('Lighthouse', { news: 'reminder' }, 'de-AT')).toContain('Bald ist Lighthouse: 5. Dez., 20:00.');
  });

  it.each([
    ['Dr.No at evil.example/x?y', 'Dr. No at evil. example/x?y'],
    ['https://evil.example', 'https: evil. example'],
    ['Version 2.0, 1.5 hours', 'Version 2.0, 1.5 hours'],
    ['10.0.0.1', '10. 0. 0. 1'],
    ['ｅｖｉｌ．ｅｘａｍｐｌｅ', 'ｅｖｉｌ． ｅｘａｍｐｌｅ'],
    ['a\r\nOnsale: b\u2028c', 'a Onsale: b c'],
    ['\u202Eecnirp\u200B\u2066', 'ecnirp'],
    ['“Live” – at the ‘Pier’…', `"Live" - at the 'Pier'...`],
    ['{{constructor}} <b>', '{{constructor}} <b>'],
    ['  ', '...'],
  ])('writes the title %j as %j', (title, shown) => {
    expect(text(title)).toBe(`Onsale: your tickets for ${shown} are ready, and in your mail. ${URL_OF}`);
  });

  it('has two segments at most, and no address but ours, whatever a title holds', () => {
    const titles = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.webUrl(),
      fc.domain(),
      fc.ipV4(),
      fc.emailAddress(),
    );
    fc.assert(
      fc.property(titles, fc.constantFrom(...NEWS), fc.constantFrom(...LANGUAGES), (title, news, language) => {
        const words = text(title, { news }, language);
        expect(segmentsOf(words)).toBeLessThanOrEqual(MOST_SEGMENTS);
        expect(words.endsWith(` ${URL_OF}`)).toBe(true);
        const rest = words.slice(0, -URL_OF.length);
        expect(rest).not.toMatch(/:\/\/|\p{L}[.．。｡]\p{L}|\d+\.\d+\.\d+\.\d+|[\r\n\u2028\u2029]|\p{Bidi_Control}/u);
        expect(rest.isWellFormed()).toBe(true);
      }),
    );
  });

  it('shortens a long title between signs, not within them', () => {
    const family = '👨‍👩‍👧';
    const words = text(family.repeat(40));
    expect(segmentsOf(words)).toBeLessThanOrEqual(MOST_SEGMENTS);
    expect(words).toContain('...');
    expect(text('x'.repeat(500))).toContain('x'.repeat(20));
  });
});
