import { createHash } from 'node:crypto';

import { acceptTicket } from '../delivery/transfer-contract.ts';
import { login } from '../users/contract.ts';
import { refresh } from '../users/session-contract.ts';
import type { Page } from './domain/docs-page.ts';
import { PAGE_STYLE } from './page-style.ts';
import { TRANSFER_PAGE_TEXTS } from './transfer-page-texts.ts';

/** Where the script goes; from the contracts, so that a renamed route does not leave the page behind. */
const PATHS = { accept: acceptTicket.path, login: login.path, refresh: refresh.path };

/**
 * The script of the page: signs in and accepts the ticket that the fragment names. A session that the browser has is gone on
 * with, which is also how the script comes by its CSRF token. It puts texts into the page as texts only.
 */
const SCRIPT = `'use strict';
(() => {
  const paths = ${JSON.stringify(PATHS)};
  const texts = ${JSON.stringify(TRANSFER_PAGE_TEXTS)};
  const language = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in texts) || 'en';
  const t = texts[language];
  const $ = (id) => document.getElementById(id);
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token') || '';
  const ticket = fragment.get('ticket') || '';
  let csrf;

  document.documentElement.lang = language;
  document.title = t.title;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t[element.dataset.text];
  addEventListener('hashchange', () => location.reload());

  const say = (text) => { $('alert').textContent = text; };
  const show = (...ids) => { for (const part of document.querySelectorAll('[data-part]')) part.hidden = !ids.includes(part.id); };
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json', ...(csrf === undefined ? {} : { 'x-xsrf-token': csrf }) };
    try {
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' });
      return { status: answer.status, json: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, json: {} };
    }
  };
  const explain = ({ json }) => say(t.problems[json.code] ?? t.failed);

  const accept = async () => {
    const { status, json } = await post(paths.accept.replace('{ticketId}', encodeURIComponent(ticket)), { token });
    if (status === 200) { history.replaceState(null, '', location.pathname); show('done'); return; }
    if (status === 410 || status === 400) { show('gone'); return; }
    if (status === 401) { csrf = undefined; show('lead', 'sign-in'); }
    explain({ json });
  };

  /** One thing at a time, whatever is clicked how often. */
  const once = (work) => async (event) => {
    event.preventDefault();
    const buttons = document.querySelectorAll('button');
    say('');
    for (const button of buttons) button.disabled = true;
    try { await work(); } finally { for (const button of buttons) button.disabled = false; }
  };

  $('accept').addEventListener('click', once(accept));
  $('other').addEventListener('click', once(async () => { csrf = undefined; show('lead', 'sign-in'); $('email').focus(); }));
  $('sign-in').addEventListener('submit', once(async () => {
    const answer = await post(paths.login, { email: $('email').value, password: $('password').value });
    if (answer.status !== 200) { explain(answer); return; }
    csrf = answer.json.csrfToken;
    $('password').value = '';
    show('lead', 'signed-in');
    await accept();
  }));

  const begin = async () => {
    if (token === '' || ticket === '') { show('gone'); return; }
    const session = await post(paths.refresh, {});
    if (session.status === 200) csrf = session.json.csrfToken;
    show('lead', csrf === undefined ? 'sign-in' : 'signed-in');
  };
  void begin();
})();
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The page that the mail with an offered ticket leads to. One file: its policy allows its own style and script by their
 * hashes, and requests to our own origin. The token stays in the fragment, which browsers send to nobody.
 */
export function makeTransferPage(): Page {
  return {
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>A ticket for you</title><style>${PAGE_STYLE}</style></head><body>
<main><h1 data-text="title">A ticket for you</h1>
<p id="wait" data-part data-text="wait">One moment …</p>
<noscript><p>This page needs JavaScript to read the link that you have opened.</p></noscript>
<p id="lead" data-part data-text="lead" hidden></p>
<p id="alert" role="alert"></p>
<section id="signed-in" data-part hidden><button id="accept" type="button" data-text="accept">Accept the ticket</button>
<p><button id="other" class="plain" type="button" data-text="other">Use another account</button></p></section>
<form id="sign-in" data-part hidden><p data-text="signIn"></p>
<label><span data-text="email"></span><input id="email" type="email" autocomplete="username" required maxlength="320"></label>
<label><span data-text="password"></span><input id="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button type="submit" data-text="signInAndAccept">Log in and accept</button>
<p class="soft" data-text="noAccount"></p></form>
<p id="done" data-part role="status" data-text="done" hidden></p>
<p id="gone" data-part role="status" data-text="gone" hidden></p>
</main><script>${SCRIPT}</script></body></html>`,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src ${hashOf(SCRIPT)}`,
      `style-src ${hashOf(PAGE_STYLE)}`,
      "connect-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
