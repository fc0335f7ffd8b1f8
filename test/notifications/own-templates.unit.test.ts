import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { exampleMail } from '../../functions/notifications/domain/example-mails.ts';
import { LANGUAGES } from '../../functions/notifications/domain/languages.ts';
import {
  faultsOf,
  fillWords,
  TEMPLATE_NAMES,
  TEMPLATES,
  type OwnTemplate,
  type OwnWords,
  type TemplateName,
} from '../../functions/notifications/domain/own-templates.ts';
import { STAGES } from '../../lib/stages.ts';

const { brand } = STAGES.local;
const own = (name: TemplateName, words: OwnWords, organization = 'Harbour Lights'): OwnTemplate => ({
  organization,
  name,
  version: 1,
  words: () => words,
});
const tagsOf = (html: string): readonly string[] => html.match(/<\/?[a-z][a-z0-9]*/gi) ?? [];

describe('own words are refused', () => {
  it.each([
    ['an unknown placeholder', 'Hello {{constructor}}'],
    ['one of another template', 'Order {{orderNumber}}'],
    ['an open brace', 'Hello {{firstName'],
    ['logic', '{{#if firstName}}Hello{{/if}}'],
    ['three braces', '{{{firstName}}}'],
    ['a link without TLS', 'See http://example.com/a'],
    ['another scheme', 'See ftp://example.com/a'],
    ['a script', 'See javascript:alert(1)'],
    ['a data address', 'See data:text/html,x'],
    ['a link with a name before its host', 'See https://bank.example@evil.example/'],
    ['a link with a port', 'See https://example.com:8443/'],
    ['a link to a number', 'See https://203.0.113.7/'],
    ['a host in other letters', 'See https://exаmple.com/'],
    ['a link that would tell somebody a name', 'See https://example.com/?n={{firstName}}'],
    ['four links', 'https://a.example https://b.example https://c.example https://d.example'],
    ['signs that turn text around', 'Pay \u202Emoc.live'],
    ['signs that cannot be seen', 'Pay\u200B here'],
    ['control signs', 'A\u0000B'],
    ['half a sign', 'A\uD800B'],
  ])('with %s', (_what, intro) => {
    const faults = faultsOf('event-reminder', { de: { intro } });
    expect(faults.map(({ path }) => path)).toContain('texts.de.intro');
  });

  it('with nothing in them, a line break or a link in the subject, or a subject where ours must stay', () => {
    expect(faultsOf('event-reminder', {})).toHaveLength(1);
    expect(faultsOf('event-reminder', { en: {} })).toHaveLength(1);
    expect(faultsOf('event-reminder', { en: { subject: 'A\r\nBcc: b@c.example' } })).toHaveLength(1);
    expect(faultsOf('event-reminder', { en: { subject: 'Go to https://a.example' } })).toHaveLength(1);
    expect(faultsOf('event-cancelled', { en: { subject: 'Great news' } })).toHaveLength(1);
  });
});

describe('own words are taken', () => {
  it('with placeholders of their template, lines, paragraphs and plain links', () => {
    const intro = 'Dear {{ firstName }},\nsee you at {{place}}.\n\nhttps://www.example.com/how-to?x=1#a';
    expect(faultsOf('event-reminder', { fr: { subject: '{{eventTitle}} 🎸', intro } })).toEqual([]);
    expect(fillWords({ intro }, { firstName: 'Ada', place: 'Pier 7' }).intro).toEqual([
      [{ text: 'Dear Ada,\nsee you at Pier 7.' }],
      [{ text: 'https://www.example.com/how-to?x=1#a', link: true }],
    ]);
  });

  it('whatever is taken is filled in whole, without a brace left', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 9 }),
      fc.constantFrom('{{', '}}', '{{firstName}}', 'https://a.example/', '\n\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const intro = pieces.join('');
        if (faultsOf('event-reminder', { en: { intro } }).length > 0) return;
        const filled = fillWords({ intro }, { firstName: 'Ada' }).intro.flat();
        expect(filled.every(({ text }) => !/\{\{|\}\}/.test(text))).toBe(true);
      }),
    );
  });

  it('a value that looks like a placeholder, a link or a tag stays text', () => {
    const values = { firstName: '{{eventTitle}} https://evil.example <b>', eventTitle: 'T' };
    expect(fillWords({ intro: 'Hello {{firstName}}' }, values).intro).toEqual([
      [{ text: 'Hello {{eventTitle}} https://evil.example <b>' }],
    ]);
  });
});

describe.each(TEMPLATE_NAMES)('%s', (name) => {
  const words: OwnWords = {
    ...(TEMPLATES[name].ownSubject ? { subject: 'Hi {{firstName}}: {{eventTitle}}' } : {}),
    intro: 'Dear {{firstName}}, <script>alert(1)</script>\n\nhttps://example.com/a?b=1&c=2',
    closing: `Everything: ${TEMPLATES[name].placeholders.map((each) => `{{${each}}}`).join(' | ')}`,
  };

  it.each(LANGUAGES)('says all that ours says in %s, and the own words below their name', (language) => {
    expect(faultsOf(name, { [language]: words })).toEqual([]);
    const ours = exampleMail(name, language, { brand });
    const theirs = exampleMail(name, language, { brand, own: own(name, words) });
    // Nothing of ours is gone: amounts, links, the reason and the imprint stay as they were.
    const lines = new Set(theirs.text.split('\n'));
    expect(ours.text.split('\n').filter((line) => !lines.has(line))).toEqual(name === 'order-confirmation' ? [] : []);
    for (const [link] of ours.html.matchAll(/href="[^"]+"/g)) expect(theirs.html).toContain(link);
    expect(theirs.html).toContain('Harbour Lights');
    expect(theirs.html).toContain('>https://example.com/a?b=1&amp;c=2</a>');
    expect(theirs.html).not.toContain('<script>');
    expect(theirs.html).not.toMatch(/\{\{|undefined/);
    expect(theirs.text).toContain('> Dear Ada, <script>');
    expect(theirs.subject).toBe(TEMPLATES[name].ownSubject ? 'Hi Ada: Lighthouse Concert' : ours.subject);
  });

  it('has the same tags whatever they hold', () => {
    const withWords = (intro: string, from: string) =>
      tagsOf(exampleMail(name, 'en', { brand, own: own(name, { intro }, from) }).html);
    const usual = withWords('Hello', 'Harbour');
    fc.assert(
      fc.property(fc.constantFrom('<b>', '"><img src=x>', '</td>', '<!--', '[[title]]'), (text) => {
        expect(withWords(text, text)).toEqual(usual);
      }),
    );
  });

  it("is ours where the words are another template's or of another language", () => {
    const other = TEMPLATE_NAMES.find((each) => each !== name) ?? name;
    const ours = exampleMail(name, 'en', { brand });
    expect(exampleMail(name, 'en', { brand, own: own(other, words) })).toEqual(ours);
    expect(exampleMail(name, 'en', { brand, own: { ...own(name, words), words: () => undefined } })).toEqual(ours);
  });
});
