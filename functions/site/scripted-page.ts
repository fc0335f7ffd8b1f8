import { createHash } from 'node:crypto';

import { escapeHtml } from './domain/escape.ts';
import type { Page } from './domain/docs-page.ts';

/** What a page with a script of its own is made of. */
export interface PageParts {
  /** As its tab is called until the script knows better. */
  readonly title: string;
  readonly style: string;
  readonly script: string;
  /** Markup of `main`; whatever comes from outside is escaped already. */
  readonly body: string;
  /** Whether pictures stand in the page itself, as `data:`. */
  readonly pictures?: true;
}

/**
 * One file: its policy allows its own style and script by their hashes, requests to our own origin, and nothing else.
 * The script can put texts into the page, but no markup.
 */
export function scriptedPage({ title, style, script, body, pictures }: PageParts): Page {
  return {
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<main>${body}</main><script>${script}</script></body></html>`,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "connect-src 'self'",
      ...(pictures === true ? ['img-src data:'] : []),
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
