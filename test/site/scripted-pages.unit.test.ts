import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';

import { makeInvitationPage } from '../../functions/site/invitation-page.ts';
import { makeOrderPage } from '../../functions/site/order-page.ts';
import { makeTransferPage } from '../../functions/site/transfer-page.ts';

describe.each([
  ['invitation', makeInvitationPage()],
  ['transfer', makeTransferPage()],
  ['order', makeOrderPage()],
])('the page of an %s', (_name, { html, contentSecurityPolicy }) => {
  const partsOf = (tag: string): readonly string[] =>
    [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, text = '']) => text);

  it('allows its own script and style by their hashes, requests to us, and nothing else', () => {
    const hashOf = (text: string | undefined): string =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`;
    const [script, ...moreScripts] = partsOf('script');
    const [style, ...moreStyles] = partsOf('style');
    expect([...moreScripts, ...moreStyles]).toEqual([]);
    expect(contentSecurityPolicy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "connect-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    // What such a policy would refuse: handlers and styles in attributes, and anything from elsewhere.
    expect(html).not.toMatch(/\son\w+=|\sstyle=|\ssrc=|<link|<iframe|https?:\/\//);
  });

  it('has a script that browsers can read, which puts no markup into the page', () => {
    const [script = ''] = partsOf('script');
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function/);
  });

  it('labels every field, and announces what happens', () => {
    for (const [, id = ''] of html.matchAll(/<input id="(\w+)"/g))
      expect(html).toMatch(new RegExp(`<label>.*id="${id}"`));
    expect(html).toContain('role="alert"');
    expect(html).toContain('<html lang="en">');
  });
});
