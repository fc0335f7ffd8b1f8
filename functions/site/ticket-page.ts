import { showTicket } from '../delivery/holder-contract.ts';
import { showWallets } from '../delivery/wallet-contract.ts';
import type { Page } from './domain/docs-page.ts';
import { scriptedPage } from './scripted-page.ts';
import { TICKET_PAGE_TEXTS } from './ticket-page-texts.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#16213a;--soft:#57606a;--line:#8c95a8;--back:#fff;--bad:#a11616}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--line:#66708a;--back:#0e1116;--bad:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
main{max-width:28rem;margin:0 auto;padding:1.5rem 1.25rem;overflow-wrap:anywhere}
.brand{letter-spacing:.15em;font-weight:700;font-size:.8rem;color:var(--soft);margin:0}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
.code{display:block;width:100%;max-width:22rem;margin:0 auto;padding:.5rem;background:#fff;border-radius:.75rem;image-rendering:pixelated}
.number{text-align:center;font-weight:700;font-size:1.15rem;margin:.75rem 0 1.25rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1rem;margin:0;border-top:1px solid var(--line);padding-top:1rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:600}
[role=status]:not(:empty),[role=alert]:not(:empty){font-weight:700}
[role=alert]{color:var(--bad)}
.soft{color:var(--soft);font-size:.95rem}
.wallets{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0}
.wallets a{flex:1 1 12rem;padding:.7rem 1rem;border-radius:.6rem;text-align:center;font-weight:600;text-decoration:none;color:#fff;background:#16213a;border:1px solid var(--line)}
.wallets a:focus-visible{outline:3px solid #f2a33c;outline-offset:2px}
[hidden]{display:none}
@media print{.soft,.wallets{display:none}}
`;

/**
 * The script of the page: posts the token of the fragment and shows what it is for. The token stays in the address, so that a
 * reload or a bookmark shows the ticket again; browsers send it to nobody. Texts become text only, never markup. Wallets are
 * offered where they are set up and the device has them; what goes wrong with them leaves the ticket as it is.
 */
const SCRIPT = `'use strict';
(() => {
  const path = ${JSON.stringify(showTicket.path)};
  const walletsPath = ${JSON.stringify(showWallets.path)};
  const texts = ${JSON.stringify(TICKET_PAGE_TEXTS)};
  const language = (navigator.languages || []).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in texts) || 'en';
  const t = texts[language];
  const $ = (id) => document.getElementById(id);
  document.documentElement.lang = language;
  document.title = t.title;
  $('wait').textContent = t.wait;
  $('advice').textContent = t.advice;
  addEventListener('hashchange', () => location.reload());

  const fail = (text) => { $('wait').hidden = true; $('ticket').hidden = true; $('alert').textContent = text; };
  const row = (label, text) => {
    if (!text) return;
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = label;
    value.textContent = text;
    value.dir = 'auto';
    $('details').append(term, value);
  };
  const whenOf = ({ startsAt, timeZone }) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(new Date(startsAt)) + ' (' + timeZone + ')';

  const show = ({ event, ticketNumber, ticketTypeName, seat, accessLevel, holderName, status, qrImage }) => {
    $('title').textContent = event.title;
    document.title = event.title;
    $('code').src = 'data:image/png;base64,' + qrImage;
    $('code').alt = t.code.replace('{number}', ticketNumber);
    $('number').textContent = ticketNumber;
    $('status').textContent = status === 'USED' ? t.used : '';
    row(t.when, whenOf(event));
    row(t.where, [event.venueName, event.city].filter(Boolean).join(', '));
    row(t.type, ticketTypeName);
    row(t.seat, seat);
    row(t.entrance, accessLevel);
    row(t.holder, holderName);
    $('wait').hidden = true;
    $('ticket').hidden = false;
  };

  const post = (to, token) => fetch(to, {
    method: 'POST', credentials: 'omit', cache: 'no-store',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }),
  });

  const offer = (wallet, url) => {
    const link = $(wallet);
    link.textContent = t[wallet];
    link.href = url;
    link.hidden = false;
    $('wallets').hidden = false;
  };

  const offerWallets = async (token) => {
    const answer = await post(walletsPath, token);
    if (answer.status !== 200) return;
    const { apple, google } = await answer.json();
    const hasApple = /iPhone|iPad|iPod|Macintosh/.test(navigator.userAgent);
    if (apple && hasApple) offer('apple', apple.url);
    if (google && !/iPhone|iPad|iPod/.test(navigator.userAgent)) offer('google', google.url);
    // The address of a pass works for ten minutes: whoever leaves the page open gets another in time.
    if (apple && hasApple) setTimeout(() => { offerWallets(token).catch(() => undefined); }, 480000);
  };

  const begin = async () => {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (!token) { fail(t.gone); return; }
    try {
      const answer = await post(path, token);
      if (answer.status !== 200) { fail(answer.status === 410 || answer.status === 400 ? t.gone : t.failed); return; }
      show(await answer.json());
      offerWallets(token).catch(() => undefined);
    } catch {
      fail(t.failed);
    }
  };
  void begin();
})();
`;

/** The page of a ticket that needs no log-in; its code is a picture that stands in the page itself. */
export function makeTicketPage(): Page {
  const t = TICKET_PAGE_TEXTS.en;
  return scriptedPage({
    title: t.title,
    style: STYLE,
    script: SCRIPT,
    pictures: true,
    body: `<p class="brand">ONSALE</p>
<p id="wait" role="status">${t.wait}</p>
<p id="alert" role="alert"></p>
<noscript><p>This page needs JavaScript to read the link that you have opened.</p></noscript>
<article id="ticket" aria-labelledby="title" hidden><h1 id="title" dir="auto"></h1>
<img id="code" class="code" alt="" width="318" height="318"><p id="number" class="number"></p>
<p id="status" role="status"></p>
<p id="wallets" class="wallets" hidden><a id="apple" rel="noopener" hidden></a><a id="google" rel="noopener" hidden></a></p>
<dl id="details"></dl><p id="advice" class="soft"></p></article>`,
  });
}
