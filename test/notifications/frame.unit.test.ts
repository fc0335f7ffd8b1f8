import { expect, it } from 'vitest';

import { contrast, parseBrand, readableOn } from '../../functions/notifications/domain/brand.ts';
import { FRAME } from '../../functions/notifications/domain/frame.ts';
import { isolate } from '../../functions/notifications/domain/isolate.ts';
import { STAGES } from '../../lib/stages.ts';
import { compileFrame } from '../../scripts/mail/frame.ts';
import { samples } from '../../scripts/mail/samples.ts';

const LOGO = { url: 'https://example.com/a.png?b="><script>', width: 120, height: 40 };
const WITH_LOGO = { brand: { ...STAGES.local.brand, name: '<Harbour> & "Lights"', logo: LOGO } };

it('is what MJML makes of its source', async () => {
  expect(await compileFrame()).toEqual(FRAME);
});

it('leaves no slot open in any mail, loads nothing from elsewhere, says its language and has its texts read out', () => {
  for (const { html, language } of samples(false, STAGES.local)) {
    expect(html).not.toMatch(/\[\[|\{brand\}/);
    expect(html).not.toMatch(/@import|<link|url\(/);
    expect(html.match(/<html [^>]*lang="(\w+)"/)?.[1]).toBe(language);
    for (const [image] of html.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="[^"]+"/);
    for (const [table] of html.matchAll(/<table(?![^>]*\[if)[^>]*>/g)) expect(table).toContain('role="presentation"');
    expect(html.match(/<h1/g)).toHaveLength(1);
    // Gmail cuts off what is longer.
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  }
});

it("shows the operator's name, colours and imprint in every mail, and its logo where there is one", () => {
  const brand = {
    ...STAGES.local.brand,
    name: 'Pier Nine',
    color: '#ffe27a',
    accent: '#0a7d5a',
    imprint: 'Pier Nine Ltd',
  };
  for (const { subject, html, text } of samples(false, { brand })) {
    for (const body of [html, text]) {
      expect(body).toContain('Pier Nine Ltd');
      expect(body).toContain(brand.contact);
      expect(body).not.toMatch(/onsale(?!\.example|")/i);
    }
    expect(subject).not.toContain('Onsale');
    expect(html).toContain('PIER NINE');
    // Dark letters on a light colour.
    expect(html).toContain('color:#16213a');
    expect(html).toContain('background:#ffe27a');
  }
  for (const { html } of samples(false, WITH_LOGO)) {
    expect(html).toContain('alt="&lt;Harbour&gt; &amp; &quot;Lights&quot;"');
    expect(html).not.toContain('<script>');
  }
});

it('writes in letters that can be read on every colour', () => {
  for (let grey = 0; grey <= 255; grey += 1) {
    const color = `#${grey.toString(16).padStart(2, '0').repeat(3)}`;
    expect(contrast(color, readableOn(color))).toBeGreaterThan(3.9);
  }
});

it('refuses a setting that could not be shown', () => {
  const { brand } = STAGES.local;
  expect(parseBrand(JSON.stringify(brand))).toEqual(brand);
  for (const wrong of [
    { ...brand, name: 'A\r\nBcc: b@c' },
    { ...brand, color: 'red' },
    { ...brand, logo: { ...LOGO, url: 'http://example.com/a.png' } },
    { ...brand, extra: 1 },
  ])
    expect(() => parseBrand(JSON.stringify(wrong))).toThrow(/"code"/);
});

it('isolates names that run from right to left, and leaves others alone', () => {
  expect(isolate('Ada')).toBe('Ada');
  expect(isolate('夜のコンサート')).toBe('夜のコンサート');
  expect(isolate('مساء')).toBe('\u2068مساء\u2069');
});
