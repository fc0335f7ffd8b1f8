import { escapeHtml } from './domain/escape.ts';
import type { Page } from './domain/docs-page.ts';
import { LINK_PAGE_SCRIPT } from './link-page-script.ts';
import { LINK_PAGE_TEXTS, type LinkPageKind } from './domain/link-page-texts.ts';
import { scriptedPage } from './scripted-page.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--back:#fff;--accent:#0b57b0;--on:#fff;--bad:#a40e26}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#6e7781;--back:#0e1116;--accent:#7ab7ff;--on:#0e1116;--bad:#ff8182}}
*{box-sizing:border-box}
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
main{max-width:28rem;margin:0 auto;padding:2rem 1.25rem}
.brand{letter-spacing:.15em;font-weight:700;font-size:.8rem;color:var(--soft)}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}
form{display:grid;gap:1rem;margin:1.5rem 0}
[hidden]{display:none}
label{display:grid;gap:.3rem;font-weight:600}
input{font:inherit;padding:.7rem;border:1px solid var(--line);border-radius:.5rem;color:inherit;background:transparent;width:100%}
button{font:inherit;font-weight:700;padding:.8rem 1rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer}
button:disabled{opacity:.6;cursor:wait}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}
.soft{color:var(--soft);font-size:.95rem;margin:0}
.bad{color:var(--bad);font-weight:600}
`;

/**
 * The page of a mailed link. It reads the token from the fragment of its own address, takes it out of the address at
 * once, and posts it to the API when its reader presses the button: programs that only look at links spend none.
 */
export function linkPageOf(kind: LinkPageKind): Page {
  const texts = LINK_PAGE_TEXTS.en;
  const text = texts.pages[kind];
  const script = LINK_PAGE_SCRIPT.replace('"KIND"', () => JSON.stringify(kind)).replace('"TEXTS"', () =>
    jsonOf(LINK_PAGE_TEXTS),
  );
  const choosesPassword = kind === 'reset-password';
  const asksPassword = kind === 'verify-email' || kind === 'confirm-email';
  const body = `<p class="brand">ONSALE</p>
<h1 id="title" tabindex="-1">${escapeHtml(text.title)}</h1>
<p id="status" role="status" aria-live="polite" hidden></p>
<form id="act" aria-labelledby="title"><p id="lead">${escapeHtml(text.lead)}</p>${
    choosesPassword
      ? `<label><span id="new-label">${escapeHtml(texts.newPassword)}</span><input id="new" type="password" autocomplete="new-password" required maxlength="200" aria-describedby="rules"></label>
<p id="rules" class="soft">${escapeHtml(texts.rules)}</p>
<label><span id="again-label">${escapeHtml(texts.again)}</span><input id="again" type="password" autocomplete="new-password" required maxlength="200"></label>`
      : ''
  }${
    asksPassword
      ? `<label><span id="password-label">${escapeHtml(texts.password.label)}</span><input id="password" type="password" autocomplete="current-password" required maxlength="200"></label>`
      : ''
  }<button id="act-button">${escapeHtml(text.button)}</button>${
    // An account whose address is only about to change goes on with the old one: there is nothing to take over.
    kind === 'verify-email'
      ? `<p class="soft"><span id="not-mine">${escapeHtml(texts.password.notMine)}</span> <a id="reset" href="/reset-password">${escapeHtml(texts.password.reset)}</a></p>`
      : ''
  }</form>
<form id="ask" aria-labelledby="title" hidden><p id="ask-lead">${escapeHtml(texts.ask.lead)}</p>
<label><span id="email-label">${escapeHtml(texts.ask.email)}</span><input id="email" type="email" autocomplete="email" required maxlength="320"></label>
<button id="ask-button">${escapeHtml(texts.ask.button)}</button></form>
<noscript><p class="bad">This page needs JavaScript to send the link back.</p></noscript>`;
  return scriptedPage({ title: text.title, style: STYLE, script, body });
}

/** JSON that cannot end the script that it stands in. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
